import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';
import type { LedgerEntry } from './ledger-entry.js';
import type { LedgerKind } from './ledger-kind.js';

const COLUMNS = `id, kind, amount, balance_after as "balanceAfter", message_id as "messageId", reason, created_at as "createdAt"`;

export interface NewLedgerEntry extends LedgerEntry {
  readonly idempotencyKey: string | null;
  /** From one on, in the order in which the balance moved. */
  readonly place: number;
}

@Injectable()
export class LedgerStore {
  async insert(tx: Tx, tenantId: TenantId, entries: readonly NewLedgerEntry[]): Promise<void> {
    await tx.rows(
      `insert into ledger_entries (tenant_id, id, kind, amount, balance_after, message_id, reason, idempotency_key, created_at, place)
       select $1, e.* from unnest($2::uuid[], $3::text[], $4::numeric[], $5::numeric[], $6::uuid[], $7::text[], $8::text[], $9::timestamptz[], $10::bigint[]) as e`,
      [
        tenantId,
        entries.map(entry => entry.id),
        entries.map(entry => entry.kind),
        entries.map(entry => entry.amount),
        entries.map(entry => entry.balanceAfter),
        entries.map(entry => entry.messageId),
        entries.map(entry => entry.reason),
        entries.map(entry => entry.idempotencyKey),
        entries.map(entry => entry.createdAt),
        entries.map(entry => entry.place),
      ],
    );
  }

  /**
   * Moves the balance by the total of these movements, and writes each down with what the balance was after it. False where
   * it would be below zero: then nothing moved. The balance's lock puts all movements of a tenant in a row.
   */
  async moveBalance(
    tx: Tx,
    tenantId: TenantId,
    of: { readonly kind: LedgerKind; readonly total: string; readonly reason: string | null; readonly createdAt: Date },
    movements: readonly { readonly id: string; readonly amount: string; readonly messageId: string }[],
  ): Promise<boolean> {
    const written = await tx.prepared<{ place: string }>(
      `with moved as (
         update balances set amount = amount + $2, entries = entries + $3 where tenant_id = $1 and amount + $2 >= 0
         returning amount - $2 as before, entries - $3 as entries)
       insert into ledger_entries (tenant_id, kind, reason, created_at, id, amount, message_id, balance_after, place)
       select $1, $4, $5, $6, m.id, m.amount, m.message_id, moved.before + sum(m.amount) over (order by m.place), moved.entries + m.place
         from moved cross join unnest($7::uuid[], $8::numeric[], $9::uuid[]) with ordinality as m (id, amount, message_id, place)
       returning place`,
      [
        tenantId,
        of.total,
        movements.length,
        of.kind,
        of.reason,
        of.createdAt,
        movements.map(({ id }) => id),
        movements.map(({ amount }) => amount),
        movements.map(({ messageId }) => messageId),
      ],
    );
    return written.length === movements.length;
  }

  findByKey(tx: Tx, tenantId: TenantId, idempotencyKey: string): Promise<LedgerEntry | null> {
    return tx.first(`select ${COLUMNS} from ledger_entries where tenant_id = $1 and idempotency_key = $2`, [
      tenantId,
      idempotencyKey,
    ]);
  }

  /** Newest first, in the order in which the balance moved; `after` is an entry's id. */
  page(
    tx: Tx,
    tenantId: TenantId,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<LedgerEntry[]> {
    return tx.rows(
      `select ${COLUMNS} from ledger_entries
        where tenant_id = $1
          and ($2::uuid is null or place < (select place from ledger_entries where tenant_id = $1 and id = $2))
        order by place desc limit $3`,
      [tenantId, page.after, page.limit],
    );
  }
}
