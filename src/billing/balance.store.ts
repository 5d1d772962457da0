import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';

@Injectable()
export class BalanceStore {
  async open(tx: Tx, tenantId: TenantId): Promise<void> {
    await tx.rows('insert into balances (tenant_id, amount) values ($1, 0)', [tenantId]);
  }

  async find(tx: Tx, tenantId: TenantId): Promise<string> {
    const [row] = await tx.prepared<{ amount: string }>('select amount from balances where tenant_id = $1', [tenantId]);
    if (row === undefined) throw new Error('a tenant has no balance');
    return row.amount;
  }

  async findMany(tx: Tx, tenantIds: readonly TenantId[]): Promise<Map<TenantId, string>> {
    const rows = await tx.rows<{ tenantId: TenantId; amount: string }>(
      'select tenant_id as "tenantId", amount from balances where tenant_id = any($1)',
      [tenantIds],
    );
    return new Map(rows.map(row => [row.tenantId, row.amount]));
  }

  /**
   * Moves the balance by `amount` (a signed decimal) for so many ledger entries; answers what it is then and the last
   * entry's place, or null where it would be below zero. The row's lock puts all movements of a tenant in a row.
   */
  async move(
    tx: Tx,
    tenantId: TenantId,
    amount: string,
    entries: number,
  ): Promise<{ readonly amount: string; readonly lastPlace: number } | null> {
    return tx.first(
      `update balances set amount = amount + $2, entries = entries + $3 where tenant_id = $1 and amount + $2 >= 0
       returning amount, entries::float8 as "lastPlace"`,
      [tenantId, amount, entries],
    );
  }
}
