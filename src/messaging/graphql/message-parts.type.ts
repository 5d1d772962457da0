import { Field, Int, ObjectType } from '@nestjs/graphql';
import { DateTimeScalar } from '../../kernel/graphql/index.js';
import type { HoldReason, Territory } from '../../scheduling/index.js';
import type { DeliveryCounts } from '../message-parts.js';
import type { TimelineEvent } from '../timeline.store.js';
import type { WaitKind } from '../wait-kind.js';
import type { WaitReason } from '../waiting.js';
import { TerritoryEnum, WaitKindEnum } from './enums.js';

@ObjectType('Hold', { description: 'Why some recipients wait: rule QUIET_HOURS, SUNDAY or PUBLIC_HOLIDAY.' })
export class HoldType {
  @Field(() => String)
  rule: string;

  @Field(() => String)
  policy: string;

  @Field(() => TerritoryEnum)
  territory: Territory;

  @Field(() => String)
  timeZone: string;

  @Field(() => String)
  localTime: string;

  @Field(() => String, { nullable: true })
  holiday: string | null;

  @Field(() => Int)
  recipients: number;

  @Field(() => DateTimeScalar)
  releaseAt: Date;

  @Field(() => String)
  explanation: string;
}

@ObjectType('WaitReason')
export class WaitReasonType {
  @Field(() => WaitKindEnum)
  kind: WaitKind;

  @Field(() => Int)
  recipients: number;

  @Field(() => DateTimeScalar)
  since: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  nextCheckAt: Date | null;

  @Field(() => String)
  explanation: string;
}

@ObjectType('DeliveryCounts')
export class DeliveryCountsType {
  @Field(() => Int)
  waiting: number;

  @Field(() => Int)
  sent: number;

  @Field(() => Int)
  delivered: number;

  @Field(() => Int)
  undelivered: number;

  @Field(() => Int)
  expired: number;

  @Field(() => Int)
  refused: number;

  @Field(() => Int)
  optedOut: number;

  @Field(() => Int)
  cancelled: number;

  @Field(() => Int)
  unconfirmed: number;
}

@ObjectType('TimelineEvent')
export class TimelineEventType {
  @Field(() => DateTimeScalar)
  at: Date;

  @Field(() => String)
  kind: string;

  @Field(() => String)
  detail: string;
}

export const toCounts = (counts: DeliveryCounts): DeliveryCountsType => Object.assign(new DeliveryCountsType(), counts);

export const toHold = (hold: HoldReason, recipients: number): HoldType =>
  Object.assign(new HoldType(), { ...hold, recipients });

export const toWaitReason = (reason: WaitReason): WaitReasonType => Object.assign(new WaitReasonType(), reason);

export const toTimelineEvent = (event: TimelineEvent): TimelineEventType =>
  Object.assign(new TimelineEventType(), event);
