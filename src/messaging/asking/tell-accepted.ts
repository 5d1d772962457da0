import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import type { NewDelivery } from '../delivery.store.js';
import { DeliveryNews } from '../delivery-news.js';
import type { Message } from '../message.js';
import { MessageNews, type MessageTurn } from '../message-news.js';
import type { MessagePlan } from './plan-message.js';

interface Written {
  /** In the order of the messages. */
  readonly planned: readonly { readonly plan: MessagePlan }[];
  readonly deliveries: readonly NewDelivery[];
}

/** Announces messages just accepted, and those of their recipients whose fate is sealed with that. */
@Injectable()
export class TellAccepted {
  constructor(
    private readonly messages: MessageNews,
    private readonly deliveries: DeliveryNews,
  ) {}

  /** To be said before what is accepted is written. */
  expect(tx: Tx, tenantId: TenantId): void {
    this.messages.expect(tx, tenantId);
  }

  async execute(tx: Tx, messages: readonly Message[], { planned, deliveries }: Written): Promise<void> {
    for (const [index, message] of messages.entries()) {
      const { createdAt: at, status: after } = message;
      await this.messages.announce(tx, { message, at, turns: turnsOf(planned[index]?.plan), before: null, after });
    }
    const optedOut = Map.groupBy(
      deliveries.filter(({ status }) => status === 'OPTED_OUT'),
      ({ messageId }) => messageId,
    );
    for (const message of optedOut.size === 0 ? [] : messages) {
      const ended = (optedOut.get(message.id) ?? []).map(({ id, phoneNumber, status, cost }) => {
        return { id, phoneNumber, status, errorCode: null, cost };
      });
      await this.deliveries.announce(tx, { message, at: message.createdAt, deliveries: ended });
    }
  }
}

const turnsOf = (plan: MessagePlan | undefined): ReadonlySet<MessageTurn> =>
  new Set(
    plan?.submissions.some(
      ({ departure, deliveries }) => departure.hold !== null && deliveries.some(({ optedOut }) => !optedOut),
    ) === true
      ? ['held']
      : [],
  );
