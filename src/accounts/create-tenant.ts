import { Injectable } from '@nestjs/common';
import { asTenantId, Clock, Ids, type TenantId, Transactions, type Tx } from '../kernel/index.js';
import { AuditTrail } from './audit-trail.store.js';
import { checkedSettings, type Tenant, type TenantSettings } from './tenant.js';
import { TenantStore } from './tenant.store.js';
import { TenantBirth } from './tenant-birth.js';

@Injectable()
export class CreateTenant {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly audit: AuditTrail,
    private readonly birth: TenantBirth,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** Throws InvalidArgument. `actorKeyId` null: Relais itself, on the first run. */
  execute(settings: TenantSettings, actorKeyId: string | null): Promise<Tenant> {
    const checked = checkedSettings(settings);
    const tenantId = asTenantId(this.ids.uuid());
    return this.transactions.run(tenantId, tx => this.create(tx, tenantId, checked, actorKeyId));
  }

  private async create(
    tx: Tx,
    tenantId: TenantId,
    settings: TenantSettings,
    actorKeyId: string | null,
  ): Promise<Tenant> {
    const now = this.clock.now();
    await this.tenants.insert(tx, tenantId, settings, now);
    await this.birth.happened(tx, tenantId);
    await this.audit.record(tx, tenantId, { actorKeyId, action: 'tenant.created', detail: { ...settings } });
    return { ...settings, id: tenantId, status: 'ACTIVE', suspendedReason: null, suspendedAt: null, createdAt: now };
  }
}
