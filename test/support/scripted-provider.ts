import { SmsProvider } from '../../src/providers/index.js';
import type {
  Answer as ProviderAnswer,
  BulkOutcome,
  CancelAnswer,
  OutgoingBulk,
  OutgoingSms,
  ProviderAccount,
  ProviderCredential,
  ProviderOptOut,
  ProviderStatus,
  SendOutcome,
} from '../../src/providers/index.js';
import type { CallTerms } from '../../src/providers/sms-provider.js';

/** What the provider says to one call; as a function it may look at the call and at the world first. */
export type Answer = SendOutcome | ((sms: OutgoingSms, call: CallTerms) => SendOutcome | Promise<SendOutcome>);

/** The same for a bulk call. */
export type BulkAnswer = BulkOutcome | ((bulk: OutgoingBulk, call: CallTerms) => BulkOutcome | Promise<BulkOutcome>);

export interface RecordedCall {
  readonly sms: OutgoingSms;
  /** Null: the platform's. */
  readonly credential: ProviderCredential | null;
}

export interface RecordedBulkCall {
  readonly bulk: OutgoingBulk;
  /** Null: the platform's. */
  readonly credential: ProviderCredential | null;
}

/** What it was asked beside sending, in order. `about`: the tag, the id, the phone number or the recipients. */
export interface RecordedQuestion {
  readonly question: 'account' | 'statuses' | 'findByTag' | 'cancel' | 'optOuts' | 'addOptOut' | 'removeOptOut';
  readonly about: unknown;
  /** Null: the platform's. */
  readonly credential: ProviderCredential | null;
}

/** What it says to a question, every time; as a function it may look at what is asked. */
export type Reply<T, About = undefined> =
  ProviderAnswer<T> | ((about: About) => ProviderAnswer<T> | Promise<ProviderAnswer<T>>);

type AskedRecipients = readonly { readonly providerMessageId: string; readonly phoneNumber: string }[];

/** A provider that answers what the test tells it, call by call, and writes down what it was asked. */
export class ScriptedProvider extends SmsProvider {
  readonly calls: RecordedCall[] = [];
  readonly bulkCalls: RecordedBulkCall[] = [];
  readonly questions: RecordedQuestion[] = [];
  /** What it says when its script is at an end. */
  otherwise: Answer = accept;
  /** Null: a bulk call is answered like a call to all of its numbers. */
  otherwiseBulk: BulkAnswer | null = null;
  onAccount: Reply<ProviderAccount> = answered({ balance: '1000.0000', currency: 'EUR' });
  onStatuses: Reply<readonly ProviderStatus[], AskedRecipients> = answered([]);
  onFindByTag: Reply<readonly ProviderStatus[], string> = answered([]);
  onCancel: Reply<CancelAnswer, string> = answered('too-late');
  onOptOuts: Reply<readonly ProviderOptOut[]> = answered([]);
  onAddOptOut: Reply<string | null, string> = () => answered(String(nextId()));
  onRemoveOptOut: Reply<boolean, string> = answered(true);
  /** The most calls that were ever under way together. */
  mostAtOnce = 0;
  private readonly script: Answer[] = [];
  private readonly bulkScript: BulkAnswer[] = [];
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

  /** What it answers to bulk calls next, in this order. */
  answersBulk(...script: readonly BulkAnswer[]): this {
    this.bulkScript.push(...script);
    return this;
  }

  /** Of all calls, in their order. */
  readonly tags: string[] = [];
  /** Of each call, bulk or not, in their order. */
  readonly recipients: (readonly string[])[] = [];
  /** Of each call; null: the platform's. */
  readonly credentials: (ProviderCredential | null)[] = [];

  get bulkTags(): string[] {
    return this.bulkCalls.map(({ bulk }) => bulk.tag);
  }

  /** What was asked about in this way, in order: the tags of findByTag, the ids of cancel. */
  askedAbout(question: RecordedQuestion['question']): unknown[] {
    return this.questions.filter(asked => asked.question === question).map(({ about }) => about);
  }

  async send(sms: OutgoingSms, credential: ProviderCredential | null, call: CallTerms): Promise<SendOutcome> {
    this.calls.push({ sms, credential });
    this.tags.push(sms.tag);
    this.recipients.push(sms.recipients);
    this.credentials.push(credential);
    return this.answerTo(sms, call);
  }

