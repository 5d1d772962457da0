import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { connectionTypes, DateTimeScalar } from '../../kernel/graphql/index.js';
import type { WebhookDelivery } from '../outgoing/webhook-delivery.store.js';
import type { CreatedWebhook } from '../webhooks/create-webhook.js';
import type { Webhook } from '../webhooks/webhook.store.js';

@InputType()
export class CreateWebhookInput {
  @Field(() => String, { description: 'https, of a public host.' })
  url: string;

  @Field(() => [String], {
    description:
      'message.accepted, message.held, message.released, message.sent, message.completed, message.unconfirmed, delivery.updated, reply.received, optout.created.',
  })
  events: string[];
}

@ObjectType('Webhook')
export class WebhookType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  url: string;

  @Field(() => [String])
  events: string[];

  @Field(() => Boolean, { description: 'False: its receiver answered 410; enableWebhook switches it on again.' })
  enabled: boolean;

  @Field(() => String, { nullable: true, description: 'Null: it is enabled.' })
  switchedOffBecause: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'Until then the secret before the present one signs too. Null: it was never rotated.',
  })
  previousSecretUntil: Date | null;

  @Field(() => DateTimeScalar)
  createdAt: Date;
}

export const toWebhook = (webhook: Webhook): WebhookType =>
  Object.assign(new WebhookType(), {
    id: webhook.id,
    url: webhook.url,
    events: webhook.events,
    enabled: webhook.switchedOffAt === null,
    switchedOffBecause: webhook.switchedOffBecause,
    previousSecretUntil: webhook.previousUntil,
    createdAt: webhook.createdAt,
  });

@ObjectType('CreatedWebhook')
export class CreatedWebhookType {
  @Field(() => WebhookType)
  webhook: WebhookType;

  @Field(() => String, { description: 'Told once: "whsec_" and 32 bytes in base64, as Standard Webhooks has it.' })
  secret: string;
}

export const toCreatedWebhook = ({ webhook, secret }: CreatedWebhook): CreatedWebhookType =>
  Object.assign(new CreatedWebhookType(), { webhook: toWebhook(webhook), secret });

@ObjectType('WebhookDelivery')
export class WebhookDeliveryType {
  @Field(() => ID)
  id: string;

  @Field(() => ID, { nullable: true, description: "Null: a message's own receiptUrl or replyUrl." })
  webhookId: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'The header webhook-id: the same at each attempt and replay, and for all webhooks that are told of it.',
  })
  eventId: string | null;

  @Field(() => String, { description: 'An event, or "receipt" and "reply" for a message\'s own addresses.' })
  eventType: string;

  @Field(() => String)
  url: string;

  @Field(() => String, { description: 'PENDING, DELIVERED or FAILED (given up).' })
  status: string;

  @Field(() => Int)
  attempts: number;

  @Field(() => Int, { nullable: true })
  lastStatusCode: number | null;

  @Field(() => String, { nullable: true, description: 'Why the last attempt was no success.' })
  lastError: string | null;

  @Field(() => DateTimeScalar, { nullable: true })
  nextAttemptAt: Date | null;

  @Field(() => DateTimeScalar)
  createdAt: Date;
}

export const toWebhookDelivery = (delivery: WebhookDelivery): WebhookDeliveryType =>
  Object.assign(new WebhookDeliveryType(), {
    id: delivery.id,
    webhookId: delivery.webhookId,
    eventId: delivery.eventId,
    eventType: delivery.eventType,
    url: delivery.url,
    status: delivery.state,
    attempts: delivery.attempts,
    lastStatusCode: delivery.lastStatusCode,
    lastError: delivery.lastError,
    // Under a lease it is being called, and the due time is the lease's end.
    nextAttemptAt: delivery.lease === null ? delivery.dueAt : null,
    createdAt: delivery.createdAt,
  });

@ObjectType('WebhookDeliveryConnection')
export class WebhookDeliveryConnection extends connectionTypes('WebhookDelivery', WebhookDeliveryType) {}
