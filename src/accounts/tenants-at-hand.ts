import { Injectable } from '@nestjs/common';
import { AtHand, Clock, type TenantId, Transactions, type Tx } from '../kernel/index.js';
import type { Tenant } from './tenant.js';
import { TenantStore, type TenantVersion } from './tenant.store.js';

/**
 * Tenants as they were a moment ago, for who plans by them and makes sure in the same breath in which he writes: a statement
 * that travels along, in place of one that has to be waited for.
 */
@Injectable()
export class TenantsAtHand {
  private readonly atHand: AtHand<TenantVersion>;

  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    clock: Clock,
  ) {
    this.atHand = new AtHand(clock);
  }

  find(tenantId: TenantId): Promise<TenantVersion | null> {
    return this.atHand.find(tenantId, () =>
      this.transactions.run(tenantId, tx => this.tenants.findVersion(tx, tenantId)),
    );
  }

  /** False: the tenant has changed since, and what was planned by it is not to be committed. */
  isStill(tx: Tx, { tenant, version }: TenantVersion): Promise<boolean> {
    return this.tenants.isVersion(tx, tenant.id, version);
  }

  /** As it is now, read in the transaction; what was at hand is thrown away. */
  async findNow(tx: Tx, tenantId: TenantId): Promise<Tenant | null> {
    this.atHand.forget(tenantId);
    return this.tenants.find(tx, tenantId);
  }
}
