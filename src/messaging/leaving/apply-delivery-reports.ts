import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import { type Attempt, AttemptStore } from './attempt.store.js';
import { type Changing, ChangeMessage } from '../change-message.js';
import { type Delivery, DeliveryStore } from '../delivery.store.js';
import { recipientsInWords } from '../explain.js';
import { type Submission, SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';

/** What the provider says of one recipient of an attempt. */
export interface DeliveryReport {
  /** E.164. */
  readonly phoneNumber: string;
  readonly status: 'delivered' | 'undelivered' | 'waiting';
  readonly errorCode: string | null;
  readonly providerMessageId: string | null;
}

export type ReportResult =
  /** Redundant: told nothing new (doubled, late or still waiting). */
  | { readonly kind: 'applied' | 'redundant'; readonly messageId: string; readonly deliveryId: string }
  /** Names no recipient of its attempt. */
  | { readonly kind: 'unknown' }
  /** Came before our own record of the call: to be asked again shortly. */
  | { readonly kind: 'early' };

/** Moves deliveries of one attempt on by its receipts: idempotent, only forward. A receipt also settles its attempt's doubt. */
@Injectable()
export class ApplyDeliveryReports {
  constructor(
    private readonly change: ChangeMessage,
    private readonly attempts: AttemptStore,
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly timeline: TimelineStore,
  ) {}

  /** In the caller's transaction; the results stand in the order of the reports. */
  async execute(
    tx: Tx,
    { tenantId, attemptId }: { readonly tenantId: TenantId; readonly attemptId: string },
    reports: readonly DeliveryReport[],
  ): Promise<readonly ReportResult[]> {
    const messageId = await this.attempts.messageOf(tx, tenantId, attemptId);
    if (messageId === null) return reports.map(() => ({ kind: 'unknown' }));
    const results = await this.change.within(tx, tenantId, messageId, async (_, changing) => {
      const attempt = await this.attempts.find(tx, tenantId, attemptId);
      if (attempt === null) return reports.map((): ReportResult => ({ kind: 'unknown' }));
      if (attempt.outcome === null) return reports.map((): ReportResult => ({ kind: 'early' }));
      return this.apply(tx, attempt, reports, changing);
    });
    return results ?? reports.map(() => ({ kind: 'unknown' }));
  }

  private async apply(
    tx: Tx,
    attempt: Attempt,
    reports: readonly DeliveryReport[],
    changing: Changing,
  ): Promise<ReportResult[]> {
    const submissions = await this.submissions.ofAttempt(tx, attempt.tenantId, attempt.id);
    const submissionIds = submissions.map(({ id }) => id);
    const results: ReportResult[] = [];
    let doubtful = attempt.outcome === 'unknown';
    for (const report of reports) {
      const delivery = await this.deliveries.findByNumber(tx, attempt.tenantId, submissionIds, report.phoneNumber);
      if (delivery === null) {
        results.push({ kind: 'unknown' });
        continue;
      }
      if (doubtful) await this.settleDoubt(tx, attempt, { submissions, report }, changing);
      doubtful = false;
      if (attempt.outcome !== 'accepted') await this.proveSent(tx, delivery, changing);
      const moved = await this.move(tx, delivery, report, changing.now);
      if (moved) changing.touch(delivery.submissionId);
      results.push({ kind: moved ? 'applied' : 'redundant', messageId: attempt.messageId, deliveryId: delivery.id });
    }
    return results;
  }

  /** The provider knows a recipient of the doubtful call, so the call went through, whole. */
  private async settleDoubt(
    tx: Tx,
    attempt: Attempt,
    { submissions, report }: { submissions: readonly Submission[]; report: DeliveryReport },
    { now, touch }: Changing,
  ): Promise<void> {
    const { tenantId, id: attemptId, messageId } = attempt;
    await this.attempts.finish(tx, tenantId, attemptId, {
      outcome: 'accepted',
      now,
      providerMessageId: report.providerMessageId,
    });
    for (const submission of submissions) {
      if (submission.attemptId !== attemptId) continue;
      if (!(await this.submissions.move(tx, submission, ['UNCONFIRMED'], { state: 'DONE', now, dueAt: null })))
        continue;
      const sent = await this.deliveries.markSent(tx, { tenantId, submissionId: submission.id }, now);
      const detail = `${recipientsInWords(sent)}: a receipt shows that the call went through`;
      await this.timeline.add(tx, tenantId, messageId, { kind: 'confirmed', detail });
      touch(submission.id);
    }
  }

  /** The receipt proves that it went, whatever was recorded of the call: what still waits is not called for again. */
  private async proveSent(
    tx: Tx,
    { tenantId, messageId, submissionId, phoneNumber }: Delivery,
    { now, touch }: Changing,
  ) {
    const of = { tenantId, submissionId, phoneNumbers: phoneNumber === null ? [] : [phoneNumber] };
    if ((await this.deliveries.markSent(tx, of, now)) === 0) return;
    const detail = '1 recipient: a receipt shows that it went all the same';
    await this.timeline.add(tx, tenantId, messageId, { kind: 'confirmed', detail });
    touch(submissionId);
  }

  private move(tx: Tx, delivery: Delivery, report: DeliveryReport, now: Date): Promise<boolean> {
    switch (report.status) {
      case 'waiting':
        return Promise.resolve(false);
      case 'delivered':
        return this.deliveries.report(tx, delivery, { status: 'DELIVERED', errorCode: null, errorMessage: null, now });
      case 'undelivered':
        return this.deliveries.report(tx, delivery, {
          status: 'UNDELIVERED',
          errorCode: report.errorCode ?? 'NOT_DELIVERED',
          errorMessage: 'The operator could not deliver it.',
          now,
        });
    }
  }
}
