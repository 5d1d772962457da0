import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import { type Changing, ChangeMessage } from '../change-message.js';
import { type Delivery, DeliveryStore } from '../delivery.store.js';
import { DeliveryNews } from '../delivery-news.js';
import type { DeliveryStatus } from '../delivery-status.js';
import { AttemptStore } from './attempt.store.js';
import { type Proven, ProveSent } from './prove-sent.js';

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

interface AttemptName {
  readonly tenantId: TenantId;
  readonly attemptId: string;
}

/** Moves deliveries of one attempt on by its receipts: idempotent, only forward. A receipt also settles its attempt's doubt. */
@Injectable()
export class ApplyDeliveryReports {
  constructor(
    private readonly change: ChangeMessage,
    private readonly attempts: AttemptStore,
    private readonly deliveries: DeliveryStore,
    private readonly prove: ProveSent,
    private readonly news: DeliveryNews,
  ) {}

  /** In the caller's transaction; the results stand in the order of the reports. */
  async execute(tx: Tx, name: AttemptName, reports: readonly DeliveryReport[]): Promise<readonly ReportResult[]> {
    const { tenantId, attemptId } = name;
    const phoneNumbers = reports.map(report => report.phoneNumber);
    const carried = await this.deliveries.carriedTo(tx, tenantId, attemptId, phoneNumbers);
    const messageIds = [...new Set(carried.map(({ messageId }) => messageId))];
    return this.change.several(tx, tenantId, messageIds, async changes => {
      const attempt = await this.attempts.lock(tx, tenantId, attemptId);
      if (attempt === null) return reports.map((): ReportResult => ({ kind: 'unknown' }));
      if (attempt.outcome === null) return reports.map((): ReportResult => ({ kind: 'early' }));
      // Read again under the locks: what it was before may have changed.
      const now = await this.deliveries.carriedTo(tx, tenantId, attemptId, phoneNumbers);
      const byNumber = new Map(now.map(delivery => [delivery.phoneNumber, delivery]));
      const results: ReportResult[] = [];
      for (const report of reports) {
        const delivery = byNumber.get(report.phoneNumber) ?? byNumber.get(null);
        const changing = delivery && changes.get(delivery.messageId);
        const known = delivery !== undefined && changing !== undefined;
        results.push(known ? await this.apply(tx, { attempt, delivery, changing }, report) : { kind: 'unknown' });
      }
      return results;
    });
  }

  private async apply(tx: Tx, known: Proven, report: DeliveryReport): Promise<ReportResult> {
    const { attempt, delivery, changing } = known;
    const doubtful = delivery.status === 'UNCONFIRMED' || attempt.outcome !== 'accepted';
    if (doubtful) await this.prove.execute(tx, known, report.providerMessageId);
    const moved = await this.move(tx, delivery, report, changing);
    if (moved) changing.touch(delivery.submissionId);
    const { messageId } = delivery;
    return { kind: moved ? 'applied' : 'redundant', messageId, deliveryId: delivery.id };
  }

  private async move(tx: Tx, delivery: Delivery, report: DeliveryReport, changing: Changing): Promise<boolean> {
    const to = statusAfter(report);
    if (to === null) return false;
    const { message, now } = changing;
    if (!(await this.deliveries.report(tx, delivery, { ...to, now }))) return false;
    await this.news.announce(tx, { message, at: now, deliveries: [{ ...delivery, ...to }] });
    return true;
  }
}

interface StatusAfter {
  readonly status: DeliveryStatus;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

function statusAfter({ status, errorCode }: DeliveryReport): StatusAfter | null {
  switch (status) {
    case 'waiting':
      return null;
    case 'delivered':
      return { status: 'DELIVERED', errorCode: null, errorMessage: null };
    case 'undelivered': {
      const errorMessage = 'The operator could not deliver it.';
      return { status: 'UNDELIVERED', errorCode: errorCode ?? 'NOT_DELIVERED', errorMessage };
    }
  }
}
