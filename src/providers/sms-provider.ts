import type { Route } from '../kernel/index.js';

/** One provider call: one text to 1 to 500 recipients. The text is bare: the provider appends the STOP mention itself. */
export interface OutgoingSms {
  /** Our own unique name for this call (16 lower-case letters and digits): the only way to ask later whether it went through. */
  readonly tag: string;
  /** E.164, each once. */
  readonly recipients: readonly string[];
  readonly text: string;
  /** Null: the operator's short code. */
  readonly sender: string | null;
  readonly route: Route;
  readonly stopMention: boolean;
  readonly unicode: boolean;
  /** Where the provider posts delivery receipts and replies; each carries its own unguessable secret. */
  readonly receiptUrl: string;
  readonly replyUrl: string;
}

/** One call with a text for each: 1 to 500 of them, no number twice. The options are those of all. */
export interface OutgoingBulk extends Omit<OutgoingSms, 'recipients' | 'text'> {
  readonly messages: readonly { readonly phoneNumber: string; readonly text: string }[];
}

/** An account with the provider. Opened just before the call, never logged. */
export interface ProviderCredential {
  readonly apiKey: string;
}

export interface RefusedRecipient {
  /** E.164, as it was given in `recipients`. */
  readonly phoneNumber: string;
  readonly code: string;
  readonly reason: string;
}

/**
 * The closed set of answers (design: a message's life, step 4). A provider never throws: what it cannot tell is `unknown`.
 * `reason` is for people and carries no text, number or key.
 */
export type SendOutcome =
  | {
      readonly status: 'accepted';
      readonly providerMessageId: string;
      /** What the provider counted and asks for the whole call; null when it did not say. `cost` is an exact decimal. */
      readonly parts: number | null;
      readonly cost: string | null;
      readonly currency: string | null;
    }
  /** Never retried as it is. `recipients` null: the whole call is refused; else only these, and the rest may go in a new call. */
  | {
      readonly status: 'refused';
      readonly code: string;
      readonly reason: string;
      readonly recipients: readonly RefusedRecipient[] | null;
    }
  /** Provably did not reach the provider, or was turned away at its door (429): may be called again. */
  | {
      readonly status: 'not-sent';
      readonly cause: 'unreachable' | 'rate-limited';
      readonly reason: string;
      readonly retryAfterMs: number | null;
    }
  /** The account, not the message, is at fault: everything of this credential waits. */
  | { readonly status: 'blocked'; readonly code: string; readonly reason: string }
  /** The provider's own quiet hours (codes 22 and 23). */
  | { readonly status: 'outside-hours'; readonly code: string; readonly reason: string }
  /** May have gone out. Never blindly called again. */
  | { readonly status: 'unknown'; readonly reason: string };

/** As for a single text, and an accepted call may still have refused some of its numbers or say nothing of them. */
export type BulkOutcome =
  | Exclude<SendOutcome, { status: 'accepted' }>
  | (Extract<SendOutcome, { status: 'accepted' }> & {
      readonly refused: readonly RefusedRecipient[];
      /** E.164: whether they went is not known. */
      readonly unmentioned: readonly string[];
    });

/** What came of a question. Asking again is harmless: there is an answer or there is none, and no doubt. */
export type Answer<T> =
  | { readonly status: 'answered'; readonly value: T }
  /** `reason` is for people and carries no text, number or key. */
  | { readonly status: 'no-answer'; readonly reason: string };

export interface ProviderAccount {
  /** Exact decimal; null when it did not say. */
  readonly balance: string | null;
  readonly currency: string | null;
}

/** What the provider knows of one recipient. */
export interface ProviderStatus {
  /** E.164 where it can be told. */
  readonly phoneNumber: string;
  readonly status: 'delivered' | 'undelivered' | 'waiting' | 'not-found';
  readonly providerMessageId: string | null;
  readonly at: Date | null;
}

export interface ProviderOptOut {
  readonly id: string;
  /** E.164 where it can be told. */
  readonly phoneNumber: string;
}

/** `too-late`: it has left or leaves within minutes. */
export type CancelAnswer = 'cancelled' | 'too-late' | 'not-found';

export interface CallTerms {
  /** Gives the call up: `not-sent` while it has not left, `unknown` once it has. */
  readonly signal: AbortSignal;
  /** Asked just before the first byte leaves. False: too late by now (a window closed while connecting), so `not-sent`. */
  readonly mayStart: () => boolean;
}

/** The narrow port to the outside. An adapter holds no tenant state and answers with a value, never with an exception. */
export abstract class SmsProvider {
  /** As stored with attempts and shown as `Tenant.provider`: "smspartner", "simulator". */
  abstract readonly name: string;
  /** `credential` null: none is configured. */
  abstract send(sms: OutgoingSms, credential: ProviderCredential | null, call: CallTerms): Promise<SendOutcome>;
  abstract sendBulk(bulk: OutgoingBulk, credential: ProviderCredential | null, call: CallTerms): Promise<BulkOutcome>;

  abstract account(credential: ProviderCredential | null): Promise<Answer<ProviderAccount>>;
  /** Of 1 to 500 recipients, in any order; those it says nothing of are left out. */
  abstract statuses(
    recipients: readonly { readonly providerMessageId: string; readonly phoneNumber: string }[],
    credential: ProviderCredential | null,
  ): Promise<Answer<readonly ProviderStatus[]>>;
  /** Everything that was sent under a tag, all pages of it. An empty list is well-formed: the provider knows nothing of the tag. */
  abstract findByTag(tag: string, credential: ProviderCredential | null): Promise<Answer<readonly ProviderStatus[]>>;
  /** Calls back what the provider has accepted and still keeps. */
  abstract cancel(providerMessageId: string, credential: ProviderCredential | null): Promise<Answer<CancelAnswer>>;

  abstract optOuts(credential: ProviderCredential | null): Promise<Answer<readonly ProviderOptOut[]>>;
  /** The id it now has; null where it stood there already and the provider does not say under which. */
  abstract addOptOut(phoneNumber: string, credential: ProviderCredential | null): Promise<Answer<string | null>>;
  /** False where there was none of that id. */
  abstract removeOptOut(id: string, credential: ProviderCredential | null): Promise<Answer<boolean>>;
}
