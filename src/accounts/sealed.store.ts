import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';
import type { SealedColumn } from './sealed-columns.js';

export interface SealedRow {
  readonly tenantId: TenantId;
  readonly key: string;
  readonly sealed: Buffer;
}

/** Tables and columns are named by our own modules, never from outside. */
@Injectable()
export class SealedStore {
  list(tx: Tx, tenantIds: readonly TenantId[], { table, column, key }: SealedColumn): Promise<SealedRow[]> {
    return tx.rows(
      `select tenant_id as "tenantId", ${key}::text as key, ${column} as sealed from ${table}
        where tenant_id = any($1) and ${column} is not null`,
      [tenantIds],
    );
  }

  /** The same under a lock, so that what is set anew meanwhile is not overwritten. */
  lock(tx: Tx, tenantId: TenantId, { table, column, key }: SealedColumn): Promise<SealedRow[]> {
    return tx.rows(
      `select tenant_id as "tenantId", ${key}::text as key, ${column} as sealed from ${table}
        where tenant_id = $1 and ${column} is not null order by ${key} for update`,
      [tenantId],
    );
  }

  async put(tx: Tx, row: SealedRow, { table, column, key, keyIdColumn }: SealedColumn, keyId: string): Promise<void> {
    const beside = keyIdColumn === undefined ? '' : `, ${keyIdColumn} = $4`;
    await tx.rows(`update ${table} set ${column} = $3${beside} where tenant_id = $1 and ${key}::text = $2`, [
      row.tenantId,
      row.key,
      row.sealed,
      ...(keyIdColumn === undefined ? [] : [keyId]),
    ]);
  }
}
