import type { Clock } from '../../kernel/index.js';
import { SmsProvider } from '../sms-provider.js';
import type { CallTerms, OutgoingSms, ProviderCredential, SendOutcome } from '../sms-provider.js';
import { forcedOutcome, goesOutAnyway, receiptStatusFor } from './magic-numbers.js';
import { ReceiptQueue } from './receipt-queue.js';
import { simulatedCost, simulatedParts } from './simulated-price.js';

export interface SimulatorOptions {
  readonly clock: Clock;
  /** From acceptance to receipt, by the clock. */
  readonly receiptDelayMs: number;
}

/** What the simulator took on, whatever it answered. */
export interface SimulatedSms {
  readonly providerMessageId: string;
  readonly at: Date;
  readonly sms: OutgoingSms;
}

const END_OF_TIME = new Date(8.64e15);
const REMEMBERED = 1_000;
const CURRENCY = 'EUR';

/** A provider that sends nothing: it accepts, bills, and posts receipts by real HTTP. `magic-numbers.ts` lists its moods. */
export class SimulatorProvider extends SmsProvider {
  readonly name = 'simulator';
  private readonly receipts = new ReceiptQueue();
  private readonly remembered: SimulatedSms[] = [];
  private nextMessageId: number;

  constructor(private readonly options: SimulatorOptions) {
    super();
    // Microseconds: a restart begins above the ids of the run before it, up to a million SMS a second.
    this.nextMessageId = options.clock.now().getTime() * 1_000;
  }

  /** The last thousand that went out, oldest first. */
  get accepted(): readonly SimulatedSms[] {
    return this.remembered;
  }

  get pendingReceipts(): number {
    return this.receipts.size;
  }

  async send(sms: OutgoingSms, _credential: ProviderCredential | null, call: CallTerms): Promise<SendOutcome> {
    if (call.signal.aborted || !call.mayStart()) {
      return { status: 'not-sent', cause: 'unreachable', reason: 'stopped before the call', retryAfterMs: null };
    }
    const forced = forcedOutcome(sms);
    if (forced !== null && !goesOutAnyway(sms, forced)) return forced;
    const accepted = this.accept(sms);
    return forced ?? accepted;
  }

  /** Posts the receipts that are due to the messages' `receiptUrl`; says how many were taken. */
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

  private accept(sms: OutgoingSms): SendOutcome {
    const at = this.options.clock.now();
    const providerMessageId = String(this.nextMessageId++);
    this.remembered.push({ providerMessageId, at, sms });
    if (this.remembered.length > REMEMBERED) this.remembered.shift();
    this.promiseReceipts(sms, providerMessageId, at);
    const parts = simulatedParts(sms) * sms.recipients.length;
    return { status: 'accepted', providerMessageId, parts, cost: simulatedCost(parts), currency: CURRENCY };
  }

  private promiseReceipts(sms: OutgoingSms, msgId: string, at: Date): void {
    const dueAt = new Date(at.getTime() + this.options.receiptDelayMs);
    const date = Math.floor(dueAt.getTime() / 1_000);
    const cost = simulatedCost(simulatedParts(sms));
    for (const phone of sms.recipients) {
      const status = receiptStatusFor(phone);
      if (status === null) continue;
      this.receipts.add(sms.receiptUrl, { status, msgId, date, phone, cost, currency: CURRENCY, tag: sms.tag }, dueAt);
    }
  }
}
