import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock, Ids, type TenantId, type Tx, WakeUps } from '../../kernel/index.js';
import { DeliveryNews, type DeliveryNewsItem, type Message } from '../../messaging/index.js';
import { type NewDelivery, WebhookDeliveryStore } from './webhook-delivery.store.js';
import { receiptBody, replyBody } from './wire-format.js';

export const CALL_TENANTS = 'call-tenants';

/**
 * Writes down the calls to be made to a message's own receiptUrl and replyUrl, in SMS Partner's wire format, in the
 * transaction of what they tell of: both happen or neither.
 */
@Injectable()
export class EnqueueCallbacks implements OnModuleInit {
  constructor(
    private readonly news: DeliveryNews,
    private readonly deliveries: WebhookDeliveryStore,
    private readonly wakeUps: WakeUps,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.news.listen((tx, item) => this.receipts(tx, item));
  }

  /** One call for each recipient of whom there is a last word. */
  async receipts(tx: Tx, { message, at, deliveries }: DeliveryNewsItem): Promise<void> {
    const { receiptUrl: url } = message;
    if (url === null) return;
    const bodies = deliveries.map(delivery => receiptBody(message, at, delivery)).filter(body => body !== null);
    await this.insert(
      tx,
      message.tenantId,
      bodies.map(payload => ({ eventType: 'receipt', url, payload, messageId: message.id, id: this.ids.uuid() })),
    );
  }

  /** An answer from a handset to this message. */
  async reply(tx: Tx, message: Message, reply: Parameters<typeof replyBody>[1]): Promise<void> {
    const { tenantId, id: messageId, replyUrl: url } = message;
    if (url === null) return;
    const payload = replyBody(message, reply);
    await this.insert(tx, tenantId, [{ eventType: 'reply', url, payload, messageId, id: this.ids.uuid() }]);
  }

  private async insert(tx: Tx, tenantId: TenantId, deliveries: readonly NewDelivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    await this.deliveries.insert(tx, tenantId, deliveries, this.clock.now());
    tx.afterCommit(() => this.wakeUps.announce(CALL_TENANTS));
  }
}
