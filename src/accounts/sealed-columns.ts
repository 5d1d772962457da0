import { Injectable } from '@nestjs/common';
import type { TenantId } from '../kernel/index.js';

/** Where a module keeps what it has sealed: a bytea column, one row of which is `key` of a tenant. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** The column that with the tenant names the row. */
  readonly key: string;
  /** What the row's value is sealed to (`owner` of Seal.close). */
  readonly ownerOf: (tenantId: TenantId, key: string) => string;
  /** A column beside it that repeats the master key's id, where there is one. */
  readonly keyIdColumn?: string;
}

/** All that is sealed, as the modules tell when they are made: what is checked at start and sealed anew under a new key. */
@Injectable()
export class SealedColumns {
  private readonly columns: SealedColumn[] = [];

  get all(): readonly SealedColumn[] {
    return this.columns;
  }

  add(column: SealedColumn): void {
    this.columns.push(column);
  }
}
