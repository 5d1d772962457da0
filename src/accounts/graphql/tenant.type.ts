import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import type { Category, TenantId } from '../../kernel/index.js';
import { CategoryEnum, connectionTypes, DateTimeScalar } from '../../kernel/graphql/index.js';
import type { Tenant } from '../tenant.js';

@ObjectType('Tenant')
export class TenantType {
  @Field(() => ID)
  id: TenantId;

  @Field(() => String)
  name: string;

  @Field(() => String, { description: 'ACTIVE or SUSPENDED.' })
  status: string;

  @Field(() => CategoryEnum)
  defaultCategory: Category;

  @Field(() => Boolean)
  transactionalAllowed: boolean;

  @Field(() => Boolean)
  unicodeAllowed: boolean;

  @Field(() => Boolean, {
    description:
      'False: exempted by an administrator, as SMS Partner does for accounts that send no commercial SMS. Its category is then TRANSACTIONAL; a COMMERCIAL send of it is refused.',
  })
  quietHoursEnforced: boolean;

  @Field(() => String, { nullable: true })
  defaultSender: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Null: any well-formed sender. Else only these (SMS Partner code 992).',
  })
  allowedSenders: string[] | null;

  @Field(() => Boolean, {
    description:
      'After a doubtful call the provider was asked twice, a grace apart, and knows nothing: may Relais send again by itself?',
  })
  resendWhenAbsent: boolean;

  @Field(() => String)
  currency: string;

  @Field(() => Int, {
    nullable: true,
    description:
      'Texts and phone numbers are erased so many days after their message has ended. Null: as long as the platform keeps them.',
  })
  retentionDays: number | null;

  @Field(() => DateTimeScalar)
  createdAt: Date;
}

export const toTenant = (tenant: Tenant): TenantType =>
  Object.assign(new TenantType(), {
    id: tenant.id,
    name: tenant.name,
    status: tenant.status,
    defaultCategory: tenant.defaultCategory,
    transactionalAllowed: tenant.transactionalAllowed,
    unicodeAllowed: tenant.unicodeAllowed,
    quietHoursEnforced: tenant.quietHoursEnforced,
    defaultSender: tenant.defaultSender,
    allowedSenders: tenant.allowedSenders && [...tenant.allowedSenders],
    resendWhenAbsent: tenant.resendWhenAbsent,
    currency: tenant.currency,
    retentionDays: tenant.retentionDays,
    createdAt: tenant.createdAt,
  });

@ObjectType('TenantConnection')
export class TenantConnection extends connectionTypes('Tenant', TenantType) {}
