import type { OutgoingBulk, OutgoingSms, ProviderStatus } from '../sms-provider.js';
import { receiptStatusFor } from './magic-numbers.js';

/** A call that went out, whatever was answered. */
export interface SimulatedCall {
  readonly providerMessageId: string;
  readonly at: Date;
  /** When its receipts are due: until then it waits. */
  readonly reportAt: Date;
  readonly asked: OutgoingSms | OutgoingBulk;
}

/** What the simulator took on, one text at a time: a bulk call is as many of them as it has messages. */
export interface SimulatedSms {
  readonly providerMessageId: string;
  readonly at: Date;
  readonly sms: OutgoingSms;
}

const REMEMBERED = 1_000;

/** The last thousand calls. What is older, or went out before a restart, is unknown here as it is to a provider that lost it. */
export class SimulatedCalls {
  private readonly byId = new Map<string, SimulatedCall>();

  remember(call: SimulatedCall): void {
    this.byId.set(call.providerMessageId, call);
    const [oldest] = this.byId.keys();
    if (this.byId.size > REMEMBERED && oldest !== undefined) this.byId.delete(oldest);
  }

  /** Oldest first. */
  texts(): readonly SimulatedSms[] {
    return [...this.byId.values()].flatMap(({ providerMessageId, at, asked }) =>
      textsOf(asked).map(sms => ({ providerMessageId, at, sms })),
    );
  }

  knows(providerMessageId: string): boolean {
    return this.byId.has(providerMessageId);
  }

  underTag(tag: string, now: Date): readonly ProviderStatus[] {
    const calls = [...this.byId.values()].filter(({ asked }) => asked.tag === tag);
    return calls.flatMap(call => recipientsOf(call.asked).map(phoneNumber => statusIn(call, phoneNumber, now)));
  }

  status(of: { readonly providerMessageId: string; readonly phoneNumber: string }, now: Date): ProviderStatus {
    const call = this.byId.get(of.providerMessageId);
    if (call !== undefined && recipientsOf(call.asked).includes(of.phoneNumber)) {
      return statusIn(call, of.phoneNumber, now);
    }
    const { phoneNumber, providerMessageId } = of;
    return { phoneNumber, status: 'not-found', providerMessageId, at: null };
  }
}

/** A call as the texts it consists of, each with its recipients. */
export function textsOf(asked: OutgoingSms | OutgoingBulk): readonly OutgoingSms[] {
  if (!('messages' in asked)) return [asked];
  const { messages, ...options } = asked;
  return messages.map(({ phoneNumber, text }) => Object.assign({ recipients: [phoneNumber], text }, options));
}

export function recipientsOf(asked: OutgoingSms | OutgoingBulk): readonly string[] {
  return 'messages' in asked ? asked.messages.map(({ phoneNumber }) => phoneNumber) : asked.recipients;
}

/** As its receipt will say or has said; a number whose receipt never comes waits for ever. */
function statusIn(call: SimulatedCall, phoneNumber: string, now: Date): ProviderStatus {
  const { providerMessageId, reportAt } = call;
  const word = receiptStatusFor(phoneNumber);
  if (word === null || now < reportAt) return { phoneNumber, status: 'waiting', providerMessageId, at: null };
  const status = word === 'delivered' ? 'delivered' : 'undelivered';
  // Receipts tell whole seconds.
  const at = new Date(Math.floor(reportAt.getTime() / 1_000) * 1_000);
  return { phoneNumber, status, providerMessageId, at };
}
