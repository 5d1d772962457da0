import { Injectable } from '@nestjs/common';
import { Metrics, type Tx } from '../kernel/index.js';
import type { PostsLease, RawPost } from './claimed-posts.js';
import { type ClaimedReceipts, claimedUnder, type ReceiptName } from './claimed-receipts.js';
import type { ReceiptRow } from './receipt.entity.js';
import type { ReceiptState } from './receipt-state.js';

export type HeldReceipt = Pick<ReceiptRow, 'tenantId' | 'id' | 'attemptId' | 'raw' | 'receivedAt'>;

/** NEW with a `dueAt`: not yet, to be looked at again then. */
export interface ReceiptEnd extends ReceiptName {
  readonly state: ReceiptState;
  readonly messageId?: string | null;
  readonly deliveryId?: string | null;
  readonly status?: string | null;
  readonly reason?: string | null;
  readonly dueAt?: Date;
}

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

  /** Stored receipts that are to be applied, over all tenants (a named function), an attempt's together. */
  async claim(tx: Tx, lease: PostsLease): Promise<ClaimedReceipts> {
    const rows = await tx.rows<{ tenantId: string; id: string }>(
      'select tenant_id as "tenantId", id from claim_receipts($1, $2, $3, $4)',
      [lease.now, lease.until, lease.id, lease.limit],
    );
    return claimedUnder(lease.id, rows);
  }

  /** For this transaction: what is locked for longer fails it, and is then tried apart from the others. */
  async waitBriefly(tx: Tx): Promise<void> {
    await tx.rows(`set local lock_timeout = '2s'`);
  }

  /** Those of the claimed that are still held, of tenants that the transaction must see; in the order in which they came. */
  held(tx: Tx, { receipts, lease }: ClaimedReceipts): Promise<HeldReceipt[]> {
    return tx.rows(
      `select r.tenant_id as "tenantId", r.id, r.attempt_id as "attemptId", r.raw, r.received_at as "receivedAt"
         from unnest($1::uuid[], $2::uuid[]) as given (tenant_id, id)
         join receipts r on r.tenant_id = given.tenant_id and r.id = given.id
        where r.lease = $3 order by r.received_at, r.id`,
      [receipts.map(({ tenantId }) => tenantId), receipts.map(({ id }) => id), lease],
    );
  }

  /** Once: a group that outlived its lease may be applied twice. */
  async finish(tx: Tx, ends: readonly ReceiptEnd[]): Promise<void> {
    if (ends.length === 0) return;
    tx.afterCommit(() => this.count(ends));
    await tx.rows(
      `update receipts r set state = e.state, message_id = e.message_id, delivery_id = e.delivery_id, status = e.status,
              reason = e.reason, due_at = e.due_at, lease = null
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::timestamptz[])
           as e (tenant_id, id, state, message_id, delivery_id, status, reason, due_at)
        where r.tenant_id = e.tenant_id and r.id = e.id and r.state = 'NEW'`,
      [
        ends.map(({ tenantId }) => tenantId),
        ends.map(({ id }) => id),
        ends.map(({ state }) => state),
        ends.map(({ messageId }) => messageId ?? null),
        ends.map(({ deliveryId }) => deliveryId ?? null),
        ends.map(({ status }) => status ?? null),
        ends.map(({ reason }) => reason ?? null),
        ends.map(({ dueAt }) => dueAt ?? null),
      ],
    );
  }

  private count(ends: readonly ReceiptEnd[]): void {
    for (const { state } of ends) if (state !== 'NEW') this.metrics.receipts.inc({ end: state.toLowerCase() });
  }
}
