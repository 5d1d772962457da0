import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import DataLoader from 'dataloader';
import type { Caller } from '../../accounts/index.js';
import { AnyKey, CurrentCaller, readTenantId, Scopes, TenantType } from '../../accounts/graphql/index.js';
import type { TenantId } from '../../kernel/index.js';
import {
  DecimalScalar,
  type GraphqlContext,
  readPage,
  remember,
  toConnection,
  toPage,
  VALIDATED,
} from '../../kernel/graphql/index.js';
import { CreditTenant } from '../credit-tenant.js';
import { ReadBilling } from '../read-billing.js';
import { SetPrice } from '../set-price.js';
import {
  CreditArgs,
  LedgerArgs,
  LedgerEntryConnection,
  LedgerEntryType,
  PriceType,
  SetPriceInput,
  toLedgerEntry,
  toPrice,
} from './billing.types.js';

const BALANCES = Symbol('balances');

@Resolver(() => TenantType)
export class BillingResolver {
  constructor(
    private readonly read: ReadBilling,
    private readonly credit: CreditTenant,
    private readonly price: SetPrice,
  ) {}

  @AnyKey()
  @Query(() => [PriceType], {
    description: 'The price list in force: per part, by route and number prefix; the longest prefix wins.',
  })
  async prices(): Promise<PriceType[]> {
    return (await this.read.pricesInForce()).map(toPrice);
  }

  @Scopes('READ', 'MANAGE', 'ADMIN')
  @Query(() => LedgerEntryConnection, {
    description:
      'Every movement of the credit, newest first, in the order in which the balance moved: each `balanceAfter` is the one before plus `amount`. `tenantId`: administrators only.',
  })
  async ledger(@CurrentCaller() caller: Caller, @Args() args: LedgerArgs): Promise<LedgerEntryConnection> {
    const { after, limit } = readPage(args);
    const named = args.tenantId == null ? null : readTenantId(args.tenantId);
    const rows = await this.read.ledger(caller, named, { after, limit: limit + 1 });
    return toConnection(toPage(rows, limit), row => row.id, toLedgerEntry);
  }

  @Scopes('ADMIN')
  @Mutation(() => PriceType, {
    description: 'A price from now on, or from `validFrom` on; what was accepted keeps its own. ADMIN.',
  })
  async setPrice(@CurrentCaller() caller: Caller, @Args('input', VALIDATED) input: SetPriceInput): Promise<PriceType> {
    const request = { ...input, currency: input.currency ?? 'EUR', validFrom: input.validFrom ?? null };
    return toPrice(await this.price.execute(request, caller.keyId));
  }

  @Scopes('ADMIN')
  @Mutation(() => LedgerEntryType, {
    description:
      'Adds credit, or takes it back with a negative amount, never below zero. The same key again answers the first entry. ADMIN.',
  })
  async creditTenant(
    @CurrentCaller() caller: Caller,
    @Args('id', { type: () => ID }) id: string,
    @Args(VALIDATED) credit: CreditArgs,
  ): Promise<LedgerEntryType> {
    return toLedgerEntry(await this.credit.execute(readTenantId(id), credit, caller.keyId));
  }

  @ResolveField(() => DecimalScalar)
  async balance(@Parent() tenant: TenantType, @Context() context: GraphqlContext): Promise<string> {
    return remember(context, BALANCES, () => this.balanceLoader()).load(tenant.id);
  }

  /** Many tenants on one page, one statement. */
  private balanceLoader(): DataLoader<TenantId, string> {
    return new DataLoader(async tenantIds => {
      const balances = await this.read.balancesOf(tenantIds);
      return tenantIds.map(tenantId => balances.get(tenantId) ?? new Error('a tenant has no balance'));
    });
  }
}
