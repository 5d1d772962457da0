import { Field, InputType, Int } from '@nestjs/graphql';
import type { Category, Route } from '../../kernel/index.js';
import { CategoryEnum, DateTimeScalar, PhoneNumberScalar, RouteEnum } from '../../kernel/graphql/index.js';
import type { Territory } from '../../scheduling/index.js';
import type { MessageStatus } from '../message-status.js';
import type { BatchRequest, OptionsRequest, SmsRequest } from '../asking/sms-request.js';
import { MessageStatusEnum, TerritoryEnum } from './enums.js';

/** What all inputs share; GraphQL inputs have no inheritance, code-first classes do. */
@InputType({ isAbstract: true })
abstract class OptionsInput {
  @Field(() => String, {
    nullable: true,
    description: "3 to 11 letters, digits or spaces, at least one letter. Empty: the provider's short code.",
  })
  sender?: string | null;

  @Field(() => CategoryEnum, {
    nullable: true,
    description: "Default: the tenant's. TRANSACTIONAL only where an administrator allowed it.",
  })
  category?: Category | null;

  @Field(() => RouteEnum, { nullable: true, defaultValue: RouteEnum.PREMIUM })
  route: Route | null;

  @Field(() => String, { nullable: true })
  tag?: string | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false })
  unicode: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Always on for commercial PREMIUM texts; never doubled.',
  })
  stopMention: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Reaches nobody, touches no credit, goes through the simulator; cost is indicative.',
  })
  sandbox: boolean | null;

  @Field(() => TerritoryEnum, {
    nullable: true,
    description:
      'Chooses only among the territories that a number permits: ALSACE_MOSELLE, an island of +590, Réunion or Mayotte.',
  })
  territory?: Territory | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Your own address for this message's delivery receipts, in SMS Partner's format: one POST per recipient.",
  })
  receiptUrl?: string | null;

  @Field(() => String, { nullable: true, description: "The same for replies and STOPs, in SMS Partner's format." })
  replyUrl?: string | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'How long it may still leave, from its first permitted departure; then FAILED and paid back. Default: TRANSACTIONAL one hour, COMMERCIAL 48 hours.',
  })
  validitySeconds?: number | null;

  @Field(() => String, {
    nullable: true,
    description: `Scope: the tenant, over all operations and both APIs, at least 24 hours. Same key and same operation and input (before defaults): the first answer
again. Same key, anything else: IdempotencyConflict. Refusals are not remembered.`,
  })
  idempotencyKey?: string | null;
}

@InputType({ isAbstract: true })
abstract class SmsInput extends OptionsInput {
  @Field(() => [PhoneNumberScalar], { description: '1 to 10,000 recipients; a number given twice counts once.' })
  to: string[];

  @Field(() => String)
  text: string;
}

@InputType()
export class SendSmsInput extends SmsInput {}

@InputType()
export class BatchMessageInput {
  @Field(() => PhoneNumberScalar)
  to: string;

  @Field(() => String)
  text: string;
}

@InputType()
export class SendBatchInput extends OptionsInput {
  @Field(() => [BatchMessageInput], {
    description: '1 to 10,000 texts, each for its own recipient. A number may stand in several.',
  })
  messages: BatchMessageInput[];

  @Field(() => DateTimeScalar, { nullable: true, description: 'Later; not given: as soon as permitted.' })
  at?: Date | null;
}

@InputType()
export class ScheduleSmsInput extends SmsInput {
  @Field(() => DateTimeScalar)
  at: Date;
}

@InputType()
export class MessageFilter {
  @Field(() => [MessageStatusEnum], { nullable: true })
  status?: MessageStatus[] | null;

  @Field(() => String, { nullable: true })
  tag?: string | null;

  @Field(() => PhoneNumberScalar, { nullable: true })
  phoneNumber?: string | null;

  @Field(() => DateTimeScalar, { nullable: true })
  createdAfter?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  createdBefore?: Date | null;
}

export const toSmsRequest = (input: SendSmsInput, at: Date | null): SmsRequest => ({
  to: input.to,
  text: input.text,
  ...toOptions(input, at),
});

export const toBatchRequest = (input: SendBatchInput): BatchRequest => ({
  messages: input.messages.map(({ to, text }) => ({ to, text })),
  ...toOptions(input, input.at ?? null),
});

const toOptions = (input: OptionsInput, at: Date | null): OptionsRequest => ({
  sender: input.sender ?? null,
  category: input.category ?? null,
  route: input.route ?? 'PREMIUM',
  tag: input.tag ?? null,
  unicode: input.unicode ?? false,
  stopMention: input.stopMention ?? false,
  sandbox: input.sandbox ?? false,
  territory: input.territory ?? null,
  receiptUrl: input.receiptUrl ?? null,
  replyUrl: input.replyUrl ?? null,
  validitySeconds: input.validitySeconds ?? null,
  idempotencyKey: input.idempotencyKey ?? null,
  at,
});
