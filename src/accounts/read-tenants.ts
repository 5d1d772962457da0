import { Injectable } from '@nestjs/common';
import { type TenantId, Transactions } from '../kernel/index.js';
import { ProviderCredentialStore } from './provider-credential.store.js';
import type { Tenant } from './tenant.js';
import { TenantStore } from './tenant.store.js';

@Injectable()
export class ReadTenants {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly credentials: ProviderCredentialStore,
  ) {}

  find(tenantId: TenantId): Promise<Tenant | null> {
    return this.transactions.run(tenantId, tx => this.tenants.find(tx, tenantId));
  }

  /** Newest first; at most `limit` tenants created before the one with the id `after`. */
  page(after: string | null, limit: number): Promise<Tenant[]> {
    return this.transactions.run([], async tx => {
      const tenantIds = await this.tenants.idsBefore(tx, after, limit);
      await tx.admit(tenantIds);
      return this.tenants.findMany(tx, tenantIds);
    });
  }

  /** Which of these tenants have a credential of their own. */
  async withOwnCredential(tenantIds: readonly TenantId[]): Promise<ReadonlySet<TenantId>> {
    return new Set(await this.transactions.run(tenantIds, tx => this.credentials.ownersAmong(tx, tenantIds)));
  }
}
