import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock, Ids, type TenantId, type Tx, WakeUps } from '../../kernel/index.js';
import { DeliveryNews, type DeliveryNewsItem, type Message } from '../../messaging/index.js';
import { type NewDelivery, WebhookDeliveryStore } from './webhook-delivery.store.js';
import { receiptBody, replyBody } from './wire-format.js';

export const CALL_TENANTS = 'call-tenants';

/**
 * Writes down the calls to be made to a message's own receiptUrl and replyUrl, in SMS Partner's wire format, in the
 * transaction of what they tell of: both happen or neither. Right before it is committed, those of all its messages at once.
 */
@Injectable()
export class EnqueueCallbacks implements OnModuleInit {
  /** What open transactions have to tell so far. */
  private readonly told = new WeakMap<Tx, Map<TenantId, NewDelivery[]>>();

  constructor(
    private readonly news: DeliveryNews,
    private readonly deliveries: WebhookDeliveryStore,
    private readonly wakeUps: WakeUps,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.news.listen((tx, item) => Promise.resolve(this.receipts(tx, item)));
  }

  /** One call for each recipient of whom there is a last word. */
  receipts(tx: Tx, { message, at, deliveries }: DeliveryNewsItem): void {
    const { receiptUrl: url } = message;
    if (url === null) return;
    const bodies = deliveries.map(delivery => receiptBody(message, at, delivery)).filter(body => body !== null);
    this.add(
      tx,
      message.tenantId,
      bodies.map(payload => ({ eventType: 'receipt', url, payload, messageId: message.id, id: this.ids.uuid() })),
    );
  }

  /** An answer from a handset to this message. */
  reply(tx: Tx, message: Message, reply: Parameters<typeof replyBody>[1]): void {
    const { tenantId, id: messageId, replyUrl: url } = message;
    if (url === null) return;
    const payload = replyBody(message, reply);
    this.add(tx, tenantId, [{ eventType: 'reply', url, payload, messageId, id: this.ids.uuid() }]);
  }

  private add(tx: Tx, tenantId: TenantId, deliveries: readonly NewDelivery[]): void {
    if (deliveries.length === 0) return;
    const told = this.told.get(tx) ?? this.begin(tx);
    const own = told.get(tenantId) ?? [];
    own.push(...deliveries);
    told.set(tenantId, own);
  }

  private begin(tx: Tx): Map<TenantId, NewDelivery[]> {
    const told = new Map<TenantId, NewDelivery[]>();
    this.told.set(tx, told);
    tx.beforeCommit(async () => {
      for (const [tenantId, own] of told) await this.deliveries.insert(tx, tenantId, own, this.clock.now());
      tx.afterCommit(() => this.wakeUps.announce(CALL_TENANTS));
    });
    return told;
  }
}
