import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../accounts/index.js';
import { Clock, NotFound, type TenantId, Transactions } from '../../kernel/index.js';
import { WebhookDeliveryStore } from '../outgoing/webhook-delivery.store.js';
import { WebhookStore } from './webhook.store.js';

@Injectable()
export class DeleteWebhook {
  constructor(
    private readonly transactions: Transactions,
    private readonly webhooks: WebhookStore,
    private readonly deliveries: WebhookDeliveryStore,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** With its secrets, and with an end to what was still to be delivered; what was stays listed. Throws NotFound. */
  execute(tenantId: TenantId, id: string, actorKeyId: string): Promise<void> {
    return this.transactions.run(tenantId, async tx => {
      if (!(await this.webhooks.delete(tx, tenantId, id))) throw new NotFound('webhook');
      const end = { now: this.clock.now(), because: 'the webhook was deleted' };
      const ended = await this.deliveries.endPending(tx, tenantId, id, end);
      const detail = { webhookId: id, undelivered: ended };
      await this.audit.record(tx, tenantId, { actorKeyId, action: 'webhook.deleted', detail });
    });
  }
}
