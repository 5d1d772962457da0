import { Args, ID, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { NotFound, PLATFORM, type TenantId, isUuid } from '../../kernel/index.js';
import { VALIDATED } from '../../kernel/graphql/index.js';
import { Unauthenticated } from '../accounts.errors.js';
import { type Caller, hasScope, tenantToRead } from '../caller.js';
import { IssueApiKey } from '../issue-api-key.js';
import { ReadApiKeys } from '../read-api-keys.js';
import { ReadTenants } from '../read-tenants.js';
import { RevokeApiKey } from '../revoke-api-key.js';
import { RotateApiKey } from '../rotate-api-key.js';
import { UpdateApiKey } from '../update-api-key.js';
import { IssueApiKeyInput, UpdateApiKeyInput } from './accounts.inputs.js';
import { ApiKeyType, IssuedApiKeyType, toApiKey, toIssuedApiKey, ViewerType } from './api-key.type.js';
import { AnyKey, CurrentCaller, Scopes } from './scopes.js';
import { readTenantId } from './tenant-id-arg.js';
import { toTenant } from './tenant.type.js';

const A_DAY = 86_400;

@Resolver(() => ApiKeyType)
export class ApiKeyResolver {
  constructor(
    private readonly keys: ReadApiKeys,
    private readonly tenants: ReadTenants,
    private readonly issue: IssueApiKey,
    private readonly revoke: RevokeApiKey,
    private readonly rotate: RotateApiKey,
    private readonly update: UpdateApiKey,
  ) {}

  @AnyKey()
  @Query(() => ViewerType, { description: "Who is asking: the tenant of the key, its balance, the key's scopes." })
  async viewer(@CurrentCaller() caller: Caller): Promise<ViewerType> {
    const key = await this.keys.find(caller.tenantId ?? PLATFORM, caller.keyId);
    if (key === null) throw new Unauthenticated();
    const tenant = caller.tenantId === null ? null : await this.tenants.find(caller.tenantId);
    return Object.assign(new ViewerType(), {
      tenant: tenant && toTenant(tenant),
      apiKey: toApiKey(key),
      scopes: [...caller.scopes],
    });
  }

  @Scopes('MANAGE', 'ADMIN')
  @Query(() => [ApiKeyType], { description: "MANAGE: keys of one's own tenant. ADMIN: any tenant's." })
  async apiKeys(
    @CurrentCaller() caller: Caller,
    @Args('tenantId', { type: () => ID, nullable: true }) tenantId?: string | null,
  ): Promise<ApiKeyType[]> {
    return (await this.keys.of(ownerOf(caller, tenantId ?? null))).map(toApiKey);
  }

  @Scopes('MANAGE', 'ADMIN')
  @Mutation(() => IssuedApiKeyType, {
    description:
      "A new key; its secret is in the answer once, and never again. MANAGE: for one's own tenant. ADMIN: for any, or for the platform where no tenantId is given.",
  })
  async issueApiKey(
    @CurrentCaller() caller: Caller,
    @Args('input', VALIDATED) input: IssueApiKeyInput,
  ): Promise<IssuedApiKeyType> {
    const request = {
      tenantId: ownerOf(caller, input.tenantId ?? null),
      name: input.name,
      scopes: input.scopes,
      defaultCategory: input.defaultCategory ?? null,
      allowedIps: input.allowedIps ?? null,
      expiresAt: input.expiresAt ?? null,
    };
    return toIssuedApiKey(await this.issue.execute(request, caller.keyId));
  }

  @Scopes('MANAGE', 'ADMIN')
  @Mutation(() => ApiKeyType, { description: 'Stops a key at once, for good. MANAGE or ADMIN.' })
  async revokeApiKey(@CurrentCaller() caller: Caller, @Args('id', { type: () => ID }) id: string): Promise<ApiKeyType> {
    return toApiKey(await this.revoke.execute(caller, readKeyId(id)));
  }

  @Scopes('MANAGE', 'ADMIN')
  @Mutation(() => IssuedApiKeyType, {
    description:
      'A new key; the old one keeps working for `overlapSeconds` (0: stops at once), at most 30 days and never beyond its own expiry. MANAGE or ADMIN.',
  })
  async rotateApiKey(
    @CurrentCaller() caller: Caller,
    @Args('id', { type: () => ID }) id: string,
    @Args('overlapSeconds', { type: () => Int, nullable: true, defaultValue: A_DAY }) overlapSeconds: number | null,
  ): Promise<IssuedApiKeyType> {
    return toIssuedApiKey(await this.rotate.execute(caller, readKeyId(id), overlapSeconds ?? A_DAY));
  }

  @Scopes('MANAGE', 'ADMIN')
  @Mutation(() => ApiKeyType, { description: 'Changes its name, or where it may be used from. MANAGE or ADMIN.' })
  async updateApiKey(
    @CurrentCaller() caller: Caller,
    @Args('id', { type: () => ID }) id: string,
    @Args('input', VALIDATED) { name, allowedIps }: UpdateApiKeyInput,
  ): Promise<ApiKeyType> {
    const changes = { ...(name != null && { name }), ...(allowedIps !== undefined && { allowedIps }) };
    return toApiKey(await this.update.execute(caller, readKeyId(id), changes));
  }
}

function readKeyId(id: string): string {
  if (!isUuid(id)) throw new NotFound('API key');
  return id;
}

/** Without a name, an administrator means the platform's keys and a tenant means its own. */
function ownerOf(caller: Caller, named: string | null): TenantId {
  if (named === null && hasScope(caller, 'ADMIN')) return PLATFORM;
  return tenantToRead(caller, named === null ? null : readTenantId(named));
}
