import { Injectable } from '@nestjs/common';
import { Ledger } from '../billing/index.js';
import type { Tx } from '../kernel/index.js';
import { type DeliveriesOf, type DeliveryEnd, DeliveryStore } from './delivery.store.js';
import { MessageStore } from './message.store.js';

/** Ends deliveries that did not go and pays their reservation back, once, in the same transaction. */
@Injectable()
export class GiveBack {
  constructor(
    private readonly deliveries: DeliveryStore,
    private readonly messages: MessageStore,
    private readonly ledger: Ledger,
  ) {}

  /** Answers how many ended. The caller holds the message's lock. */
  async execute(tx: Tx, of: DeliveriesOf & { readonly messageId: string }, end: DeliveryEnd): Promise<number> {
    const { count, due } = await this.deliveries.end(tx, of, end);
    if (count > 0) {
      await this.ledger.refund(tx, of.tenantId, { amount: due, messageId: of.messageId, reason: end.status });
      await this.messages.reduceCost(tx, of.tenantId, of.messageId, due);
    }
    return count;
  }
}
