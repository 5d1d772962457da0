import { Injectable } from '@nestjs/common';
import { type TenantId, Transactions } from '../kernel/index.js';
import { allTenants } from './all-tenants.js';
import { AuditTrail } from './audit-trail.store.js';
import { Seal } from './seal.js';
import { type SealedColumn, SealedColumns } from './sealed-columns.js';
import { type SealedRow, SealedStore } from './sealed.store.js';
import { TenantStore } from './tenant.store.js';

export interface Resealed {
  /** Under MASTER_KEY now. */
  readonly anew: number;
  /** Under it before. */
  readonly already: number;
  /** Under neither key, or damaged: these must be set anew. "provider_credentials smspartner of tenant 0198…" */
  readonly left: readonly string[];
}

/** The same, while it is being counted. */
interface Tally {
  anew: number;
  already: number;
  left: string[];
}

const nothing = (): Tally => ({ anew: 0, already: 0, left: [] });

/** After a change of MASTER_KEY: opens with the previous one what it sealed, and seals it under the present one. */
@Injectable()
export class ResealSecrets {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly columns: SealedColumns,
    private readonly store: SealedStore,
    private readonly seal: Seal,
    private readonly audit: AuditTrail,
  ) {}

  /** Tenant by tenant, each in a transaction of its own: it may be stopped and run again, and Relais may run meanwhile. */
  async execute(): Promise<Resealed> {
    const all = nothing();
    for await (const tenantIds of allTenants(this.transactions, this.tenants)) {
      for (const tenantId of tenantIds) {
        const of = await this.ofTenant(tenantId);
        all.anew += of.anew;
        all.already += of.already;
        all.left.push(...of.left);
      }
    }
    return all;
  }

  private ofTenant(tenantId: TenantId): Promise<Tally> {
    return this.transactions.run(tenantId, async tx => {
      const of = nothing();
      for (const column of this.columns.all) {
        for (const row of await this.store.lock(tx, tenantId, column)) {
          const result = this.anew(row, column);
          if (result === 'already') of.already += 1;
          else if (result === null) of.left.push(`${column.table} ${row.key} of tenant ${tenantId}`);
          else {
            await this.store.put(tx, { ...row, sealed: result }, column, this.seal.keyId);
            of.anew += 1;
          }
        }
      }
      if (of.anew > 0)
        await this.audit.record(tx, tenantId, {
          actorKeyId: null,
          action: 'secrets.resealed',
          detail: { count: of.anew, masterKeyId: this.seal.keyId },
        });
      return of;
    });
  }

  /** Null: it does not open. */
  private anew({ tenantId, key, sealed }: SealedRow, { ownerOf }: SealedColumn): Buffer | 'already' | null {
    const owner = ownerOf(tenantId, key);
    const unsealed = this.seal.unseal(sealed, owner);
    if (unsealed.kind !== 'opened') return null;
    return unsealed.current ? 'already' : this.seal.close(unsealed.secret, owner);
  }
}
