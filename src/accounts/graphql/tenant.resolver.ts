import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import DataLoader from 'dataloader';
import { AppConfig, type TenantId } from '../../kernel/index.js';
import {
  type GraphqlContext,
  PageArgs,
  readPage,
  remember,
  toConnection,
  toPage,
  VALIDATED,
} from '../../kernel/graphql/index.js';
import { type Caller, hasScope } from '../caller.js';
import { CreateTenant } from '../create-tenant.js';
import { ProviderCredentials } from '../provider-credentials.js';
import { ReadTenants } from '../read-tenants.js';
import { SuspendTenant } from '../suspend-tenant.js';
import type { TenantSettings } from '../tenant.js';
import { type TenantChanges, UpdateTenant } from '../update-tenant.js';
import { CreateTenantInput, SuspendTenantArgs, UpdateTenantInput } from './accounts.inputs.js';
import { AnyKey, CurrentCaller, Scopes } from './scopes.js';
import { readTenantId } from './tenant-id-arg.js';
import { TenantConnection, TenantType, toTenant } from './tenant.type.js';

const CREDENTIALS = Symbol('own credentials');

@Resolver(() => TenantType)
export class TenantResolver {
  constructor(
    private readonly read: ReadTenants,
    private readonly create: CreateTenant,
    private readonly update: UpdateTenant,
    private readonly suspension: SuspendTenant,
    private readonly credentials: ProviderCredentials,
    private readonly config: AppConfig,
  ) {}

  /** A tenant sees itself; administrators see all. */
  @AnyKey()
  @Query(() => TenantType, {
    nullable: true,
    description: "One's own tenant; for administrators any. Null: there is none, or it is another's.",
  })
  async tenant(
    @CurrentCaller() caller: Caller,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<TenantType | null> {
    const tenantId = readTenantId(id);
    if (tenantId !== caller.tenantId && !hasScope(caller, 'ADMIN')) return null;
    const tenant = await this.read.find(tenantId);
    return tenant && toTenant(tenant);
  }

  @Scopes('ADMIN')
  @Query(() => TenantConnection, { description: 'All tenants. ADMIN.' })
  async tenants(@Args() args: PageArgs): Promise<TenantConnection> {
    const { after, limit } = readPage(args);
    return toConnection(toPage(await this.read.page(after, limit + 1), limit), row => row.id, toTenant);
  }

  @Scopes('ADMIN')
  @Mutation(() => TenantType, { description: 'A new customer of the platform, without credit and keys. ADMIN.' })
  async createTenant(
    @CurrentCaller() caller: Caller,
    @Args('input', VALIDATED) input: CreateTenantInput,
  ): Promise<TenantType> {
    return toTenant(await this.create.execute(toSettings(input), caller.keyId));
  }

  @Scopes('ADMIN')
  @Mutation(() => TenantType, {
    description: 'Changes what is given and leaves the rest; the currency is fixed for good. ADMIN.',
  })
  async updateTenant(
    @CurrentCaller() caller: Caller,
    @Args('id', { type: () => ID }) id: string,
    @Args('input', VALIDATED) input: UpdateTenantInput,
  ): Promise<TenantType> {
    return toTenant(await this.update.execute(readTenantId(id), toChanges(input), caller.keyId));
  }

  @Scopes('ADMIN')
  @Mutation(() => TenantType, {
    description: 'Refuses what is new; what was accepted waits (TENANT_SUSPENDED), and its validity goes on. ADMIN.',
  })
  async suspendTenant(
    @CurrentCaller() caller: Caller,
    @Args(VALIDATED) { id, reason }: SuspendTenantArgs,
  ): Promise<TenantType> {
    return toTenant(await this.suspension.suspend(readTenantId(id), reason.trim(), caller.keyId));
  }

  @Scopes('ADMIN')
  @Mutation(() => TenantType, { description: 'Ends a suspension: what waited goes on. ADMIN.' })
  async reactivateTenant(
    @CurrentCaller() caller: Caller,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<TenantType> {
    return toTenant(await this.suspension.reactivate(readTenantId(id), caller.keyId));
  }

  @Scopes('ADMIN')
  @Mutation(() => TenantType, { description: 'Sealed at rest; never readable again.' })
  async setProviderCredential(
    @CurrentCaller() caller: Caller,
    @Args('tenantId', { type: () => ID }) tenantId: string,
    @Args('provider', { type: () => String, defaultValue: 'smspartner' }) provider: string,
    @Args('apiKey', { type: () => String }) apiKey: string,
  ): Promise<TenantType> {
    return toTenant(await this.credentials.set(readTenantId(tenantId), provider, apiKey, caller.keyId));
  }

  @ResolveField(() => String, { description: 'Who carries its SMS: "smspartner" or, for development, "simulator".' })
  provider(): string {
    return this.config.smsProvider;
  }

  @ResolveField(() => Boolean)
  hasProviderCredential(@Parent() tenant: TenantType, @Context() context: GraphqlContext): Promise<boolean> {
    return remember(context, CREDENTIALS, () => this.credentialLoader()).load(tenant.id);
  }

  /** Many tenants on one page, one statement. */
  private credentialLoader(): DataLoader<TenantId, boolean> {
    return new DataLoader(async tenantIds => {
      const owners = await this.read.withOwnCredential(tenantIds);
      return tenantIds.map(tenantId => owners.has(tenantId));
    });
  }
}

const toSettings = (input: CreateTenantInput): TenantSettings => ({
  name: input.name,
  defaultCategory: input.defaultCategory ?? 'COMMERCIAL',
  transactionalAllowed: input.transactionalAllowed ?? false,
  unicodeAllowed: input.unicodeAllowed ?? false,
  quietHoursEnforced: input.quietHoursEnforced ?? true,
  defaultSender: input.defaultSender ?? null,
  allowedSenders: input.allowedSenders ?? null,
  resendWhenAbsent: input.resendWhenAbsent ?? true,
  currency: input.currency ?? 'EUR',
  retentionDays: input.retentionDays ?? null,
});

/** Null clears the settings that may be empty; for the others it means "not given". */
const toChanges = (input: UpdateTenantInput): TenantChanges => ({
  ...(input.name != null && { name: input.name }),
  ...(input.defaultCategory != null && { defaultCategory: input.defaultCategory }),
  ...(input.transactionalAllowed != null && { transactionalAllowed: input.transactionalAllowed }),
  ...(input.unicodeAllowed != null && { unicodeAllowed: input.unicodeAllowed }),
  ...(input.quietHoursEnforced != null && { quietHoursEnforced: input.quietHoursEnforced }),
  ...(input.defaultSender !== undefined && { defaultSender: input.defaultSender }),
  ...(input.allowedSenders !== undefined && { allowedSenders: input.allowedSenders }),
  ...(input.resendWhenAbsent != null && { resendWhenAbsent: input.resendWhenAbsent }),
  ...(input.retentionDays !== undefined && { retentionDays: input.retentionDays }),
});
