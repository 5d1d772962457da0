import { Args, Field, ID, ObjectType, Query, Resolver } from '@nestjs/graphql';
import type { Caller } from '../../accounts/index.js';
import { CurrentCaller, readTenantId, Scopes } from '../../accounts/graphql/index.js';
import { DecimalScalar } from '../../kernel/graphql/index.js';
import { type AccountView, ReadProviderAccount } from '../read-provider-account.js';

@ObjectType('ProviderAccount')
export class ProviderAccountType {
  @Field(() => String, { description: '"smspartner" or, for development, "simulator".' })
  provider: string;

  @Field(() => String, {
    description: "Whose account it is: tenant or platform. A tenant without one sends on the platform's.",
  })
  owner: string;

  @Field(() => DecimalScalar, { nullable: true, description: 'Cut to four places. Null: it did not say.' })
  balance: string | null;

  @Field(() => String, { nullable: true })
  currency: string | null;

  @Field(() => String, { nullable: true, description: 'Why there is no answer; null where there is one.' })
  problem: string | null;
}

@Resolver(() => ProviderAccountType)
export class ProviderAccountResolver {
  constructor(private readonly read: ReadProviderAccount) {}

  @Scopes('ADMIN')
  @Query(() => ProviderAccountType, {
    description: "What is left on a provider account, asked at this moment: the tenant's, or the platform's. ADMIN.",
  })
  async providerAccount(
    @CurrentCaller() caller: Caller,
    @Args('tenantId', { type: () => ID, nullable: true }) tenantId?: string | null,
  ): Promise<ProviderAccountType> {
    return toProviderAccount(await this.read.execute(tenantId == null ? null : readTenantId(tenantId), caller.keyId));
  }
}

function toProviderAccount({ provider, owner, answer }: AccountView): ProviderAccountType {
  const account = answer.status === 'answered' ? answer.value : null;
  return Object.assign(new ProviderAccountType(), {
    provider,
    owner,
    balance: account?.balance?.replace(/(\.\d{4})\d+$/, '$1') ?? null,
    currency: account?.currency ?? null,
    problem: answer.status === 'answered' ? null : answer.reason,
  });
}
