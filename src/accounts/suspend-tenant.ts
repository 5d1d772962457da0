import { Injectable } from '@nestjs/common';
import { Clock, NotFound, type TenantId, Transactions } from '../kernel/index.js';
import { AuditTrail } from './audit-trail.store.js';
import type { Tenant } from './tenant.js';
import { TenantStore } from './tenant.store.js';

/** Suspends or reactivates. A suspended tenant's messages wait in place: nothing of them is touched, nothing is lost. */
@Injectable()
export class SuspendTenant {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  suspend(tenantId: TenantId, reason: string, actorKeyId: string): Promise<Tenant> {
    return this.change(tenantId, reason, actorKeyId);
  }

  reactivate(tenantId: TenantId, actorKeyId: string): Promise<Tenant> {
    return this.change(tenantId, null, actorKeyId);
  }

  private change(tenantId: TenantId, reason: string | null, actorKeyId: string): Promise<Tenant> {
    return this.transactions.run(tenantId, async tx => {
      const tenant = await this.tenants.findForUpdate(tx, tenantId);
      if (tenant === null) throw new NotFound('tenant');
      // A second suspension changes the reason, not since when.
      const at = tenant.suspendedAt ?? this.clock.now();
      await this.tenants.setSuspension(tx, tenantId, reason === null ? null : { reason, at });
      await this.audit.record(tx, tenantId, {
        actorKeyId,
        action: reason === null ? 'tenant.reactivated' : 'tenant.suspended',
        detail: reason === null ? {} : { reason },
      });
      return {
        ...tenant,
        status: reason === null ? 'ACTIVE' : 'SUSPENDED',
        suspendedReason: reason,
        suspendedAt: reason === null ? null : at,
      };
    });
  }
}
