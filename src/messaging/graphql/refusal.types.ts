import { createUnionType, Field, InterfaceType, ObjectType } from '@nestjs/graphql';
import { InsufficientCredit } from '../../billing/index.js';
import { DecimalScalar } from '../../kernel/graphql/index.js';
import type { MessageStatus } from '../message-status.js';
import { IdempotencyConflict, InvalidSms, NoRecipient, type Problem, TooLate } from '../messaging.errors.js';
import { MessageStatusEnum } from './enums.js';
import { BatchType } from './batch.type.js';
import { MessageType } from './message.type.js';
import { SmsPreviewType } from './sms-preview.type.js';

@InterfaceType('Refusal')
export abstract class RefusalType {
  @Field(() => String)
  code: string;

  @Field(() => String)
  message: string;
}

@ObjectType('Problem', { description: '`path` points into the input: ["to", "3"].' })
export class ProblemType {
  @Field(() => [String])
  path: string[];

  @Field(() => String)
  code: string;

  @Field(() => String)
  message: string;
}

@ObjectType('InvalidSms', { implements: () => RefusalType })
export class InvalidSmsType extends RefusalType {
  @Field(() => [ProblemType])
  problems: ProblemType[];
}

@ObjectType('NoRecipient', { implements: () => RefusalType, description: 'Every recipient has opted out.' })
export class NoRecipientType extends RefusalType {}

@ObjectType('InsufficientCredit', { implements: () => RefusalType })
export class InsufficientCreditType extends RefusalType {
  @Field(() => DecimalScalar)
  required: string;

  @Field(() => DecimalScalar)
  balance: string;

  @Field(() => String)
  currency: string;
}

@ObjectType('IdempotencyConflict', { implements: () => RefusalType })
export class IdempotencyConflictType extends RefusalType {}

@ObjectType('TooLate', { implements: () => RefusalType })
export class TooLateType extends RefusalType {
  @Field(() => MessageStatusEnum)
  status: MessageStatus;
}

export const SendSmsResult = createUnionType({
  name: 'SendSmsResult',
  types: () => [MessageType, InvalidSmsType, NoRecipientType, InsufficientCreditType, IdempotencyConflictType] as const,
});

export const SendBatchResult = createUnionType({
  name: 'SendBatchResult',
  types: () => [BatchType, InvalidSmsType, NoRecipientType, InsufficientCreditType, IdempotencyConflictType] as const,
});

export const CancelBatchResult = createUnionType({
  name: 'CancelBatchResult',
  types: () => [BatchType, TooLateType] as const,
});

export const ChangeMessageResult = createUnionType({
  name: 'ChangeMessageResult',
  types: () => [MessageType, TooLateType] as const,
});

export const PreviewSmsResult = createUnionType({
  name: 'PreviewSmsResult',
  types: () => [SmsPreviewType, InvalidSmsType] as const,
});

const told = (error: { readonly code: string; readonly message: string }): { code: string; message: string } => ({
  code: error.code,
  message: error.message,
});

const toProblem = ({ path, code, message }: Problem): ProblemType =>
  Object.assign(new ProblemType(), { path: [...path], code, message });

export const toInvalidSms = (error: InvalidSms): InvalidSmsType =>
  Object.assign(new InvalidSmsType(), { ...told(error), problems: error.problems.map(toProblem) });

export const toTooLate = (error: TooLate): TooLateType =>
  Object.assign(new TooLateType(), { ...told(error), status: error.status });

/** The refusals that a sender should handle, as data; null for what is not one of them. */
export function toSendRefusal(error: unknown): Exclude<typeof SendSmsResult, MessageType> | null {
  if (error instanceof InvalidSms) return toInvalidSms(error);
  if (error instanceof NoRecipient) return Object.assign(new NoRecipientType(), told(error));
  if (error instanceof IdempotencyConflict) return Object.assign(new IdempotencyConflictType(), told(error));
  if (error instanceof InsufficientCredit) {
    const { required, balance, currency } = error;
    return Object.assign(new InsufficientCreditType(), { ...told(error), required, balance, currency });
  }
  return null;
}
