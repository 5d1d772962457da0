import { Injectable } from '@nestjs/common';
import { Ledger } from '../billing/index.js';
import { formatDecimal, parseDecimal, type Tx } from '../kernel/index.js';
import type { Changing } from './change-message.js';
import { type DeliveryEnd, DeliveryStore, type EndedDelivery } from './delivery.store.js';
import { DeliveryNews } from './delivery-news.js';
import { MessageStore } from './message.store.js';

/** Which deliveries: of submissions of messages that the caller has under their locks. */
export interface GivenBack {
  readonly changes: readonly Changing[];
  readonly submissionIds: readonly string[];
  /** E.164; all of them where no numbers are named. */
  readonly phoneNumbers?: readonly string[];
}

/** Ends deliveries that did not go and pays their reservation back, once, in the same transaction. */
@Injectable()
export class GiveBack {
  constructor(
    private readonly deliveries: DeliveryStore,
    private readonly messages: MessageStore,
    private readonly ledger: Ledger,
    private readonly news: DeliveryNews,
  ) {}

  /** Answers how many ended, by message. */
  async execute(tx: Tx, of: GivenBack, end: Omit<DeliveryEnd, 'now'>): Promise<ReadonlyMap<string, number>> {
    const [first] = of.changes;
    if (first === undefined || of.submissionIds.length === 0) return new Map();
    const { tenantId } = first.message;
    const ended = await this.deliveries.end(tx, { ...of, tenantId }, { ...end, now: first.now });
    const byMessage = Map.groupBy(ended, delivery => delivery.messageId);
    for (const { message, touch } of of.changes)
      for (const { submissionId } of byMessage.get(message.id) ?? []) touch(submissionId);
    const dues = [...byMessage].map(([messageId, deliveries]) => ({ messageId, amount: dueFor(deliveries) }));
    await this.ledger.refund(tx, tenantId, dues, end.status);
    if (dues.length > 0) await this.messages.reduceCosts(tx, tenantId, dues);
    for (const { message, now } of of.changes) {
      const deliveries = (byMessage.get(message.id) ?? []).map(({ id, phoneNumber, cost, paidBack }) => {
        const { status, errorCode } = end;
        return { id, phoneNumber, cost: paidBack ? '0.0000' : cost, status, errorCode };
      });
      await this.news.announce(tx, { message, at: now, deliveries });
    }
    return new Map([...byMessage].map(([messageId, deliveries]) => [messageId, deliveries.length]));
  }
}

const dueFor = (deliveries: readonly EndedDelivery[]): string =>
  formatDecimal(deliveries.reduce((sum, { cost, paidBack }) => sum + (paidBack ? parseDecimal(cost) : 0n), 0n));
