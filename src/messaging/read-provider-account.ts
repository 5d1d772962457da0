import { Injectable } from '@nestjs/common';
import { AuditTrail, type CredentialOwner, ProviderCredentials, TenantStore } from '../accounts/index.js';
import { NotFound, PLATFORM, type TenantId, Transactions } from '../kernel/index.js';
import { type Answer, type ProviderAccount, type ProviderCredential, Providers } from '../providers/index.js';
import { ProviderRate } from './leaving/provider-rate.js';

export interface AccountView {
  readonly provider: string;
  /** Whose account it is: a tenant without one of its own sends on the platform's. */
  readonly owner: CredentialOwner;
  readonly answer: Answer<ProviderAccount>;
}

interface Asked {
  readonly owner: CredentialOwner;
  readonly credential: ProviderCredential | null;
}

/** What is left on a provider account, asked at this moment. For administrators. */
@Injectable()
export class ReadProviderAccount {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly credentials: ProviderCredentials,
    private readonly providers: Providers,
    private readonly rate: ProviderRate,
    private readonly audit: AuditTrail,
  ) {}

  /** The account that the tenant sends on; null: the platform's. Throws NotFound. */
  async execute(tenantId: TenantId | null, actorKeyId: string): Promise<AccountView> {
    const provider = this.providers.carrierOf({ sandbox: false });
    const asked = await this.accountOf(tenantId, provider.name, actorKeyId);
    await this.rate.turn();
    const answer: Answer<ProviderAccount> =
      asked === null
        ? { status: 'no-answer', reason: "the tenant's credential does not open: set it anew" }
        : await provider.account(asked.credential);
    return { provider: provider.name, owner: asked?.owner ?? 'tenant', answer };
  }

  /** Audited: it asks with the tenant's own key. */
  private accountOf(tenantId: TenantId | null, provider: string, actorKeyId: string): Promise<Asked | null> {
    const act = { actorKeyId, action: 'provider-account.read', detail: { provider } };
    return this.transactions.run(tenantId ?? PLATFORM, async tx => {
      if (tenantId !== null && (await this.tenants.find(tx, tenantId)) === null) throw new NotFound('tenant');
      await this.audit.record(tx, tenantId ?? PLATFORM, act);
      if (tenantId === null) return { owner: 'platform', credential: null };
      const own = await this.credentials.open(tx, tenantId, provider);
      switch (own.kind) {
        case 'none':
          return { owner: 'platform', credential: null };
        case 'sealed-otherwise':
          return null;
        case 'opened':
          return { owner: 'tenant', credential: { apiKey: own.apiKey } };
      }
    });
  }
}
