import { Injectable } from '@nestjs/common';
import { Metrics, type TenantId, type Tx } from '../kernel/index.js';
import { byAttempt, type ClaimedPosts, type PostsLease, type RawPost } from './claimed-posts.js';
import type { ReceiptRow } from './receipt.entity.js';
import type { ReceiptState } from './receipt-state.js';

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
  constructor(private readonly metrics: Metrics) {}

  /** Of several tenants, which the transaction must see. */
  async insert(tx: Tx, posts: readonly RawPost[]): Promise<void> {
    await tx.rows(
      `insert into receipts (tenant_id, id, attempt_id, raw, state, received_at, due_at)
       select p.tenant_id, p.id, p.attempt_id, p.raw, 'NEW', p.received_at, p.received_at
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[]) as p (tenant_id, id, attempt_id, raw, received_at)`,
      [
        posts.map(({ tenantId }) => tenantId),
        posts.map(({ id }) => id),
        posts.map(({ attemptId }) => attemptId),
        posts.map(({ raw }) => raw),
        posts.map(({ receivedAt }) => receivedAt),
      ],
    );
  }

  /** Stored receipts that are to be applied, over all tenants (a named function), together by attempt. */
  async claim(tx: Tx, lease: PostsLease): Promise<ClaimedPosts[]> {
    const rows = await tx.rows<{ tenantId: string; attemptId: string; id: string }>(
      `select tenant_id as "tenantId", attempt_id as "attemptId", id from claim_receipts($1, $2, $3, $4)`,
      [lease.now, lease.until, lease.id, lease.limit],
    );
    return byAttempt(rows, lease.id);
  }

  /** Those of the claimed that are still held; in the order in which they came. */
  held(tx: Tx, { tenantId, ids, lease }: ClaimedPosts): Promise<ReceiptRow[]> {
    return tx.rows(
      `select ${COLUMNS} from receipts where tenant_id = $1 and id = any($2) and lease = $3 order by received_at, id`,
      [tenantId, ids, lease],
    );
  }

  /** Once: a group that outlived its lease may be applied twice. */
  async finish(tx: Tx, tenantId: TenantId, id: string, end: ReceiptEnd): Promise<void> {
    tx.afterCommit(() => this.metrics.receipts.inc({ end: end.state.toLowerCase() }));
    await tx.rows(
      `update receipts set state = $3, message_id = $4, delivery_id = $5, status = $6, reason = $7, due_at = null, lease = null
        where tenant_id = $1 and id = $2 and state = 'NEW'`,
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
