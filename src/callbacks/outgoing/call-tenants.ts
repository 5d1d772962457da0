import { Injectable, Logger } from '@nestjs/common';
import { Clock, crashPoint, Ids, Transactions } from '../../kernel/index.js';
import { afterCall } from './after-call.js';
import { GuardedSender } from './guarded-sender.js';
import { type HeldDelivery, WebhookDeliveryStore } from './webhook-delivery.store.js';

/** Longer than the sender takes at most (15 s), so that a call is not made twice at once. */
const LEASE_MS = 30_000;
/** Of one tenant under way at once, over all processes: a dead address holds this many places for 15 s and no more. */
const AT_ONCE_EACH = 8;

/** Makes the calls that tenants asked for: at least once each, until the receiver says 2xx or the schedule is through. */
@Injectable()
export class CallTenants {
  private readonly log = new Logger(CallTenants.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly deliveries: WebhookDeliveryStore,
    private readonly sender: GuardedSender,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  claim(limit: number): Promise<HeldDelivery[]> {
    const now = this.clock.now();
    const until = new Date(now.getTime() + LEASE_MS);
    return this.transactions.run([], async tx => {
      const lease = { id: this.ids.uuid(), now, until, limit, each: AT_ONCE_EACH };
      const claimed = await this.deliveries.claim(tx, lease);
      if (claimed.length === 0) return [];
      const tenants = [...new Set(claimed.map(({ tenantId }) => tenantId))];
      await tx.admit(tenants);
      const ids = claimed.map(({ id }) => id);
      return this.deliveries.held(tx, tenants, ids, lease.id);
    });
  }

  async call(held: HeldDelivery): Promise<void> {
    const posted = await this.sender.post({ url: held.url, body: held.payload });
    crashPoint('callback.after-post');
    const end = afterCall(posted, held.attempts + 1, this.clock.now(), this.ids.fraction());
    const { tenantId, id } = held;
    const settled = await this.transactions.run(tenantId, tx => this.deliveries.settle(tx, held, end));
    if (settled && end.state === 'FAILED')
      this.log.warn({ message: 'a call to a tenant is given up', tenantId, delivery: id, reason: end.lastError });
  }
}
