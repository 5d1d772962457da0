import { Injectable } from '@nestjs/common';
import { PLATFORM, type TenantId, Transactions } from '../kernel/index.js';
import { type AuditEntry, AuditTrail } from './audit-trail.store.js';

@Injectable()
export class ReadAuditTrail {
  constructor(
    private readonly transactions: Transactions,
    private readonly trail: AuditTrail,
  ) {}

  /** Newest first; `tenantId` null: of all tenants and of the platform. */
  page(
    tenantId: TenantId | null,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<AuditEntry[]> {
    if (tenantId !== null)
      return this.transactions.run([tenantId, PLATFORM], tx => this.trail.ofTenant(tx, tenantId, page));
    return this.transactions.run([], async tx => {
      const entries = await this.trail.idsBefore(tx, page);
      const tenantIds = [...new Set([PLATFORM, ...entries.map(entry => entry.tenantId)])];
      await tx.admit(tenantIds);
      return this.trail.findMany(
        tx,
        tenantIds,
        entries.map(({ id }) => id),
      );
    });
  }
}