  async sendBulk(bulk: OutgoingBulk, credential: ProviderCredential | null, call: CallTerms): Promise<BulkOutcome> {
    this.bulkCalls.push({ bulk, credential });
    const recipients = bulk.messages.map(({ phoneNumber }) => phoneNumber);
    this.tags.push(bulk.tag);
    this.recipients.push(recipients);
    this.credentials.push(credential);
    const answer = this.bulkScript.shift() ?? this.otherwiseBulk;
    if (answer !== null) return this.counted(() => (typeof answer === 'function' ? answer(bulk, call) : answer));
    const outcome = await this.answerTo({ ...bulk, recipients, text: bulk.messages[0]?.text ?? '' }, call);
    return outcome.status === 'accepted' ? { ...outcome, refused: [], unmentioned: [] } : outcome;
  }

  private answerTo(sms: OutgoingSms, call: CallTerms): Promise<SendOutcome> {
    const answer = this.script.shift() ?? this.otherwise;
    return this.counted(() => (typeof answer === 'function' ? answer(sms, call) : answer));
  }

  async account(credential: ProviderCredential | null): Promise<ProviderAnswer<ProviderAccount>> {
    this.questions.push({ question: 'account', about: undefined, credential });
    return replyTo(this.onAccount, undefined);
  }

  async statuses(
    recipients: AskedRecipients,
    credential: ProviderCredential | null,
  ): Promise<ProviderAnswer<readonly ProviderStatus[]>> {
    this.questions.push({ question: 'statuses', about: recipients, credential });
    return replyTo(this.onStatuses, recipients);
  }

  async findByTag(
    tag: string,
    credential: ProviderCredential | null,
  ): Promise<ProviderAnswer<readonly ProviderStatus[]>> {
    this.questions.push({ question: 'findByTag', about: tag, credential });
    return replyTo(this.onFindByTag, tag);
  }

  async cancel(id: string, credential: ProviderCredential | null): Promise<ProviderAnswer<CancelAnswer>> {
    this.questions.push({ question: 'cancel', about: id, credential });
    return replyTo(this.onCancel, id);
  }

  async optOuts(credential: ProviderCredential | null): Promise<ProviderAnswer<readonly ProviderOptOut[]>> {
    this.questions.push({ question: 'optOuts', about: undefined, credential });
    return replyTo(this.onOptOuts, undefined);
  }

  async addOptOut(phoneNumber: string, credential: ProviderCredential | null): Promise<ProviderAnswer<string | null>> {
    this.questions.push({ question: 'addOptOut', about: phoneNumber, credential });
    return replyTo(this.onAddOptOut, phoneNumber);
  }

  async removeOptOut(id: string, credential: ProviderCredential | null): Promise<ProviderAnswer<boolean>> {
    this.questions.push({ question: 'removeOptOut', about: id, credential });
    return replyTo(this.onRemoveOptOut, id);
  }

  private async counted<T>(answer: () => T | Promise<T>): Promise<T> {
    this.underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.underWay);
    try {
      return await answer();
    } finally {
      this.underWay -= 1;
    }
  }
}

let lastId = 1_223_000;

function nextId(): number {
  lastId += 1;
  return lastId;
}

export function accept(sms: OutgoingSms): Extract<SendOutcome, { status: 'accepted' }> {
  return {
    status: 'accepted',
    providerMessageId: String(nextId()),
    parts: sms.recipients.length,
    cost: '0.045',
    currency: 'EUR',
  };
}

/** All of them went. */
export function acceptBulk(bulk: OutgoingBulk): Extract<BulkOutcome, { status: 'accepted' }> {
  return {
    status: 'accepted',
    providerMessageId: String(nextId()),
    parts: bulk.messages.length,
    cost: '0.045',
    currency: 'EUR',
    refused: [],
    unmentioned: [],
  };
}

export function answered<T>(value: T): ProviderAnswer<T> {
  return { status: 'answered', value };
}

export const NO_ANSWER = { status: 'no-answer', reason: 'no answer came (timed out)' } as const;

async function replyTo<T, About>(reply: Reply<T, About>, about: About): Promise<ProviderAnswer<T>> {
  return typeof reply === 'function' ? reply(about) : reply;
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
