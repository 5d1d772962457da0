import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import { type Changing, ChangeMessage } from '../change-message.js';
import { DeliveryNews } from '../delivery-news.js';
import { AttemptStore, type ReportedAttempt } from './attempt.store.js';
import { type DeliveryReport, moveBy } from './delivery-report.js';
import { ProveSent } from './prove-sent.js';
import { type DeliveryMove, type ReportedDelivery, ReportedDeliveryStore } from './reported-delivery.store.js';

export interface AttemptReport extends DeliveryReport {
  readonly attemptId: string;
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

/** A report whose attempt, recipient and message are known, the message under its lock. */
interface Told {
  readonly report: DeliveryReport;
  readonly attempt: ReportedAttempt;
  readonly delivery: ReportedDelivery;
  readonly changing: Changing;
}

type Heard = Told | 'unknown' | 'early';

/** Moves deliveries on by the receipts of their attempts: idempotent, only forward. A receipt also settles its attempt's doubt. */
@Injectable()
export class ApplyDeliveryReports {
  constructor(
    private readonly change: ChangeMessage,
    private readonly attempts: AttemptStore,
    private readonly deliveries: ReportedDeliveryStore,
    private readonly prove: ProveSent,
    private readonly news: DeliveryNews,
  ) {}

  /** In the caller's transaction; the results stand in the order of the reports. */
  execute(
    tx: Tx,
    { tenantId, attemptId }: AttemptName,
    reports: readonly DeliveryReport[],
  ): Promise<readonly ReportResult[]> {
    return this.together(
      tx,
      tenantId,
      reports.map(report => ({ ...report, attemptId })),
    );
  }

  /** The same for reports of many attempts, one after the other in effect, all at once in the database. */
  async together(tx: Tx, tenantId: TenantId, reports: readonly AttemptReport[]): Promise<readonly ReportResult[]> {
    const named = await this.deliveries.named(tx, tenantId, reports);
    const messageIds = [...new Set(named.flatMap(carried => carried?.messageId ?? []))];
    return this.change.several(tx, tenantId, messageIds, async changes => {
      const attempts = await this.attempts.forReports(tx, tenantId, [...new Set(reports.map(of => of.attemptId))]);
      // Read under the locks: what they were before may have changed.
      const ids = [...new Set(named.flatMap(carried => carried?.id ?? []))];
      const deliveries = await this.deliveries.find(tx, tenantId, ids);
      const heard = reports.map((report, index): Heard => {
        const attempt = attempts.get(report.attemptId);
        if (attempt === undefined) return 'unknown';
        if (attempt.outcome === null) return 'early';
        const delivery = deliveries.get(named[index]?.id ?? '');
        const changing = delivery && changes.get(delivery.messageId);
        if (delivery === undefined || changing === undefined) return 'unknown';
        return { report, attempt, delivery, changing };
      });
      const told = heard.filter(one => typeof one !== 'string');
      const proven = await this.settleDoubts(tx, told);
      const standing = proven ? await this.deliveries.find(tx, tenantId, ids) : deliveries;
      const applied = await this.move(tx, tenantId, told, standing);
      return heard.map(one => (typeof one === 'string' ? { kind: one } : resultOf(one, applied)));
    });
  }

  /** Rare, so one by one, and each recipient of an attempt once; tells whether there were any. */
  private async settleDoubts(tx: Tx, told: readonly Told[]): Promise<boolean> {
    const doubtful = told.filter(
      ({ attempt, delivery }) => delivery.status === 'UNCONFIRMED' || attempt.outcome !== 'accepted',
    );
    const once = new Map(doubtful.toReversed().map(one => [`${one.attempt.id} ${one.delivery.id}`, one]));
    for (const one of [...once.values()].toReversed()) {
      await this.prove.execute(tx, one, one.report.providerMessageId);
    }
    return once.size > 0;
  }

  /** Answers which of the reports moved their delivery. */
  private async move(
    tx: Tx,
    tenantId: TenantId,
    told: readonly Told[],
    standing: ReadonlyMap<string, ReportedDelivery>,
  ): Promise<ReadonlySet<Told>> {
    const steps = stepsOf(told, standing);
    const now = told[0]?.changing.now;
    if (now === undefined) return new Set();
    // Several reports of one delivery are one move in the database: from where it stood to where the last one takes it.
    const moves = new Map<string, DeliveryMove>();
    for (const { after } of steps) {
      const from = moves.get(after.id)?.from ?? standing.get(after.id)?.status ?? after.status;
      moves.set(after.id, { ...after, from });
    }
    const moved = await this.deliveries.move(tx, tenantId, [...moves.values()], now);
    const made = steps.filter(({ after }) => moved.has(after.id));
    for (const [changing, ofMessage] of Map.groupBy(made, ({ one }) => one.changing)) {
      for (const { after } of ofMessage) changing.touch(after.submissionId);
      const deliveries = ofMessage.map(({ after }) => after);
      await this.news.announce(tx, { message: changing.message, at: now, deliveries });
    }
    return new Set(made.map(({ one }) => one));
  }
}

interface Step {
  readonly one: Told;
  /** The delivery as the report leaves it. */
  readonly after: ReportedDelivery & Omit<DeliveryMove, 'from'>;
}

/** Each report in its order, from where those before it took its delivery; those that tell nothing new are left out. */
function stepsOf(told: readonly Told[], standing: ReadonlyMap<string, ReportedDelivery>): readonly Step[] {
  const now = new Map(standing);
  return told.flatMap(one => {
    const delivery = now.get(one.delivery.id);
    const to = delivery && moveBy(one.report, delivery.status);
    if (!delivery || !to) return [];
    const after = { ...delivery, ...to };
    now.set(after.id, after);
    return [{ one, after }];
  });
}

function resultOf(one: Told, applied: ReadonlySet<Told>): ReportResult {
  const { id: deliveryId, messageId } = one.delivery;
  return { kind: applied.has(one) ? 'applied' : 'redundant', messageId, deliveryId };
}
