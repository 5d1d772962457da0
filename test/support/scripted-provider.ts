import { type OutgoingSms, type ProviderCredential, type SendOutcome, SmsProvider } from '../../src/providers/index.js';
import type { CallTerms } from '../../src/providers/sms-provider.js';

/** What the provider says to one call; as a function it may look at the call and at the world first. */
export type Answer = SendOutcome | ((sms: OutgoingSms, call: CallTerms) => SendOutcome | Promise<SendOutcome>);

export interface RecordedCall {
  readonly sms: OutgoingSms;
  /** Null: the platform's. */
  readonly credential: ProviderCredential | null;
}

/** A provider that answers what the test tells it, call by call, and writes down what it was asked. */
export class ScriptedProvider extends SmsProvider {
  readonly calls: RecordedCall[] = [];
  /** What it says when its script is at an end. */
  otherwise: Answer = accept;
  /** The most calls that were ever under way together. */
  mostAtOnce = 0;
  private readonly script: Answer[] = [];
  private underWay = 0;

  /** By the name of a real one, a tenant's own credential for that one is used. */
  constructor(readonly name = 'scripted') {
    super();
  }

  /** What it answers next, in this order. */
  answers(...script: readonly Answer[]): this {
    this.script.push(...script);
    return this;
  }

  get tags(): string[] {
    return this.calls.map(({ sms }) => sms.tag);
  }

  get recipients(): (readonly string[])[] {
    return this.calls.map(({ sms }) => sms.recipients);
  }

  async send(sms: OutgoingSms, credential: ProviderCredential | null, call: CallTerms): Promise<SendOutcome> {
    this.calls.push({ sms, credential });
    this.underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.underWay);
    try {
      const answer = this.script.shift() ?? this.otherwise;
      return await (typeof answer === 'function' ? answer(sms, call) : answer);
    } finally {
      this.underWay -= 1;
    }
  }
}

let lastMessageId = 1_223_000;

export function accept(sms: OutgoingSms): SendOutcome {
  lastMessageId += 1;
  return {
    status: 'accepted',
    providerMessageId: String(lastMessageId),
    parts: sms.recipients.length,
    cost: '0.045',
    currency: 'EUR',
  };
}

export const UNKNOWN: SendOutcome = { status: 'unknown', reason: 'the request left, no answer came (timed out)' };
export const UNREACHABLE = notSent('unreachable', null);
export const BLOCKED: SendOutcome = { status: 'blocked', code: '10', reason: 'the API key is wrong' };
export const OUTSIDE_HOURS: SendOutcome = {
  status: 'outside-hours',
  code: '22',
  reason: 'marketing SMS are not allowed at this hour',
};
export const REFUSED = {
  status: 'refused',
  code: '44',
  reason: 'the sender is not valid',
  recipients: null,
} as const satisfies SendOutcome;

export function notSent(cause: 'unreachable' | 'rate-limited', retryAfterMs: number | null): SendOutcome {
  return { status: 'not-sent', cause, reason: 'the request did not leave (ECONNREFUSED)', retryAfterMs };
}

/** Refuses these and nobody else. */
export function refuseOnly(...phoneNumbers: readonly string[]): SendOutcome {
  return {
    status: 'refused',
    code: '55',
    reason: 'there is no phone number to send to',
    recipients: phoneNumbers.map(phoneNumber => ({ phoneNumber, code: '13', reason: 'there is no price for it' })),
  };
}
