import { Injectable } from '@nestjs/common';
import { NotFound, type TenantId, Transactions } from '../kernel/index.js';
import { AuditTrail } from './audit-trail.store.js';
import { checkedSettings, type Tenant, type TenantSettings } from './tenant.js';
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
      const changed = { ...tenant, ...changes };
      const { defaultCategory } = changed;
      // A tenant that loses its exemption or its permission falls back to what it may send, unless told otherwise.
      const settings = checkedSettings({
        ...changed,
        defaultCategory: changes.defaultCategory ?? (changed.transactionalAllowed ? defaultCategory : 'COMMERCIAL'),
      });
      await this.tenants.update(tx, tenantId, settings);
      await this.audit.record(tx, tenantId, { actorKeyId, action: 'tenant.updated', detail: { ...changes } });
      return { ...tenant, ...settings };
    });
  }
}
