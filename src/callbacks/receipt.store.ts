import { Injectable } from '@nestjs/common';
import { asTenantId, type TenantId, type Tx } from '../kernel/index.js';
import type { ReceiptRow } from './receipt.entity.js';
import type { ReceiptState } from './receipt-state.js';

/** Whose attempt a secret belongs to. */
export interface CalledAttempt {
  readonly tenantId: TenantId;
  readonly attemptId: string;
  readonly messageId: string;
}

/** A stored receipt in this worker's hands until its lease ends. */
export interface ClaimedReceipt {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly lease: string;
}

export interface ReceiptEnd {
  readonly state: ReceiptState;
  readonly messageId?: string | null;
  readonly deliveryId?: string | null;
  readonly status?: string | null;
  readonly reason?: string | null;
}

const COLUMNS = `tenant_id as "tenantId", id, attempt_id as "attemptId", raw, state, message_id as "messageId",
  delivery_id as "deliveryId", status, reason, received_at as "receivedAt", due_at as "dueAt", lease`;

@Injectable()
export class ReceiptStore {
  /** Needs no tenant (a named function answers). */
  async attemptBySecret(tx: Tx, hash: Buffer): Promise<CalledAttempt | null> {
    const row = await tx.first<{ tenantId: string; attemptId: string; messageId: string }>(
      `select tenant_id as "tenantId", id as "attemptId", message_id as "messageId" from attempt_by_secret($1)`,
      [hash],
    );
    return row && { ...row, tenantId: asTenantId(row.tenantId) };
  }

  async insert(
    tx: Tx,
    tenantId: TenantId,
    receipt: Pick<ReceiptRow, 'id' | 'attemptId' | 'raw' | 'receivedAt'>,
  ): Promise<void> {
    await tx.rows(
      `insert into receipts (tenant_id, id, attempt_id, raw, state, received_at, due_at) values ($1, $2, $3, $4, 'NEW', $5, $5)`,
      [tenantId, receipt.id, receipt.attemptId, receipt.raw, receipt.receivedAt],
    );
  }

  /** Stored receipts that are to be applied, over all tenants (a named function). */
  async claim(
    tx: Tx,
    lease: { readonly id: string; readonly now: Date; readonly until: Date; readonly limit: number },
  ): Promise<ClaimedReceipt[]> {
    const rows = await tx.rows<{ tenantId: string; id: string }>(
      `select tenant_id as "tenantId", id from claim_receipts($1, $2, $3, $4)`,
      [lease.now, lease.until, lease.id, lease.limit],
    );
    return rows.map(row => ({ id: row.id, tenantId: asTenantId(row.tenantId), lease: lease.id }));
  }

  find(tx: Tx, tenantId: TenantId, id: string): Promise<ReceiptRow | null> {
    return tx.first(`select ${COLUMNS} from receipts where tenant_id = $1 and id = $2`, [tenantId, id]);
  }

  async finish(tx: Tx, tenantId: TenantId, id: string, end: ReceiptEnd): Promise<void> {
    await tx.rows(
      `update receipts set state = $3, message_id = $4, delivery_id = $5, status = $6, reason = $7, due_at = null, lease = null
        where tenant_id = $1 and id = $2`,
      [tenantId, id, end.state, end.messageId ?? null, end.deliveryId ?? null, end.status ?? null, end.reason ?? null],
    );
  }

  async postpone(tx: Tx, tenantId: TenantId, id: string, dueAt: Date): Promise<void> {
    await tx.rows('update receipts set due_at = $3, lease = null where tenant_id = $1 and id = $2', [
      tenantId,
      id,
      dueAt,
    ]);
  }
}
