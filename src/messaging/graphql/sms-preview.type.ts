import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { Encoding } from '../../kernel/index.js';
import { DateTimeScalar, DecimalScalar, EncodingEnum } from '../../kernel/graphql/index.js';
import type { SmsPreview } from '../asking/preview-sms.js';
import type { Replacement } from '../text/compose-text.js';
import { HoldType, toHold } from './message-parts.type.js';

@ObjectType('Replacement')
export class ReplacementType {
  @Field(() => String)
  from: string;

  @Field(() => String)
  to: string;

  @Field(() => Int)
  count: number;
}

@ObjectType('SmsPreview')
export class SmsPreviewType {
  @Field(() => String)
  sentText: string;

  @Field(() => [ReplacementType])
  replaced: ReplacementType[];

  @Field(() => EncodingEnum)
  encoding: Encoding;

  @Field(() => Int)
  parts: number;

  @Field(() => Int)
  recipients: number;

  @Field(() => Int)
  optedOut: number;

  @Field(() => DecimalScalar)
  cost: string;

  @Field(() => String)
  currency: string;

  @Field(() => DateTimeScalar)
  leavesAt: Date;

  @Field(() => [HoldType])
  holds: HoldType[];
}

const toReplacement = (replacement: Replacement): ReplacementType => Object.assign(new ReplacementType(), replacement);

export const toSmsPreview = ({ plan, currency, optedOut, leavesAt, holds }: SmsPreview): SmsPreviewType =>
  Object.assign(new SmsPreviewType(), {
    sentText: plan.composed.sentText,
    replaced: plan.composed.replaced.map(toReplacement),
    encoding: plan.composed.encoding,
    parts: plan.composed.parts,
    recipients: plan.recipients.length,
    optedOut,
    cost: plan.cost,
    currency,
    leavesAt,
    holds: holds.map(({ hold, recipients }) => toHold(hold, recipients)),
  });
