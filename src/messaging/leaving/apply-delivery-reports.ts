import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import { type Changing, ChangeMessage } from '../change-message.js';
import { DeliveryNews } from '../delivery-news.js';
import { AttemptStore, type ReportedAttempt } from './attempt.store.js';
import { type DeliveryReport, moveBy } from './delivery-report.js';
import { ProveSent } from './prove-sent.js';
import { type DeliveryMove, type ReportedDelivery, ReportedDeliveryStore } from './reported-delivery.store.js';

interface AttemptName {
  readonly tenantId: TenantId;
  readonly attemptId: string;
}

export type AttemptReport = AttemptName & DeliveryReport;

export type ReportResult =
  /** Redundant: told nothing new (doubled, late or still waiting). */
  | { readonly kind: 'applied' | 'redundant'; readonly messageId: string; readonly deliveryId: string }
  /** Names no recipient of its attempt. */
  | { readonly kind: 'unknown' }
  /** Came before our own record of the call: to be asked again shortly. */
  | { readonly kind: 'early' };

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
  execute(tx: Tx, name: AttemptName, reports: readonly DeliveryReport[]): Promise<readonly ReportResult[]> {
    return this.together(
      tx,
      reports.map(report => ({ ...report, ...name })),
    );
  }

  /**
   * The same for reports of many attempts, and of several tenants, which the transaction must see: one after the other in
   * effect, all at once in the database.
   */
  async together(tx: Tx, reports: readonly AttemptReport[]): Promise<readonly ReportResult[]> {
    if (reports.length === 0) return [];
    const named = await this.deliveries.named(tx, reports);
    const carried = [...new Map(named.flatMap(one => (one === null ? [] : [[one.id, one]]))).values()];
    return this.change.ofTenants(tx, messagesOf(carried), async changes => {
      const attempts = await this.attempts.forReports(tx, attemptsOf(reports));
      // Read under the locks: what they were before may have changed.
      const deliveries = await this.deliveries.find(tx, carried);
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
      const applied = await this.move(tx, told, proven ? await this.deliveries.find(tx, carried) : deliveries);
      return heard.map(one => (typeof one === 'string' ? { kind: one } : resultOf(one, applied)));
    });
  }

  /** Attempt by attempt, and each recipient of one once; tells whether there were any. */
  private async settleDoubts(tx: Tx, told: readonly Told[]): Promise<boolean> {
    const doubtful = told.filter(({ attempt, delivery }) => {
      return delivery.status === 'UNCONFIRMED' || attempt.outcome !== 'accepted';
    });
    for (const [attempt, ofAttempt] of Map.groupBy(doubtful, one => one.attempt)) {
      const proven = ofAttempt.map(({ delivery, changing, report: { providerMessageId } }) => {
        return [delivery.id, { delivery, changing, providerMessageId }] as const;
      });
      await this.prove.execute(tx, attempt, [...new Map(proven).values()]);
    }
    return doubtful.length > 0;
  }

  /** Answers which of the reports moved their delivery. */
  private async move(
    tx: Tx,
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
    const moved = await this.deliveries.move(tx, [...moves.values()], now);
    const made = steps.filter(({ after }) => moved.has(after.id));
    for (const [changing, ofMessage] of Map.groupBy(made, ({ one }) => one.changing)) {
      for (const { after } of ofMessage) changing.touch(after.submissionId);
      const deliveries = ofMessage.map(({ after }) => after);
      await this.news.announce(tx, { message: changing.message, at: now, deliveries });
    }
    return new Set(made.map(({ one }) => one));
  }
}

function messagesOf(
  carried: readonly Pick<ReportedDelivery, 'tenantId' | 'messageId'>[],
): ReadonlyMap<TenantId, readonly string[]> {
  const byTenant = Map.groupBy(carried, ({ tenantId }) => tenantId);
  return new Map([...byTenant].map(([id, own]) => [id, [...new Set(own.map(({ messageId }) => messageId))]]));
}

function attemptsOf(reports: readonly AttemptReport[]): readonly Pick<ReportedAttempt, 'tenantId' | 'id'>[] {
  return [...new Map(reports.map(({ tenantId, attemptId: id }) => [id, { tenantId, id }])).values()];
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
