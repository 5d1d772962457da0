import { Injectable } from '@nestjs/common';
import { AppConfig, crashPoint, credentialKey, hashSecret, Ids, type TenantId, type Tx } from '../../kernel/index.js';
import type { OutgoingBulk, OutgoingSms, ProviderCredential, SmsProvider } from '../../providers/index.js';
import { recipientsInWords } from '../explain.js';
import type { Message } from '../message.js';
import { SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';
import { accountName } from './accounts-at-hand.js';
import { AttemptStore } from './attempt.store.js';
import { idsOf } from './in-hand.js';
import type { Leaving, PermissionToCall } from './last-look.js';
import { LEASE_MS } from './work-topics.js';

/** A call that may be made now: its attempt is committed. */
export interface PreparedCall {
  readonly tenantId: TenantId;
  readonly attemptId: string;
  /** The call starts before this instant or not at all. */
  readonly startBefore: Date;
  readonly provider: SmsProvider;
  /** Null: the platform's. */
  readonly credential: ProviderCredential | null;
  readonly sms: Outgoing;
  /** For the circuit breaker. */
  readonly account: string;
  /** The account is blocked: this call finds out whether it still is. */
  readonly probe: boolean;
}

/** One text for all of its recipients, or a text for each. */
export type Outgoing =
  { readonly kind: 'one'; readonly sms: OutgoingSms } | { readonly kind: 'bulk'; readonly bulk: OutgoingBulk };

export interface Starting {
  readonly tenantId: TenantId;
  readonly lease: string;
  /** All of each that may leave, its text as well. */
  readonly messages: readonly Message[];
}

/** Gives a permitted call its tag and its secret and writes it down, with its submissions on their way. */
@Injectable()
export class StartAttempt {
  constructor(
    private readonly attempts: AttemptStore,
    private readonly submissions: SubmissionStore,
    private readonly timeline: TimelineStore,
    private readonly config: AppConfig,
    private readonly ids: Ids,
  ) {}

  async execute(
    tx: Tx,
    { tenantId, lease, messages }: Starting,
    { leaving, startBefore, carrier, probe }: PermissionToCall,
  ): Promise<PreparedCall | null> {
    const [first] = leaving;
    if (first === undefined) return null;
    const { message, now } = first.changing;
    const attemptId = this.ids.uuid();
    const tag = this.ids.tag();
    const secret = this.ids.secret();
    const leaseUntil = new Date(now.getTime() + LEASE_MS);
    await Promise.all([
      this.attempts.insert(tx, tenantId, {
        id: attemptId,
        messageId: message.id,
        submissionIds: idsOf(leaving),
        tag,
        provider: carrier.provider.name,
        credential: carrier.owner,
        credentialKey: credentialKey(carrier.credential?.apiKey ?? this.config.smspartnerApiKey),
        secretHash: hashSecret(secret),
        startedAt: now,
      }),
      this.submissions.startSending(tx, tenantId, idsOf(leaving), { id: attemptId, now, lease, leaseUntil }),
      this.tell(tx, tenantId, leaving, `${carrier.provider.name}, tag ${tag}`),
    ]);
    crashPoint('dispatch.before-attempt-commit');
    const { provider, credential } = carrier;
    const sms = this.outgoing(leaving, messages, tag, secret);
    const account = accountName(tenantId, carrier);
    return { tenantId, attemptId, startBefore, provider, credential, sms, account, probe };
  }

  private tell(tx: Tx, tenantId: TenantId, leaving: readonly Leaving[], to: string): Promise<void> {
    const events = leaving.map(({ changing, recipients }) => {
      const detail = `${recipientsInWords(recipients.length)} to ${to}`;
      return { messageId: changing.message.id, kind: 'attempt', detail } as const;
    });
    return this.timeline.addAll(tx, tenantId, events);
  }

  /** The options are those of the first: what leaves together has the same. */
  private outgoing(leaving: readonly Leaving[], messages: readonly Message[], tag: string, secret: string): Outgoing {
    const byId = new Map(messages.map(message => [message.id, message]));
    const [one, ...more] = leaving.map(({ submission: { messageId }, recipients }) => {
      const message = byId.get(messageId) ?? missing();
      return { message, recipients, text: message.bareText ?? missing() };
    });
    if (one === undefined) return missing();
    const { message: first, recipients, text } = one;
    const options = {
      tag,
      sender: first.sender,
      route: first.route,
      stopMention: first.appendStop,
      unicode: first.unicode,
      receiptUrl: `${this.config.publicUrl}/callbacks/receipts/${secret}`,
      replyUrl: `${this.config.publicUrl}/callbacks/replies/${secret}`,
    };
    if (more.length === 0) return { kind: 'one', sms: { ...options, recipients, text } };
    const each = [one, ...more].flatMap(sms => sms.recipients.map(phoneNumber => ({ phoneNumber, text: sms.text })));
    return { kind: 'bulk', bulk: { ...options, messages: each } };
  }
}

function missing(): never {
  throw new Error('the text of a waiting message was erased, or is not at hand');
}
