import type { TestApp } from './test-app.js';

export interface LedgerRow extends Record<string, unknown> {
  readonly kind: string;
  readonly amount: string;
  readonly balance_after: string;
  readonly message_id: string | null;
  readonly reason: string | null;
}

/** A tenant's movements, oldest first. */
export const ledgerOf = (app: TestApp, tenantId: string): Promise<LedgerRow[]> =>
  app.sql<LedgerRow>(
    'select kind, amount, balance_after, message_id, reason from ledger_entries where tenant_id = $1 order by created_at, id',
    [tenantId],
  );

export interface Books extends Record<string, unknown> {
  /** What the tenant has. */
  readonly balance: string;
  /** What the ledger sums to. */
  readonly ledger: string;
  /** What administrators gave, less what deliveries hold: what the tenant should have. */
  readonly due: string;
  /** Messages whose price is not that of their deliveries. */
  readonly misjudged: number;
  /** Ledger entries that took the balance below zero. */
  readonly overdrawn: number;
}

/** A tenant's money seen from three sides, which must agree. */
export async function booksOf(app: TestApp, tenantId: string): Promise<Books> {
  const [books] = await app.sql<Books>(
    `select (select amount from balances where tenant_id = $1) as balance,
            (select coalesce(sum(amount), 0)::numeric(14,4) from ledger_entries where tenant_id = $1) as ledger,
            ((select coalesce(sum(amount), 0) from ledger_entries where tenant_id = $1 and kind = 'CREDIT')
              - (select coalesce(sum(cost), 0) from deliveries where tenant_id = $1 and charge in ('RESERVED', 'CHARGED')))::numeric(14,4) as due,
            (select count(*)::int from messages m where m.tenant_id = $1 and m.cost <>
              (select coalesce(sum(d.cost), 0) from deliveries d
                where d.tenant_id = $1 and d.message_id = m.id and d.charge in ('RESERVED', 'CHARGED'))) as misjudged,
            (select count(*)::int from ledger_entries where tenant_id = $1 and balance_after < 0) as overdrawn`,
    [tenantId],
  );
  if (books === undefined) throw new Error('no books');
  return books;
}

/** How many rows a tenant has in each of these tables. */
export async function rowsOf(
  app: TestApp,
  tenantId: string,
  tables: readonly string[],
): Promise<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const table of tables) {
    const [row] = await app.sql<{ count: number }>(`select count(*)::int as count from ${table} where tenant_id = $1`, [
      tenantId,
    ]);
    counted[table] = row?.count ?? 0;
  }
  return counted;
}
