import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import type { Category, Encoding, Route, TenantId } from '../../kernel/index.js';
import {
  CategoryEnum,
  connectionTypes,
  DateTimeScalar,
  DecimalScalar,
  EncodingEnum,
  PhoneNumberScalar,
  RouteEnum,
  SafeIntScalar,
} from '../../kernel/graphql/index.js';
import type { Territory } from '../../scheduling/index.js';
import type { Delivery } from '../delivery.store.js';
import type { DeliveryStatus } from '../delivery-status.js';
import type { Message } from '../message.js';
import type { MessageStatus } from '../message-status.js';
import { DeliveryStatusEnum, MessageStatusEnum, TerritoryEnum } from './enums.js';

@ObjectType('Message')
export class MessageType {
  /** Not in the schema: what its other fields are read by. */
  tenantId: TenantId;

  @Field(() => ID)
  id: string;

  @Field(() => SafeIntScalar, { description: "SMS Partner's message_id." })
  number: number;

  @Field(() => ID, { nullable: true, description: 'The batch it was asked for in.' })
  batchId: string | null;

  @Field(() => MessageStatusEnum)
  status: MessageStatus;

  @Field(() => CategoryEnum)
  category: Category;

  @Field(() => RouteEnum)
  route: Route;

  @Field(() => String, { nullable: true })
  sender: string | null;

  /** Shown by resolvers of their own: not to everybody who sees the message. */
  text: string | null;
  sentText: string | null;

  @Field(() => EncodingEnum)
  encoding: Encoding;

  @Field(() => Int)
  parts: number;

  @Field(() => String, { nullable: true })
  tag: string | null;

  @Field(() => Boolean)
  sandbox: boolean;

  @Field(() => Int)
  recipientCount: number;

  @Field(() => DecimalScalar)
  cost: string;

  @Field(() => String)
  currency: string;

  @Field(() => DateTimeScalar, { nullable: true })
  scheduledFor: Date | null;

  @Field(() => DateTimeScalar)
  createdAt: Date;
}

export const toMessage = (message: Message): MessageType =>
  Object.assign(new MessageType(), {
    tenantId: message.tenantId,
    id: message.id,
    number: message.number,
    batchId: message.batchId,
    status: message.status,
    category: message.category,
    route: message.route,
    sender: message.sender,
    text: message.text,
    sentText: message.sentText,
    encoding: message.encoding,
    parts: message.parts,
    tag: message.tag,
    sandbox: message.sandbox,
    recipientCount: message.recipientCount,
    cost: message.cost,
    currency: message.currency,
    scheduledFor: message.scheduledFor,
    createdAt: message.createdAt,
  });

@ObjectType('Delivery', {
  description:
    'Moves only forward; EXPIRED or UNDELIVERED may still become DELIVERED once, by a late receipt. `cost`: what the tenant pays (price list); `phoneNumber` is null once erased.',
})
export class DeliveryType {
  @Field(() => ID)
  id: string;

  @Field(() => PhoneNumberScalar, { nullable: true })
  phoneNumber: string | null;

  @Field(() => TerritoryEnum)
  territory: Territory;

  @Field(() => DeliveryStatusEnum)
  status: DeliveryStatus;

  @Field(() => String, { nullable: true })
  errorCode: string | null;

  @Field(() => String, { nullable: true })
  errorMessage: string | null;

  @Field(() => DecimalScalar)
  cost: string;

  @Field(() => DateTimeScalar)
  updatedAt: Date;
}

export const toDelivery = (delivery: Delivery): DeliveryType =>
  Object.assign(new DeliveryType(), {
    id: delivery.id,
    phoneNumber: delivery.phoneNumber,
    territory: delivery.territory,
    status: delivery.status,
    errorCode: delivery.errorCode,
    errorMessage: delivery.errorMessage,
    cost: delivery.charge === 'RETURNED' ? '0.0000' : delivery.cost,
    updatedAt: delivery.updatedAt,
  });

/** For a browser that is not shown numbers. */
export const toAnonymousDelivery = (delivery: Delivery): DeliveryType => toDelivery({ ...delivery, phoneNumber: null });

@ObjectType('MessageConnection')
export class MessageConnection extends connectionTypes('Message', MessageType) {}

@ObjectType('DeliveryConnection')
export class DeliveryConnection extends connectionTypes('Delivery', DeliveryType) {
  /** Not in the schema: what `totalCount` counts, when it is asked for. */
  counted: { readonly message: MessageType; readonly status: DeliveryStatus | null };
}
