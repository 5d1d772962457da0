import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';
import type { LedgerEntry } from './ledger-entry.js';

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
