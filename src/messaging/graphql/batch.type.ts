import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import type { TenantId } from '../../kernel/index.js';
import { DateTimeScalar, DecimalScalar, SafeIntScalar } from '../../kernel/graphql/index.js';
import type { BatchView } from '../batches/read-batches.js';
import type { MessageStatus } from '../message-status.js';
import { MessageStatusEnum } from './enums.js';
import { DeliveryCountsType } from './message-parts.type.js';

@ObjectType('Batch', { description: 'Personalised bulk: many messages asked for in one request, accepted as a whole.' })
export class BatchType {
  /** Not in the schema: what its other fields are read by. */
  tenantId: TenantId;

  @Field(() => ID)
  id: string;

  @Field(() => SafeIntScalar, { description: "SMS Partner's message_id, one for all of its messages." })
  number: number;

  @Field(() => MessageStatusEnum, { description: 'Derived from all of its messages, as theirs from their parts.' })
  status: MessageStatus;

  @Field(() => Int)
  messageCount: number;

  @Field(() => DeliveryCountsType)
  counts: DeliveryCountsType;

  @Field(() => DecimalScalar)
  cost: string;

  @Field(() => String)
  currency: string;

  @Field(() => Boolean)
  sandbox: boolean;

  @Field(() => DateTimeScalar, { nullable: true })
  scheduledFor: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'The earliest that the law holds back; null: nothing is held.',
  })
  releaseAt: Date | null;

  @Field(() => DateTimeScalar)
  createdAt: Date;
}

export const toBatch = ({ batch, progress }: BatchView): BatchType =>
  Object.assign(new BatchType(), {
    tenantId: batch.tenantId,
    id: batch.id,
    number: batch.number,
    status: progress.status,
    messageCount: batch.messageCount,
    counts: Object.assign(new DeliveryCountsType(), progress.counts),
    cost: progress.cost,
    currency: progress.currency,
    sandbox: batch.sandbox,
    scheduledFor: progress.scheduledFor,
    releaseAt: progress.heldUntil,
    createdAt: batch.createdAt,
  });
