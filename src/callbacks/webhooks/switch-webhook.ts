import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../accounts/index.js';
import { Clock, NotFound, type TenantId, Transactions, type Tx } from '../../kernel/index.js';
import { WebhookDeliveryStore } from '../outgoing/webhook-delivery.store.js';
import { type Webhook, WebhookStore } from './webhook.store.js';

/** Off by the receiver's word (410), on again by the tenant's. */
@Injectable()
export class SwitchWebhook {
  constructor(
    private readonly transactions: Transactions,
    private readonly webhooks: WebhookStore,
    private readonly deliveries: WebhookDeliveryStore,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** What was still to be delivered ends, and can be replayed once it is on again. In the caller's transaction. */
  async off(tx: Tx, tenantId: TenantId, id: string, because: string): Promise<void> {
    const now = this.clock.now();
    if (!(await this.webhooks.switchOff(tx, tenantId, id, { at: now, because }))) return;
    const end = { now, because: `the webhook was switched off: ${because}` };
    const undelivered = await this.deliveries.endPending(tx, tenantId, id, end);
    const detail = { webhookId: id, because, undelivered };
    await this.audit.record(tx, tenantId, { actorKeyId: null, action: 'webhook.switched-off', detail });
  }

  /** One that is on stays as it is. What happened meanwhile is not told. Throws NotFound. */
  on(tenantId: TenantId, id: string, actorKeyId: string): Promise<Webhook> {
    return this.transactions.run(tenantId, async tx => {
      if (await this.webhooks.switchOn(tx, tenantId, id)) {
        const detail = { webhookId: id };
        await this.audit.record(tx, tenantId, { actorKeyId, action: 'webhook.switched-on', detail });
      }
      const webhook = await this.webhooks.find(tx, tenantId, id);
      if (webhook === null) throw new NotFound('webhook');
      return webhook;
    });
  }
}
