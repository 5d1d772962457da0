import { ArgsType, Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { IsOptional, Matches } from 'class-validator';
import type { Route } from '../../kernel/index.js';
import {
  connectionTypes,
  CurrencyCode,
  DateTimeScalar,
  DecimalScalar,
  PageArgs,
  PlainText,
  RouteEnum,
} from '../../kernel/graphql/index.js';
import type { LedgerEntry } from '../ledger-entry.js';
import type { Price } from '../price-list.js';

@ObjectType('LedgerEntry')
export class LedgerEntryType {
  @Field(() => ID)
  id: string;

  @Field(() => String, {
    description: 'CREDIT, RESERVATION (a message was accepted) or REFUND (of it something did not go).',
  })
  kind: string;

  @Field(() => DecimalScalar)
  amount: string;

  @Field(() => DecimalScalar)
  balanceAfter: string;

  @Field(() => ID, { nullable: true })
  messageId: string | null;

  @Field(() => String, { nullable: true })
  reason: string | null;

  @Field(() => DateTimeScalar)
  createdAt: Date;
}

@ObjectType('LedgerEntryConnection')
export class LedgerEntryConnection extends connectionTypes('LedgerEntry', LedgerEntryType) {}

@ArgsType()
export class LedgerArgs extends PageArgs {
  @Field(() => ID, { nullable: true })
  tenantId?: string | null;
}

@ObjectType('Price')
export class PriceType {
  @Field(() => RouteEnum)
  route: Route;

  @Field(() => String)
  prefix: string;

  @Field(() => DecimalScalar)
  amount: string;

  @Field(() => String)
  currency: string;

  @Field(() => DateTimeScalar)
  validFrom: Date;
}

@InputType({
  description:
    '`prefix`: digits of an E.164 number, "33", "262"; "" is the default for the rest of the world, absent by default: then the number is refused (NO_PRICE).',
})
export class SetPriceInput {
  @Field(() => RouteEnum)
  route: Route;

  @Matches(/^\d{0,15}$/, { message: '$property must be up to 15 digits of an E.164 number without +, such as "33"' })
  @Field(() => String)
  prefix: string;

  @Field(() => DecimalScalar)
  amount: string;

  @IsOptional()
  @CurrencyCode()
  @Field(() => String, { nullable: true, defaultValue: 'EUR' })
  currency: string | null;

  @Field(() => DateTimeScalar, { nullable: true })
  validFrom?: Date | null;
}

@ArgsType()
export class CreditArgs {
  @Field(() => DecimalScalar)
  amount: string;

  @PlainText(1, 500)
  @Field(() => String)
  reason: string;

  @PlainText(1, 200)
  @Field(() => String)
  idempotencyKey: string;
}

export const toLedgerEntry = (entry: LedgerEntry): LedgerEntryType => Object.assign(new LedgerEntryType(), entry);

export const toPrice = (price: Price): PriceType => Object.assign(new PriceType(), price);
