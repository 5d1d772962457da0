import { Injectable } from '@nestjs/common';
import { NotFound, type TenantId, Transactions } from '../../kernel/index.js';
import { type WebhookDelivery, WebhookDeliveryStore } from '../outgoing/webhook-delivery.store.js';
import { type Webhook, WebhookStore } from './webhook.store.js';

@Injectable()
export class ReadWebhooks {
  constructor(
    private readonly transactions: Transactions,
    private readonly webhooks: WebhookStore,
    private readonly deliveries: WebhookDeliveryStore,
  ) {}

  /** Oldest first. */
  all(tenantId: TenantId): Promise<Webhook[]> {
    return this.transactions.run(tenantId, tx => this.webhooks.list(tx, tenantId));
  }

  /**
   * Newest first; of a webhook, deleted ones included, or of all and of messages' own addresses. Throws NotFound where there
   * is no such webhook and never was.
   */
  deliveriesOf(
    tenantId: TenantId,
    webhookId: string | null,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<WebhookDelivery[]> {
    return this.transactions.run(tenantId, async tx => {
      const deliveries = await this.deliveries.page(tx, tenantId, webhookId, page);
      const mayBeNone = webhookId !== null && page.after === null && deliveries.length === 0;
      if (mayBeNone && (await this.webhooks.find(tx, tenantId, webhookId)) === null) throw new NotFound('webhook');
      return deliveries;
    });
  }
}
