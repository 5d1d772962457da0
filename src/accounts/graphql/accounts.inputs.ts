import { ArgsType, Field, ID, InputType, Int } from '@nestjs/graphql';
import { ArrayNotEmpty, IsOptional } from 'class-validator';
import type { Category } from '../../kernel/index.js';
import { CategoryEnum, CurrencyCode, DateTimeScalar, PlainText } from '../../kernel/graphql/index.js';
import type { Scope } from '../scope.js';
import { ScopeEnum } from './api-key.type.js';

const RETENTION =
  "Texts and phone numbers are erased so many days after their message has ended: 7 to 3650. Null: the platform's default.";

@InputType()
export class CreateTenantInput {
  @PlainText(1, 100)
  @Field(() => String)
  name: string;

  @Field(() => CategoryEnum, { nullable: true, defaultValue: CategoryEnum.COMMERCIAL })
  defaultCategory: Category | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false })
  transactionalAllowed: boolean | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false })
  unicodeAllowed: boolean | null;

  @Field(() => Boolean, { nullable: true, defaultValue: true })
  quietHoursEnforced: boolean | null;

  @Field(() => String, { nullable: true })
  defaultSender?: string | null;

  @Field(() => [String], { nullable: true })
  allowedSenders?: string[] | null;

  @Field(() => Boolean, { nullable: true, defaultValue: true })
  resendWhenAbsent: boolean | null;

  @IsOptional()
  @CurrencyCode()
  @Field(() => String, { nullable: true, defaultValue: 'EUR' })
  currency: string | null;

  @Field(() => Int, { nullable: true, description: RETENTION })
  retentionDays?: number | null;
}

@InputType()
export class UpdateTenantInput {
  @IsOptional()
  @PlainText(1, 100)
  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => CategoryEnum, { nullable: true })
  defaultCategory?: Category | null;

  @Field(() => Boolean, { nullable: true })
  transactionalAllowed?: boolean | null;

  @Field(() => Boolean, { nullable: true })
  unicodeAllowed?: boolean | null;

  @Field(() => Boolean, { nullable: true })
  quietHoursEnforced?: boolean | null;

  @Field(() => String, { nullable: true })
  defaultSender?: string | null;

  @Field(() => [String], { nullable: true })
  allowedSenders?: string[] | null;

  @Field(() => Boolean, { nullable: true })
  resendWhenAbsent?: boolean | null;

  @Field(() => Int, { nullable: true, description: RETENTION })
  retentionDays?: number | null;
}

@InputType()
export class IssueApiKeyInput {
  @Field(() => ID, { nullable: true })
  tenantId?: string | null;

  @PlainText(1, 100)
  @Field(() => String)
  name: string;

  @ArrayNotEmpty({ message: '$property must name at least one scope' })
  @Field(() => [ScopeEnum])
  scopes: Scope[];

  @Field(() => CategoryEnum, { nullable: true })
  defaultCategory?: Category | null;

  @Field(() => DateTimeScalar, { nullable: true })
  expiresAt?: Date | null;

  @Field(() => [String], { nullable: true })
  allowedIps?: string[] | null;
}

@InputType({ description: 'What is not given stays. Scopes and expiry are fixed: issue another key for others.' })
export class UpdateApiKeyInput {
  @IsOptional()
  @PlainText(1, 100)
  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => [String], { nullable: true, description: 'Null: from anywhere.' })
  allowedIps?: string[] | null;
}

@ArgsType()
export class SuspendTenantArgs {
  @Field(() => ID)
  id: string;

  @PlainText(1, 500)
  @Field(() => String)
  reason: string;
}
