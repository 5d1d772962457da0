import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ApiKeyStore } from './api-key.store.js';
import { AuditTrail } from './audit-trail.store.js';
import { Authenticate } from './authenticate.js';
import { ChangeApiKey } from './change-api-key.js';
import { CheckSeals } from './check-seals.js';
import { ClientTokens } from './client-tokens.js';
import { CreateTenant } from './create-tenant.js';
import { ApiKeyGuard } from './graphql/api-key.guard.js';
import { ApiKeyResolver } from './graphql/api-key.resolver.js';
import { SocketKeys } from './graphql/socket-keys.js';
import { AuditTrailResolver } from './graphql/audit-trail.resolver.js';
import { TenantResolver } from './graphql/tenant.resolver.js';
import { IssueApiKey } from './issue-api-key.js';
import { KeyUses } from './key-uses.js';
import { KeysInForce } from './keys-in-force.js';
import { ProviderCredentialStore } from './provider-credential.store.js';
import { credentialOwner, ProviderCredentials } from './provider-credentials.js';
import { ReadApiKeys } from './read-api-keys.js';
import { ReadAuditTrail } from './read-audit-trail.js';
import { ReadTenants } from './read-tenants.js';
import { ResealSecrets } from './reseal-secrets.js';
import { RevokeApiKey } from './revoke-api-key.js';
import { RotateApiKey } from './rotate-api-key.js';
import { Seal } from './seal.js';
import { SealedColumns } from './sealed-columns.js';
import { SealedStore } from './sealed.store.js';
import { StillInForce } from './still-in-force.js';
import { SuspendTenant } from './suspend-tenant.js';
import { TenantBirth } from './tenant-birth.js';
import { TenantStore } from './tenant.store.js';
import { TenantsAtHand } from './tenants-at-hand.js';
import { UpdateApiKey } from './update-api-key.js';
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
    ChangeApiKey,
    RevokeApiKey,
    RotateApiKey,
    UpdateApiKey,
    ReadApiKeys,
    ReadAuditTrail,
    StillInForce,
    KeysInForce,
    KeyUses,
    ClientTokens,
    ProviderCredentials,
    TenantBirth,
    Seal,
    SealedColumns,
    SealedStore,
    CheckSeals,
    ResealSecrets,
    AuditTrail,
    ApiKeyStore,
    TenantStore,
    TenantsAtHand,
    ProviderCredentialStore,
    ApiKeyResolver,
    TenantResolver,
    SocketKeys,
    AuditTrailResolver,
  ],
  exports: [
    AuditTrail,
    Authenticate,
    ClientTokens,
    CreateTenant,
    IssueApiKey,
    ProviderCredentials,
    ReadTenants,
    TenantBirth,
    TenantStore,
    TenantsAtHand,
    Seal,
    SealedColumns,
  ],
})
export class AccountsModule {
  constructor(columns: SealedColumns) {
    columns.add({
      table: 'provider_credentials',
      column: 'sealed',
      key: 'provider',
      keyIdColumn: 'master_key_id',
      ownerOf: credentialOwner,
    });
  }
}
