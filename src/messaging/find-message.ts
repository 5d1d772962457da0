import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';
import { DeliveryStore } from './delivery.store.js';
import type { Message } from './message.js';
import { MessageStore } from './message.store.js';

/** For those who answer to a message inside a transaction of their own. */
@Injectable()
export class FindMessage {
  constructor(
    private readonly messages: MessageStore,
    private readonly deliveries: DeliveryStore,
  ) {}

  find(tx: Tx, tenantId: TenantId, id: string): Promise<Message | null> {
    return this.messages.find(tx, tenantId, id);
  }

  /** The message that an attempt carried to a number (E.164): a bulk call carries many. */
  async carriedTo(tx: Tx, tenantId: TenantId, attemptId: string, phoneNumber: string): Promise<Message | null> {
    const [delivery] = await this.deliveries.carriedTo(tx, tenantId, attemptId, [phoneNumber]);
    return delivery === undefined ? null : this.messages.find(tx, tenantId, delivery.messageId);
  }
}
