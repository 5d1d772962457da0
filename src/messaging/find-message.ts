import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';
import { DeliveryStore } from './delivery.store.js';
import type { Message } from './message.js';
import { countsOf, type DeliveryCounts, holdsOf, type MessageHold, releaseAtOf } from './message-parts.js';
import { MessageStore } from './message.store.js';
import { SubmissionStore } from './submission.store.js';

/** A message with what is told of its parts. */
export interface MessageAsItStands {
  readonly message: Message;
  readonly counts: DeliveryCounts;
  readonly releaseAt: Date | null;
  readonly holds: readonly MessageHold[];
}

/** For those who answer to a message inside a transaction of their own. */
@Injectable()
export class FindMessage {
  constructor(
    private readonly messages: MessageStore,
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
  ) {}

  find(tx: Tx, tenantId: TenantId, id: string): Promise<Message | null> {
    return this.messages.find(tx, tenantId, id);
  }

  /** Those there are of these ids, by id. */
  async asTheyStand(
    tx: Tx,
    tenantId: TenantId,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, MessageAsItStands>> {
    if (ids.length === 0) return new Map();
    const parts = Map.groupBy(await this.submissions.ofMessages(tx, tenantId, ids), ({ messageId }) => messageId);
    const messages = await this.messages.findMany(tx, tenantId, ids);
    return new Map(
      messages.map(message => {
        const own = parts.get(message.id) ?? [];
        return [message.id, { message, counts: countsOf(own), releaseAt: releaseAtOf(own), holds: holdsOf(own) }];
      }),
    );
  }

  /** The message that an attempt carried to a number (E.164): a bulk call carries many. */
  async carriedTo(tx: Tx, tenantId: TenantId, attemptId: string, phoneNumber: string): Promise<Message | null> {
    const [delivery] = await this.deliveries.carriedTo(tx, tenantId, attemptId, [phoneNumber]);
    return delivery === undefined ? null : this.messages.find(tx, tenantId, delivery.messageId);
  }
}
