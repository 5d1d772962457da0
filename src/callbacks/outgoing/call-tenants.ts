import { Injectable, Logger } from '@nestjs/common';
import { Clock, crashPoint, Ids, Metrics, Transactions, type Tx } from '../../kernel/index.js';
import { SwitchWebhook } from '../webhooks/switch-webhook.js';
import { WebhookStore } from '../webhooks/webhook.store.js';
import { afterCall, GONE } from './after-call.js';
import { type HeldDelivery, PostCall } from './post-call.js';
import { type DeliveryEnd, type Leased, WebhookDeliveryStore } from './webhook-delivery.store.js';

/** Longer than the sender takes at most (15 s), so that a call is not made twice at once. */
const LEASE_MS = 30_000;
/** Of one tenant under way at once, over all processes: a dead address holds its places for 15 s and no more. */
const AT_ONCE_EACH = 16;
/** Of them, to one receiver: one that is dead leaves places to the tenant's others. */
const AT_ONCE_EACH_LANE = 8;

const ENDS = { DELIVERED: 'delivered', PENDING: 'retried', FAILED: 'failed' } as const;

/** Makes the calls that tenants asked for: at least once each, until the receiver says 2xx or the schedule is through. */
@Injectable()
export class CallTenants {
  private readonly log = new Logger(CallTenants.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly deliveries: WebhookDeliveryStore,
    private readonly webhooks: WebhookStore,
    private readonly poster: PostCall,
    private readonly switching: SwitchWebhook,
    private readonly metrics: Metrics,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  claim(limit: number): Promise<HeldDelivery[]> {
    const now = this.clock.now();
    const until = new Date(now.getTime() + LEASE_MS);
    return this.transactions.run([], async tx => {
      const lease = { id: this.ids.uuid(), now, until, limit, each: AT_ONCE_EACH, eachLane: AT_ONCE_EACH_LANE };
      const claimed = await this.deliveries.claim(tx, lease);
      if (claimed.length === 0) return [];
      const tenants = [...new Set(claimed.map(({ tenantId }) => tenantId))];
      await tx.admit(tenants);
      const ids = claimed.map(({ id }) => id);
      const held = await this.deliveries.held(tx, tenants, ids, lease.id);
      const webhookIds = new Set(held.flatMap(({ webhookId }) => (webhookId === null ? [] : [webhookId])));
      const webhooks = webhookIds.size === 0 ? [] : await this.webhooks.findMany(tx, tenants, [...webhookIds]);
      const byId = new Map(webhooks.map(webhook => [webhook.id, webhook]));
      return held.map(one => Object.assign(one, { webhook: byId.get(one.webhookId ?? '') ?? null }));
    });
  }

  async call(held: HeldDelivery): Promise<void> {
    const because = whyNot(held);
    if (because !== null) return this.giveUp(held, because);
    const posted = await this.poster.execute(held);
    crashPoint('callback.after-post');
    const end = afterCall(posted, held.attempts + 1, this.clock.now(), this.ids.fraction());
    const settled = await this.transactions.run(held.tenantId, async tx => {
      if (!(await this.deliveries.settle(tx, held, end))) return false;
      if (end.lastStatusCode === GONE) await this.switchOff(tx, held);
      return true;
    });
    if (!settled) return;
    this.metrics.webhookCalls.inc({ end: ENDS[end.state] });
    this.tellGivenUp(held, end);
  }

  /** Written down a moment before, or while, its webhook was deleted or switched off. */
  private async giveUp(held: HeldDelivery, lastError: string): Promise<void> {
    const end = { state: 'FAILED', lastStatusCode: null, lastError, dueAt: null, endedAt: this.clock.now() } as const;
    await this.transactions.run(held.tenantId, tx => this.deliveries.settle(tx, held, end, false));
  }

  private async switchOff(tx: Tx, { tenantId, webhookId }: Leased): Promise<void> {
    if (webhookId !== null) await this.switching.off(tx, tenantId, webhookId, 'its receiver answered 410 (gone)');
  }

  private tellGivenUp({ tenantId, id }: Leased, { state, lastError: reason }: DeliveryEnd): void {
    if (state === 'FAILED')
      this.log.warn({ message: 'a call to a tenant is given up', tenantId, delivery: id, reason });
  }
}

function whyNot({ webhookId, webhook }: HeldDelivery): string | null {
  if (webhookId === null) return null;
  if (webhook === null) return 'the webhook was deleted';
  return webhook.switchedOffAt === null ? null : 'the webhook is switched off';
}
