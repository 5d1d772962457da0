import { Injectable, Logger } from '@nestjs/common';
import { type TenantId, Transactions } from '../kernel/index.js';
import { allTenants } from './all-tenants.js';
import { Seal } from './seal.js';
import { SealedColumns } from './sealed-columns.js';
import { SealedStore } from './sealed.store.js';
import { TenantStore } from './tenant.store.js';

/** What of all that is sealed opens. */
interface Count {
  opened: number;
  otherKey: number;
  damaged: number;
}

/** At start: is MASTER_KEY the key that things were sealed under? */
@Injectable()
export class CheckSeals {
  private readonly log = new Logger(CheckSeals.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly columns: SealedColumns,
    private readonly store: SealedStore,
    private readonly seal: Seal,
  ) {}

  /**
   * Null, or what is wrong with MASTER_KEY: it opens nothing. Where it opens some, whose does not open is logged, and their
   * messages wait for their accounts.
   */
  async execute(): Promise<string | null> {
    const count: Count = { opened: 0, otherKey: 0, damaged: 0 };
    for await (const tenantIds of allTenants(this.transactions, this.tenants)) await this.check(tenantIds, count);
    const { opened, otherKey, damaged } = count;
    if (opened === 0 && otherKey > 0) {
      return (
        `MASTER_KEY opens none of the ${otherKey + damaged} sealed secrets in the database: it is not the key that they were ` +
        'sealed under. Set that one; or, to change it, set it as MASTER_KEY_PREVIOUS and run "npm run db:reseal"'
      );
    }
    if (otherKey + damaged > 0)
      this.log.warn({ message: 'ALARM some sealed secrets do not open; set them anew', opened, otherKey, damaged });
    return null;
  }

  private async check(tenantIds: readonly TenantId[], count: Count): Promise<void> {
    for (const column of this.columns.all) {
      const rows = await this.transactions.run(tenantIds, tx => this.store.list(tx, tenantIds, column));
      for (const { tenantId, key, sealed } of rows) {
        const { kind } = this.seal.unseal(sealed, column.ownerOf(tenantId, key));
        if (kind === 'opened') count.opened += 1;
        else if (kind === 'other-key') count.otherKey += 1;
        else count.damaged += 1;
        if (kind !== 'opened')
          this.log.warn({ message: 'a sealed secret does not open', tenantId, table: column.table, key, kind });
      }
    }
  }
}
