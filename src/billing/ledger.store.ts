import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';
import type { LedgerEntry } from './ledger-entry.js';

const COLUMNS = `id, kind, amount, balance_after as "balanceAfter", message_id as "messageId", reason, created_at as "createdAt"`;

@Injectable()
export class LedgerStore {
  async insert(
    tx: Tx,
    tenantId: TenantId,
    entry: LedgerEntry & { readonly idempotencyKey: string | null },
  ): Promise<void> {
    await tx.rows(
      `insert into ledger_entries (tenant_id, id, kind, amount, balance_after, message_id, reason, idempotency_key, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        tenantId,
        entry.id,
        entry.kind,
        entry.amount,
        entry.balanceAfter,
        entry.messageId,
        entry.reason,
        entry.idempotencyKey,
        entry.createdAt,
      ],
    );
  }

  findByKey(tx: Tx, tenantId: TenantId, idempotencyKey: string): Promise<LedgerEntry | null> {
    return tx.first(`select ${COLUMNS} from ledger_entries where tenant_id = $1 and idempotency_key = $2`, [
      tenantId,
      idempotencyKey,
    ]);
  }
}
