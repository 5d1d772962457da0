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

/** A recipient of an attempt that the provider knows. */
export interface Proven {
  readonly delivery: ReportedDelivery;
  readonly changing: Changing;
  readonly providerMessageId: string | null;
}

/** The provider knows recipients, so those SMS went, whatever was recorded of the call: they are not called for again. */
@Injectable()
export class ProveSent {
  constructor(
    private readonly attempts: AttemptStore,
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly timeline: TimelineStore,
  ) {}

  /** All of one attempt, each once. */
  async execute(tx: Tx, attempt: ReportedAttempt, proven: readonly Proven[]): Promise<void> {
    const [first] = proven;
    if (first === undefined) return;
    const { tenantId, id: attemptId } = attempt;
    const { now } = first.changing;
    const carried = await this.submissions.ofAttempt(tx, tenantId, attemptId);
    const own = new Set(proven.map(({ delivery }) => delivery.submissionId));
    const submissions = carried.filter(({ id }) => own.has(id));
    await this.markSent(tx, { attempt, proven, submissions, whole: carried.length === 1 });
    const left = await this.deliveries.countUnconfirmed(
      tx,
      tenantId,
      carried.map(({ id }) => id),
    );
    const ids = submissions.map(({ id }) => id);
    const waiting = await this.deliveries.waiting(tx, tenantId, ids);
    const done = ids.filter(id => !left.has(id) && !waiting.has(id));
    await this.submissions.finish(tx, tenantId, done, ['UNCONFIRMED', ...NOT_YET_GONE], now);
    if (attempt.outcome !== 'unknown' || left.size > 0) return;
    const providerMessageId = proven.find(one => one.providerMessageId !== null)?.providerMessageId ?? null;
    await this.attempts.finish(tx, tenantId, attemptId, { outcome: 'accepted', now, providerMessageId });
  }

  /** A doubtful call with one text went through whole; a bulk call may have been taken in part, so each number speaks for itself. */
  private async markSent(tx: Tx, { attempt, proven, submissions, whole }: Marking): Promise<void> {
    const { tenantId, id, outcome } = attempt;
    const now = proven[0]?.changing.now;
    if (now === undefined) return;
    const together = whole && outcome === 'unknown' && submissions.every(({ attemptId }) => attemptId === id);
    const phoneNumbers = proven.flatMap(({ delivery: { phoneNumber } }) => (phoneNumber === null ? [] : [phoneNumber]));
    const of = { tenantId, submissionIds: submissions.map(submission => submission.id) };
    const sent = await this.deliveries.markSent(tx, together ? of : { ...of, phoneNumbers }, now);
    for (const { delivery, changing } of proven)
      if (sent.has(delivery.submissionId)) changing.touch(delivery.submissionId);
    const why = together ? 'a receipt shows that the call went through' : 'a receipt shows that it went all the same';
    const events = submissions.flatMap(({ id: submissionId, messageId }) => {
      const count = sent.get(submissionId) ?? 0;
      const detail = `${recipientsInWords(count)}: ${why}`;
      return count === 0 ? [] : [{ messageId, kind: 'confirmed' as const, detail }];
    });
    await this.timeline.addAll(tx, tenantId, events);
  }
}

interface Marking {
  readonly attempt: ReportedAttempt;
  readonly proven: readonly Proven[];
  readonly submissions: readonly Submission[];
  /** The attempt carried nothing else. */
  readonly whole: boolean;
}
