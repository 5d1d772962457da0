import type { DeliveryStatus } from '../../../src/messaging/delivery-status.js';
import { isDaytime } from './daytime.js';

export type Category = 'COMMERCIAL' | 'TRANSACTIONAL';

export interface AskedMessage {
  /** Of its own; by it a call is known to carry this message. */
  readonly text: string;
  readonly category: Category;
  readonly to: readonly string[];
  /** As asked; null: at once. */
  readonly at: Date | null;
}

/** What the provider told us of one recipient of a call. */
export type Said = 'taken' | 'refused' | 'not-gone' | 'unknown';

export interface CarriedSms {
  readonly text: string;
  readonly phoneNumber: string;
  readonly said: Said;
}

export interface Call {
  readonly tag: string;
  readonly receiptUrl: string;
  readonly at: Date;
  readonly carried: readonly CarriedSms[];
}

type Sms = Pick<CarriedSms, 'text' | 'phoneNumber'>;
const keyOf = ({ text, phoneNumber }: Sms): string => `${text} to ${phoneNumber}`;

interface Evidence {
  /** What was said to the last call for this SMS, and by which. */
  said: Said | null;
  tag: string | null;
  /** The provider showed that it has it: a receipt, or an answer to a lookup. */
  known: boolean;
  /** When the provider denied the last call, in well-formed answers. */
  denied: Date[];
  /** An administrator decided since to send it again. */
  resent: boolean;
  /** It was put off until then. */
  notBefore: Date | null;
  /** A receipt that is applied says so. */
  delivered: boolean;
  /** At the end of the last command. */
  status: DeliveryStatus | null;
}

export interface Terms {
  readonly resendWhenAbsent: boolean;
  readonly graceMs: number;
}

/** Of those that have not been called for, or whose call was proved not to have gone. */
const CALLABLE: ReadonlySet<DeliveryStatus> = new Set(['WAITING', 'UNCONFIRMED']);

const NOTHING_HEARD: Omit<Evidence, 'denied'> = {
  said: null,
  tag: null,
  known: false,
  resent: false,
  notBefore: null,
  delivered: false,
  status: null,
};

/** Delivered, or ended before anybody heard that it was. */
const AT_THE_END: ReadonlySet<DeliveryStatus> = new Set(['DELIVERED', 'REFUSED', 'OPTED_OUT', 'CANCELLED']);

/** All that may be true of what was asked for, by what the provider was seen to be told and to say. Knows nothing of our tables. */
export class DeliveryModel {
  readonly messages: AskedMessage[] = [];
  readonly calls: Call[] = [];
  readonly optedOut = new Set<string>();
  suspended = false;
  /** What broke the promises, in words. */
  readonly broken: string[] = [];
  private readonly evidence = new Map<string, Evidence>();
  private unapplied: { readonly sms: Sms; readonly delivered: boolean }[] = [];

  constructor(private readonly terms: Terms) {}

  messageOf(text: string): AskedMessage | undefined {
    return this.messages.find(message => message.text === text);
  }

  /** The provider is called, and says this. */
  called(call: Call): void {
    for (const sms of call.carried) this.mayCall(sms, call.at);
    this.calls.push(call);
    for (const sms of call.carried) {
      Object.assign(this.of(sms), { said: sms.said, tag: call.tag, denied: [], resent: false });
    }
  }

  /** A well-formed answer to a lookup: these numbers of the call are known to the provider, and no others. */
  lookedUp(tag: string, found: readonly string[], at: Date): void {
    for (const sms of this.calls.find(call => call.tag === tag)?.carried ?? []) {
      const evidence = this.of(sms);
      if (found.includes(sms.phoneNumber)) evidence.known = true;
      else if (evidence.tag === tag) evidence.denied.push(at);
    }
  }

  /** Known to us once it is applied. */
  receiptPosted(sms: Sms, status: string): void {
    this.unapplied.push({ sms, delivered: status === 'delivered' });
  }

  /** All that was posted is applied now. */
  ticked(): void {
    for (const { sms, delivered } of this.unapplied) {
      const evidence = this.of(sms);
      evidence.known = true;
      evidence.delivered ||= delivered;
    }
    this.unapplied = [];
  }

  resentByAdministrator({ text, to }: AskedMessage): void {
    for (const phoneNumber of to) {
      const evidence = this.of({ text, phoneNumber });
      if (evidence.status === 'UNCONFIRMED') evidence.resent = true;
    }
  }

  /** What an SMS came to be by the end of a command. */
  observed(sms: Sms, status: DeliveryStatus): void {
    const evidence = this.of(sms);
    evidence.status = status;
    if (evidence.delivered && !AT_THE_END.has(status)) {
      this.broken.push(`${keyOf(sms)} is ${status} though a receipt says that it was delivered`);
    }
  }

  /** Moves what has provably not gone; a part in doubt keeps the time it had. */
  rescheduled({ text, to }: AskedMessage, at: Date): void {
    for (const phoneNumber of to) {
      const evidence = this.of({ text, phoneNumber });
      if (evidence.status === 'WAITING') evidence.notBefore = at;
    }
  }

  statusesOf({ text, to }: AskedMessage): readonly (DeliveryStatus | null)[] {
    return to.map(phoneNumber => this.of({ text, phoneNumber }).status);
  }

  private of(sms: Sms): Evidence {
    const key = keyOf(sms);
    const known = this.evidence.get(key);
    if (known !== undefined) return known;
    const fresh: Evidence = { ...NOTHING_HEARD, denied: [] };
    this.evidence.set(key, fresh);
    return fresh;
  }

  private mayCall(sms: CarriedSms, at: Date): void {
    const message = this.messageOf(sms.text);
    const wrong = (what: string): void => void this.broken.push(`${keyOf(sms)} was called for ${what}`);
    if (message === undefined) return wrong('though nobody asked for it');
    if (this.suspended) wrong('though its tenant is suspended');
    if (message.category === 'COMMERCIAL' && this.optedOut.has(sms.phoneNumber)) wrong('after its recipient said STOP');
    if (message.category === 'COMMERCIAL' && !isDaytime(sms.phoneNumber, at)) wrong('in quiet hours');
    const before = this.of(sms);
    const notBefore = before.notBefore ?? message.at;
    if (notBefore !== null && at < notBefore) wrong('before its time');
    if (before.status !== null && !CALLABLE.has(before.status)) wrong(`though it was ${before.status}`);
    if (before.known) wrong('though the provider had shown that it has it');
    const why = this.speaksAgainst(before, at);
    if (why !== null) wrong(why);
  }

  /** Why the SMS must not be called for again; null: it may. */
  private speaksAgainst({ said, denied, resent }: Evidence, at: Date): string | null {
    switch (said) {
      case null:
      case 'not-gone':
        return null;
      case 'taken':
        return 'again though the provider had taken it';
      case 'refused':
        return 'again though the provider had refused it';
      case 'unknown': {
        const [first] = denied;
        const last = denied.at(-1) ?? at;
        const absent = first !== undefined && last.getTime() - first.getTime() >= this.terms.graceMs;
        return resent || (absent && this.terms.resendWhenAbsent) ? null : 'again though nobody knew what became of it';
      }
    }
  }
}
