import { Injectable, Logger } from '@nestjs/common';
import { type TenantId, Transactions, type Tx } from '../../kernel/index.js';
import type { ProviderStatus } from '../../providers/index.js';
import { type Changing, ChangeMessage } from '../change-message.js';
import { DeliveryStore } from '../delivery.store.js';
import { DeliveryNews } from '../delivery-news.js';
import { recipientsInWords } from '../explain.js';
import { type ClaimedSubmission, type Submission, SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';
import { ApplyDeliveryReports } from './apply-delivery-reports.js';
import { AskSilent } from './ask-silent.js';
import type { DeliveryReport } from './delivery-report.js';
import { nextPollAt, SILENCE_MS } from './poll-schedule.js';

/** Looks for receipts that did not come: the provider is asked, and after 48 hours of silence a delivery is EXPIRED. */
@Injectable()
export class PollReceipts {
  private readonly log = new Logger(PollReceipts.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly change: ChangeMessage,
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly ask: AskSilent,
    private readonly reports: ApplyDeliveryReports,
    private readonly news: DeliveryNews,
    private readonly timeline: TimelineStore,
  ) {}

  async execute({ tenantId, id, messageId, lease }: ClaimedSubmission): Promise<void> {
    const answer = await this.ask.execute(tenantId, id, lease);
    if (answer === null) return;
    if (answer.status === 'no-answer') {
      this.log.warn({ message: 'silent deliveries could not be asked about', tenantId, reason: answer.reason });
    }
    await this.transactions.run(tenantId, async tx => {
      if (answer.status === 'answered' && answer.attemptId !== null) {
        const name = { tenantId, attemptId: answer.attemptId };
        await this.reports.execute(tx, name, answer.value.flatMap(reportOf));
      }
      await this.change.within(tx, tenantId, messageId, (_, changing) => this.follow(tx, tenantId, id, changing));
    });
  }

  private async follow(tx: Tx, tenantId: TenantId, id: string, changing: Changing): Promise<void> {
    const submission = await this.submissions.find(tx, tenantId, id);
    if (submission?.state !== 'DONE') return;
    const { now } = changing;
    const silent = now.getTime() - submission.waitSince.getTime() >= SILENCE_MS;
    if (silent) await this.expire(tx, submission, changing);
    else await this.submissions.awaitReceipts(tx, tenantId, [id], nextPollAt(submission.waitSince, now));
    changing.touch(id);
  }

  private async expire(tx: Tx, { tenantId, messageId, id }: Submission, { message, now }: Changing): Promise<void> {
    const expired = await this.deliveries.expire(tx, { tenantId, submissionIds: [id] }, now);
    if (expired.length === 0) return;
    const detail = `${recipientsInWords(expired.length)}: no receipt within 48 hours`;
    await this.timeline.add(tx, tenantId, messageId, { kind: 'silent', detail });
    const deliveries = expired.map(delivery => Object.assign(delivery, { status: 'EXPIRED' as const }));
    await this.news.announce(tx, { message, at: now, deliveries });
  }
}

/** "Not found" tells nothing of a delivery that the provider took: it may know it under another spelling. */
function reportOf({ phoneNumber, status, providerMessageId }: ProviderStatus): DeliveryReport[] {
  return status === 'not-found' ? [] : [{ phoneNumber, status, errorCode: null, providerMessageId }];
}
