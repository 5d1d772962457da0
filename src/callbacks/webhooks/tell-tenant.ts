import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock, Ids, type TenantId, type Tx, WakeUps } from '../../kernel/index.js';
import {
  DeliveryNews,
  type DeliveryNewsItem,
  MessageNews,
  type MessageNewsItem,
  OptOutNews,
  type OptOutNewsItem,
} from '../../messaging/index.js';
import { CALL_TENANTS } from '../outgoing/enqueue-callbacks.js';
import { deliveryData, isToldOf, optOutData, type ReplyNews, replyData } from './event-body.js';
import { eventsOfChange } from './events-of-change.js';
import { type NewTenantEvent, type TenantEvent, WriteEvents } from './write-events.js';

/**
 * Tells a tenant's webhooks what happens, at least once each, in the transaction of what happens: no event without its change,
 * no change without its event. What a transaction tells is written right before it is committed, all at once.
 */
@Injectable()
export class TellTenant implements OnModuleInit {
  /** What open transactions have to tell so far. */
  private readonly told = new WeakMap<Tx, TenantEvent[]>();

  constructor(
    private readonly messages: MessageNews,
    private readonly deliveries: DeliveryNews,
    private readonly optOuts: OptOutNews,
    private readonly events: WriteEvents,
    private readonly wakeUps: WakeUps,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.messages.whenExpected((tx, tenantId) => this.events.lookAhead(tx, tenantId));
    this.messages.listen((tx, item) => Promise.resolve(this.change(tx, item)));
    this.deliveries.listen((tx, item) => Promise.resolve(this.outcomes(tx, item)));
    this.optOuts.listen((tx, item) => Promise.resolve(this.stops(tx, item)));
  }

  /** An answer from a handset, in the transaction that keeps it. */
  reply(tx: Tx, tenantId: TenantId, reply: ReplyNews): void {
    const messageId = reply.message?.id ?? null;
    this.add(tx, { tenantId, at: reply.receivedAt, type: 'reply.received', messageId, data: replyData(reply) });
  }

  private change(tx: Tx, news: MessageNewsItem): void {
    const { tenantId, id: messageId } = news.message;
    for (const type of eventsOfChange(news)) this.add(tx, { tenantId, at: news.at, type, messageId, data: null });
  }

  private outcomes(tx: Tx, { message, at, deliveries }: DeliveryNewsItem): void {
    const { tenantId, id: messageId } = message;
    for (const delivery of deliveries.filter(isToldOf)) {
      this.add(tx, { tenantId, at, type: 'delivery.updated', messageId, data: deliveryData(message, delivery) });
    }
  }

  private stops(tx: Tx, { tenantId, optOuts }: OptOutNewsItem): void {
    const at = this.clock.now();
    for (const optOut of optOuts) {
      this.add(tx, { tenantId, at, type: 'optout.created', messageId: null, data: optOutData(optOut) });
    }
  }

  private add(tx: Tx, event: NewTenantEvent): void {
    const told = { ...event, id: this.ids.uuid() };
    const known = this.told.get(tx);
    if (known !== undefined) {
      known.push(told);
      return;
    }
    const events = [told];
    this.told.set(tx, events);
    tx.beforeCommit(async () => {
      if (await this.events.execute(tx, events)) tx.afterCommit(() => this.wakeUps.announce(CALL_TENANTS));
    });
  }
}
