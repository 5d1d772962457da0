import { Injectable } from '@nestjs/common';
import type { Tx } from '../../kernel/index.js';
import type { Changing } from '../change-message.js';
import { DeliveryStore } from '../delivery.store.js';
import { recipientsInWords } from '../explain.js';
import { type Submission, SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';
import { NOT_YET_GONE } from '../waiting-states.js';
import { AttemptStore, type ReportedAttempt } from './attempt.store.js';
import type { ReportedDelivery } from './reported-delivery.store.js';

interface Proven {
  readonly attempt: ReportedAttempt;
  /** The recipient that the provider knows. */
  readonly delivery: ReportedDelivery;
  readonly changing: Changing;
}

/** The provider knows a recipient, so that SMS went, whatever was recorded of the call: it is not called for again. */
@Injectable()
export class ProveSent {
  constructor(
    private readonly attempts: AttemptStore,
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly timeline: TimelineStore,
  ) {}

  async execute(tx: Tx, proven: Proven, providerMessageId: string | null): Promise<void> {
    const { attempt, delivery, changing } = proven;
    const { tenantId, id: attemptId } = attempt;
    const { now } = changing;
    const carried = await this.submissions.ofAttempt(tx, tenantId, attemptId);
    const submission = carried.find(({ id }) => id === delivery.submissionId);
    if (submission === undefined) return;
    await this.markSent(tx, proven, submission, carried.length === 1);
    const left = await this.deliveries.countUnconfirmed(
      tx,
      tenantId,
      carried.map(({ id }) => id),
    );
    const waiting = await this.deliveries.waiting(tx, tenantId, [submission.id]);
    if (!left.has(submission.id) && !waiting.has(submission.id)) {
      await this.submissions.finish(tx, tenantId, [submission.id], ['UNCONFIRMED', ...NOT_YET_GONE], now);
    }
    if (attempt.outcome === 'unknown' && left.size === 0) {
      await this.attempts.finish(tx, tenantId, attemptId, { outcome: 'accepted', now, providerMessageId });
    }
  }

  /** A doubtful call with one text went through whole; a bulk call may have been taken in part, so each number speaks for itself. */
  private async markSent(
    tx: Tx,
    { attempt, delivery, changing }: Proven,
    submission: Submission,
    whole: boolean,
  ): Promise<void> {
    const { tenantId } = attempt;
    const { now, touch } = changing;
    const together = whole && attempt.outcome === 'unknown' && submission.attemptId === attempt.id;
    const of = { tenantId, submissionIds: [submission.id] };
    const own = delivery.phoneNumber === null ? [] : [delivery.phoneNumber];
    const sent = await this.deliveries.markSent(tx, together ? of : { ...of, phoneNumbers: own }, now);
    const count = sent.get(submission.id) ?? 0;
    if (count === 0) return;
    touch(submission.id);
    const why = together ? 'a receipt shows that the call went through' : 'a receipt shows that it went all the same';
    const detail = `${recipientsInWords(count)}: ${why}`;
    await this.timeline.add(tx, tenantId, submission.messageId, { kind: 'confirmed', detail });
  }
}
