import { Injectable } from '@nestjs/common';
import { Clock, InvalidArgument, NotFound, type TenantId, Transactions, type Tx } from '../kernel/index.js';
import { AuditTrail } from './audit-trail.store.js';
import { ProviderCredentialStore } from './provider-credential.store.js';
import { Seal } from './seal.js';
import { TenantStore } from './tenant.store.js';
import type { Tenant } from './tenant.js';

/** Whose account a call goes through: the tenant's own, or the platform's. */
export type CredentialOwner = 'tenant' | 'platform';

/** `sealed-otherwise`: under another master key, for another tenant, or damaged. */
export type OwnCredential =
  | { readonly kind: 'none' }
  | { readonly kind: 'opened'; readonly apiKey: string }
  | { readonly kind: 'sealed-otherwise' };

const PROVIDER = 'smspartner';
const KEY_LIMIT = 200;

/** A tenant's own account with the provider: set by administrators, sealed, opened only just before a call. */
@Injectable()
export class ProviderCredentials {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly credentials: ProviderCredentialStore,
    private readonly seal: Seal,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  set(tenantId: TenantId, provider: string, apiKey: string, actorKeyId: string): Promise<Tenant> {
    if (provider !== PROVIDER) throw new InvalidArgument('provider', `must be "${PROVIDER}"`);
    const key = apiKey.trim();
    if (key === '' || key.length > KEY_LIMIT)
      throw new InvalidArgument('apiKey', `must have 1 to ${KEY_LIMIT} characters`);
    return this.transactions.run(tenantId, async tx => {
      const tenant = await this.tenants.find(tx, tenantId);
      if (tenant === null) throw new NotFound('tenant');
      const sealed = this.seal.close(key, credentialOwner(tenantId, provider));
      await this.credentials.put(tx, tenantId, {
        provider,
        sealed,
        masterKeyId: this.seal.keyId,
        now: this.clock.now(),
      });
      await this.audit.record(tx, tenantId, { actorKeyId, action: 'provider-credential.set', detail: { provider } });
      return tenant;
    });
  }

  /** The tenant's own key with `provider`, if it has one and it opens. */
  async open(tx: Tx, tenantId: TenantId, provider: string): Promise<OwnCredential> {
    const sealed = await this.credentials.find(tx, tenantId, provider);
    if (sealed === null) return { kind: 'none' };
    const unsealed = this.seal.unseal(sealed, credentialOwner(tenantId, provider));
    return unsealed.kind === 'opened' ? { kind: 'opened', apiKey: unsealed.secret } : { kind: 'sealed-otherwise' };
  }
}

/** What a credential is sealed to: moved elsewhere, it does not open. */
export const credentialOwner = (tenantId: TenantId, provider: string): string => `${tenantId}/${provider}`;
