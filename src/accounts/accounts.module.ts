import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ApiKeyStore } from './api-key.store.js';
import { AuditTrail } from './audit-trail.store.js';
import { Authenticate } from './authenticate.js';
import { CreateTenant } from './create-tenant.js';
import { ApiKeyGuard } from './graphql/api-key.guard.js';
import { ApiKeyResolver } from './graphql/api-key.resolver.js';
import { SocketKeys } from './graphql/socket-keys.js';
import { TenantResolver } from './graphql/tenant.resolver.js';
import { IssueApiKey } from './issue-api-key.js';
import { KeysInForce } from './keys-in-force.js';
import { ProviderCredentialStore } from './provider-credential.store.js';
import { ProviderCredentials } from './provider-credentials.js';
import { ReadApiKeys } from './read-api-keys.js';
import { ReadTenants } from './read-tenants.js';
import { RevokeApiKey } from './revoke-api-key.js';
import { Seal } from './seal.js';
import { SuspendTenant } from './suspend-tenant.js';
import { TenantBirth } from './tenant-birth.js';
import { TenantStore } from './tenant.store.js';
import { UpdateTenant } from './update-tenant.js';

@Module({
  providers: [
    { provide: APP_GUARD, useClass: ApiKeyGuard },
    Authenticate,
    CreateTenant,
    UpdateTenant,
    SuspendTenant,
    ReadTenants,
    IssueApiKey,
    RevokeApiKey,
    ReadApiKeys,
    KeysInForce,
    ProviderCredentials,
    TenantBirth,
    Seal,
    AuditTrail,
    ApiKeyStore,
    TenantStore,
    ProviderCredentialStore,
    ApiKeyResolver,
    TenantResolver,
    SocketKeys,
  ],
  exports: [
    AuditTrail,
    Authenticate,
    CreateTenant,
    IssueApiKey,
    ProviderCredentials,
    ReadTenants,
    Seal,
    TenantBirth,
    TenantStore,
  ],
})
export class AccountsModule {}
