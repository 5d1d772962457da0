import { Injectable } from '@nestjs/common';
import { type Category, NotFound, type TenantId, Transactions } from '../kernel/index.js';
import { AuditTrail } from './audit-trail.store.js';
import { checkedSettings, isExempt, type Tenant, type TenantSettings } from './tenant.js';
import { TenantStore } from './tenant.store.js';

/** What is not given stays as it is; null clears what may be null. The currency is fixed for good: the ledger is in it. */
export type TenantChanges = Partial<Omit<TenantSettings, 'currency'>>;

@Injectable()
export class UpdateTenant {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws NotFound and InvalidArgument. Messages accepted before keep their category; windows are judged anew at release. */
  execute(tenantId: TenantId, changes: TenantChanges, actorKeyId: string): Promise<Tenant> {
    return this.transactions.run(tenantId, async tx => {
      const tenant = await this.tenants.findForUpdate(tx, tenantId);
      if (tenant === null) throw new NotFound('tenant');
      const settings = checkedSettings({ ...tenant, ...changes, defaultCategory: defaultAfter(tenant, changes) });
      await this.tenants.update(tx, tenantId, settings);
      await this.audit.record(tx, tenantId, { actorKeyId, action: 'tenant.updated', detail: { ...changes } });
      return { ...tenant, ...settings };
    });
  }
}

/**
 * The default category stays, but for a tenant that loses its exemption or its permission: unless told otherwise, it falls
 * back to COMMERCIAL, which is safe.
 */
function defaultAfter(tenant: Tenant, changes: TenantChanges): Category {
  const losesExemption = isExempt(tenant) && changes.quietHoursEnforced === true;
  const losesPermission = changes.transactionalAllowed === false;
  return changes.defaultCategory ?? (losesExemption || losesPermission ? 'COMMERCIAL' : tenant.defaultCategory);
}
