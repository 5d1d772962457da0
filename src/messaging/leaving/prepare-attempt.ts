import { Injectable } from '@nestjs/common';
import { AppConfig, hashSecret, Ids, type Tx } from '../../kernel/index.js';
import type { OutgoingSms, ProviderCredential, SmsProvider } from '../../providers/index.js';
import { AttemptStore } from './attempt.store.js';
import { type Changing, ChangeMessage } from '../change-message.js';
import { recipientsInWords } from '../explain.js';
import { LastLook, type PermissionToCall } from './last-look.js';
import type { Message } from '../message.js';
import { type ClaimedSubmission, type Submission, SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';
import { LEASE_MS } from './work-topics.js';

/** A call that may be made now: its attempt is committed. */
export interface PreparedCall {
  readonly claimed: ClaimedSubmission;
  readonly attemptId: string;
  /** The call starts before this instant or not at all. */
  readonly startBefore: Date;
  readonly provider: SmsProvider;
  /** Null: the platform's. */
  readonly credential: ProviderCredential | null;
  readonly sms: OutgoingSms;
}

/** Writes the attempt down before anything leaves, after a last look. */
@Injectable()
export class PrepareAttempt {
  constructor(
    private readonly change: ChangeMessage,
    private readonly lastLook: LastLook,
    private readonly attempts: AttemptStore,
    private readonly submissions: SubmissionStore,
    private readonly timeline: TimelineStore,
    private readonly config: AppConfig,
    private readonly ids: Ids,
  ) {}

  /** Null: there is nothing to call for. */
  execute(claimed: ClaimedSubmission): Promise<PreparedCall | null> {
    return this.change.execute(claimed.tenantId, claimed.messageId, async (tx, changing) => {
      const submission = await this.submissions.find(tx, claimed.tenantId, claimed.id);
      if (submission?.lease !== claimed.lease || submission.state !== 'QUEUED') return null;
      changing.touch(submission.id);
      const permission = await this.lastLook.execute(tx, submission, changing);
      return permission && { claimed, ...(await this.start(tx, submission, permission, changing)) };
    });
  }

  private async start(
    tx: Tx,
    submission: Submission,
    { recipients, startBefore, carrier: { provider, credential, owner } }: PermissionToCall,
    { message, now }: Changing,
  ): Promise<Omit<PreparedCall, 'claimed'>> {
    const { tenantId } = submission;
    const attemptId = this.ids.uuid();
    const tag = this.ids.tag();
    const secret = this.ids.secret();
    await this.attempts.insert(tx, tenantId, {
      id: attemptId,
      messageId: message.id,
      submissionIds: [submission.id],
      tag,
      provider: provider.name,
      credential: owner,
      secretHash: hashSecret(secret),
      startedAt: now,
    });
    await this.submissions.startSending(tx, submission, {
      id: attemptId,
      now,
      leaseUntil: new Date(now.getTime() + LEASE_MS),
    });
    const detail = `${recipientsInWords(recipients.length)} to ${provider.name}, tag ${tag}`;
    await this.timeline.add(tx, tenantId, message.id, { kind: 'attempt', detail });
    const sms = this.outgoing(message, { recipients, tag, secret });
    return { attemptId, startBefore, provider, credential, sms };
  }

  private outgoing(
    message: Message,
    call: { recipients: readonly string[]; tag: string; secret: string },
  ): OutgoingSms {
    if (message.bareText === null) throw new Error('the text of a waiting message was erased');
    return {
      tag: call.tag,
      recipients: call.recipients,
      text: message.bareText,
      sender: message.sender,
      route: message.route,
      stopMention: message.appendStop,
      unicode: message.unicode,
      receiptUrl: `${this.config.publicUrl}/callbacks/receipts/${call.secret}`,
      replyUrl: `${this.config.publicUrl}/callbacks/replies/${call.secret}`,
    };
  }
}
