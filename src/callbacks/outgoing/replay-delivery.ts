import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../accounts/index.js';
import {
  Clock,
  Ids,
  InvalidArgument,
  NotFound,
  type TenantId,
  Transactions,
  type Tx,
  WakeUps,
} from '../../kernel/index.js';
import { WebhookStore } from '../webhooks/webhook.store.js';
import { CALL_TENANTS } from './enqueue-callbacks.js';
import { type WebhookDelivery, WebhookDeliveryStore } from './webhook-delivery.store.js';

/** Tells a tenant again what it was told, or could not be: a webhook, or a message's own address. */
@Injectable()
export class ReplayDelivery {
  constructor(
    private readonly transactions: Transactions,
    private readonly deliveries: WebhookDeliveryStore,
    private readonly webhooks: WebhookStore,
    private readonly audit: AuditTrail,
    private readonly wakeUps: WakeUps,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /**
   * What ended is called anew, as a delivery of its own with the same event id and body; what still waits for its next attempt
   * is called now. Throws NotFound, and InvalidArgument where its webhook is not called any more.
   */
  execute(tenantId: TenantId, id: string, actorKeyId: string): Promise<WebhookDelivery> {
    return this.transactions.run(tenantId, async tx => {
      const delivery = await this.deliveries.lock(tx, tenantId, id);
      if (delivery === null) throw new NotFound('webhook delivery');
      await this.checkWebhook(tx, delivery);
      const now = this.clock.now();
      const replayId = delivery.state === 'PENDING' ? id : this.ids.uuid();
      if (replayId === id) await this.deliveries.bringForward(tx, tenantId, id, now);
      else await this.deliveries.insertAgain(tx, tenantId, id, { id: replayId, now });
      const detail = { webhookDeliveryId: id, replayId };
      await this.audit.record(tx, tenantId, { actorKeyId, action: 'webhook-delivery.replayed', detail });
      tx.afterCommit(() => this.wakeUps.announce(CALL_TENANTS));
      const replay = await this.deliveries.lock(tx, tenantId, replayId);
      if (replay === null) throw new Error('a replayed delivery is not there');
      return replay;
    });
  }

  private async checkWebhook(tx: Tx, { tenantId, webhookId }: WebhookDelivery): Promise<void> {
    if (webhookId === null) return;
    const webhook = await this.webhooks.find(tx, tenantId, webhookId);
    if (webhook === null) throw new InvalidArgument('id', 'names a delivery of a webhook that was deleted');
    if (webhook.switchedOffAt !== null)
      throw new InvalidArgument('id', 'names a delivery of a webhook that is switched off: call enableWebhook first');
  }
}
