import type { Clock } from '../../kernel/index.js';
import { answered, noAnswer } from '../answers.js';
import { SmsProvider } from '../sms-provider.js';
import type {
  Answer,
  BulkOutcome,
  CallTerms,
  CancelAnswer,
  OutgoingBulk,
  OutgoingSms,
  ProviderAccount,
  ProviderCredential,
  ProviderOptOut,
  ProviderStatus,
  SendOutcome,
} from '../sms-provider.js';
import {
  answerOf,
  forcedBulkOutcome,
  forcedOutcome,
  goesOutAnyway,
  receiptStatusFor,
  refusedAmong,
} from './magic-numbers.js';
import { ReceiptQueue } from './receipt-queue.js';
import { recipientsOf, SimulatedCalls, textsOf } from './simulated-calls.js';
import type { SimulatedCall, SimulatedSms } from './simulated-calls.js';
import { SimulatedOptOuts } from './simulated-opt-outs.js';
import { simulatedCost, simulatedParts } from './simulated-price.js';

export interface SimulatorOptions {
  readonly clock: Clock;
  /** From acceptance to receipt, by the clock. */
  readonly receiptDelayMs: number;
}

const END_OF_TIME = new Date(8.64e15);
const CURRENCY = 'EUR';
const BALANCE = '1000000.0000';
const STOPPED = {
  status: 'not-sent',
  cause: 'unreachable',
  reason: 'stopped before the call',
  retryAfterMs: null,
} as const satisfies SendOutcome;

/**
 * A provider that sends nothing: it accepts, bills, posts receipts by real HTTP and answers for what it remembers.
 * `magic-numbers.ts` lists its moods.
 */
export class SimulatorProvider extends SmsProvider {
  readonly name = 'simulator';
  private readonly receipts = new ReceiptQueue();
  private readonly calls = new SimulatedCalls();
  private readonly stopList = new SimulatedOptOuts();
  private nextMessageId: number;

  constructor(private readonly options: SimulatorOptions) {
    super();
    // Microseconds: a restart begins above the ids of the run before it, up to a million SMS a second.
    this.nextMessageId = options.clock.now().getTime() * 1_000;
  }

  /** What went out in the last thousand calls, oldest first; a bulk call's texts one by one. */
  get accepted(): readonly SimulatedSms[] {
    return this.calls.texts();
  }

  get pendingReceipts(): number {
    return this.receipts.size;
  }

  async send(sms: OutgoingSms, _credential: ProviderCredential | null, call: CallTerms): Promise<SendOutcome> {
    if (call.signal.aborted || !call.mayStart()) return STOPPED;
    const forced = forcedOutcome(sms.recipients);
    if (forced !== null && !goesOutAnyway(sms.recipients, forced)) return forced;
    const accepted = this.accept(sms);
    return forced ?? accepted;
  }

  async sendBulk(bulk: OutgoingBulk, _credential: ProviderCredential | null, call: CallTerms): Promise<BulkOutcome> {
    if (call.signal.aborted || !call.mayStart()) return STOPPED;
    const recipients = recipientsOf(bulk);
    const forced = forcedBulkOutcome(recipients);
    if (forced !== null && !goesOutAnyway(recipients, forced)) return forced;
    const refused = refusedAmong(recipients);
    const left = new Set(refused.map(({ phoneNumber }) => phoneNumber));
    const messages = bulk.messages.filter(({ phoneNumber }) => !left.has(phoneNumber));
    const accepted = this.accept({ ...bulk, messages });
    return forced ?? { ...accepted, refused, unmentioned: [] };
  }

  async account(): Promise<Answer<ProviderAccount>> {
    return answered({ balance: BALANCE, currency: CURRENCY });
  }

  async statuses(
    recipients: readonly { readonly providerMessageId: string; readonly phoneNumber: string }[],
  ): Promise<Answer<readonly ProviderStatus[]>> {
    const now = this.options.clock.now();
    return answered(recipients.map(recipient => this.calls.status(recipient, now)));
  }

  async findByTag(tag: string): Promise<Answer<readonly ProviderStatus[]>> {
    return answered(this.calls.underTag(tag, this.options.clock.now()));
  }

  /** All that it knows has left at once. */
  async cancel(providerMessageId: string): Promise<Answer<CancelAnswer>> {
    return answered(this.calls.knows(providerMessageId) ? 'too-late' : 'not-found');
  }

  async optOuts(): Promise<Answer<readonly ProviderOptOut[]>> {
    return answered(this.stopList.list);
  }

  async addOptOut(phoneNumber: string): Promise<Answer<string | null>> {
    if (this.stopList.full) return noAnswer('the STOP list of the simulator is full');
    return answered(this.stopList.add(phoneNumber));
  }

  async removeOptOut(id: string): Promise<Answer<boolean>> {
    return answered(this.stopList.remove(id));
  }

  /** Posts the receipts and replies that are due to the messages' `receiptUrl` and `replyUrl`; says how many were taken. */
  async deliverDue(): Promise<number> {
    return this.receipts.deliverDue(this.options.clock.now());
  }

  /** Posts all that is promised, due or not: before a stop, since receipts live in memory. */
  async deliverAll(): Promise<number> {
    return this.receipts.deliverDue(END_OF_TIME);
  }

  /** Receipts not yet posted are lost. */
  async close(): Promise<void> {
    await this.receipts.close();
  }

  private accept(asked: OutgoingSms | OutgoingBulk): Extract<SendOutcome, { status: 'accepted' }> {
    const at = this.options.clock.now();
    const reportAt = new Date(at.getTime() + this.options.receiptDelayMs);
    const call = { providerMessageId: String(this.nextMessageId++), at, reportAt, asked };
    this.calls.remember(call);
    let parts = 0;
    for (const sms of textsOf(asked)) {
      this.promiseReceipts(sms, call);
      parts += simulatedParts(sms) * sms.recipients.length;
    }
    const { providerMessageId } = call;
    return { status: 'accepted', providerMessageId, parts, cost: simulatedCost(parts), currency: CURRENCY };
  }

  private promiseReceipts(sms: OutgoingSms, call: SimulatedCall): void {
    const date = Math.floor(call.reportAt.getTime() / 1_000);
    const fields = { msgId: call.providerMessageId, date, currency: CURRENCY, tag: sms.tag } as const;
    const cost = simulatedCost(simulatedParts(sms));
    for (const phone of sms.recipients) {
      const status = receiptStatusFor(phone);
      if (status !== null) this.receipts.add(sms.receiptUrl, { ...fields, status, phone, cost }, call.reportAt);
      this.promiseAnswer(sms, phone, call);
    }
  }

  /** As posted for a short code: what a STOP is, is for others to say. */
  private promiseAnswer(sms: OutgoingSms, phone: string, { providerMessageId, reportAt }: SimulatedCall): void {
    const text = answerOf(phone);
    if (text === null) return;
    const answer = { type: 'response', phone_number: phone, text, message_id: Number(providerMessageId) } as const;
    this.receipts.add(sms.replyUrl, answer, reportAt);
  }
}
