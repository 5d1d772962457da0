import { Injectable } from '@nestjs/common';
import { asTenantId, type RetentionDays, type TenantId, type Tx } from '../../kernel/index.js';

/** Messages at a time, and recipients at a time where messages have many. */
const MESSAGES = 200;
const RECIPIENTS = 1_000;
const ROWS = 500;

/**
 * Erases what is old, a batch at a time and the oldest first. Rows that another worker or a late receipt has in hand are passed
 * over: the next look finds them. Each answers how many it was.
 */
@Injectable()
export class RetentionStore {
  /** Over all tenants, in the order of their ids after `after` (a named function). */
  async tenantsWithOldRows(
    tx: Tx,
    { now, days }: { readonly now: Date; readonly days: RetentionDays },
    { after, limit }: { readonly after: string; readonly limit: number },
  ): Promise<TenantId[]> {
    const rows = await tx.rows<{ tenantId: string }>(
      'select tenant_id as "tenantId" from tenants_with_old_rows($1, $2, $3, $4, $5, $6, $7)',
      [now, days.messages, days.receipts, days.webhookDeliveries, days.idempotencyKeys, after, limit],
    );
    return rows.map(row => asTenantId(row.tenantId));
  }

  /** Ended messages lose texts, numbers and addresses, and keep their status, counts, cost and timeline. */
  async eraseMessages(tx: Tx, tenantId: TenantId, before: Date, now: Date): Promise<number> {
    const ids = await this.oldMessages(tx, tenantId, before);
    if (ids.length === 0) return 0;
    await tx.rows(
      `update messages set text = null, bare_text = null, sent_text = null, receipt_url = null, reply_url = null, erased_at = $3,
              version = version + 1
        where tenant_id = $1 and id = any($2)`,
      [tenantId, ids, now],
    );
    await this.eraseAround(tx, tenantId, ids);
    return ids.length;
  }

  /** Of what the provider sent, the timeline's part stays; what changed nothing goes whole. */
  trimReceipts(tx: Tx, tenantId: TenantId, before: Date): Promise<number> {
    return counted(
      tx,
      `with old as materialized (
         select id, state from receipts
          where tenant_id = $1 and raw is not null and due_at is null and received_at < $2
          order by received_at limit ${ROWS} for update skip locked),
       gone as (
         delete from receipts r using old where r.tenant_id = $1 and r.id = old.id and old.state <> 'APPLIED'),
       trimmed as (
         update receipts r set raw = null from old where r.tenant_id = $1 and r.id = old.id and old.state = 'APPLIED')
       select count(*)::integer as count from old`,
      [tenantId, before],
    );
  }

  /** By their own age: an answer may come long after its message. */
  eraseReplies(tx: Tx, tenantId: TenantId, before: Date, now: Date): Promise<number> {
    return tx.count(
      `update replies set phone_number = null, text = null, keyword = null, erased_at = $3
        where tenant_id = $1 and id in (
          select id from replies where tenant_id = $1 and erased_at is null and received_at < $2
           order by received_at limit ${ROWS} for update skip locked)`,
      [tenantId, before, now],
    );
  }

  /** What was read stands in the replies; what nobody could read has been kept long enough. */
  removeReplyPosts(tx: Tx, tenantId: TenantId, before: Date): Promise<number> {
    return tx.count(
      `delete from reply_posts
        where tenant_id = $1 and id = any(array(
          select id from reply_posts where tenant_id = $1 and due_at is null and received_at < $2
           order by received_at limit ${ROWS} for update skip locked))`,
      [tenantId, before],
    );
  }

  removeWebhookDeliveries(tx: Tx, tenantId: TenantId, before: Date): Promise<number> {
    return tx.count(
      `delete from webhook_deliveries
        where tenant_id = $1 and id in (
          select id from webhook_deliveries where tenant_id = $1 and ended_at is not null and ended_at < $2
           order by ended_at limit ${ROWS} for update skip locked)`,
      [tenantId, before],
    );
  }

  removeIdempotencyRecords(tx: Tx, tenantId: TenantId, before: Date): Promise<number> {
    return tx.count(
      `delete from idempotency_records
        where tenant_id = $1 and key in (
          select key from idempotency_records where tenant_id = $1 and created_at < $2
           order by created_at limit ${ROWS} for update skip locked)`,
      [tenantId, before],
    );
  }

  /** Locked. Statements of their own follow: as one with this, a table with statistics is read whole for each batch. */
  private async oldMessages(tx: Tx, tenantId: TenantId, before: Date): Promise<readonly string[]> {
    const old = await tx.rows<{ id: string; recipients: number }>(
      `select id, recipient_count as recipients from messages
        where tenant_id = $1 and erased_at is null and status in ('COMPLETED', 'CANCELLED', 'FAILED')
          and coalesce(ended_at, created_at) < $2
        order by coalesce(ended_at, created_at) limit ${MESSAGES} for update skip locked`,
      [tenantId, before],
    );
    let recipients = 0;
    return old
      .filter(message => (recipients += message.recipients) - message.recipients < RECIPIENTS)
      .map(({ id }) => id);
  }

  private async eraseAround(tx: Tx, tenantId: TenantId, messageIds: readonly string[]): Promise<void> {
    const of = [tenantId, messageIds];
    await tx.rows(
      'update deliveries set phone_number = null where tenant_id = $1 and message_id = any($2) and phone_number is not null',
      of,
    );
    await tx.rows(
      `delete from receipts where tenant_id = $1 and message_id = any($2) and due_at is null and state <> 'APPLIED'`,
      of,
    );
    await tx.rows(
      'update receipts set raw = null where tenant_id = $1 and message_id = any($2) and due_at is null and raw is not null',
      of,
    );
    await tx.rows(
      'delete from webhook_deliveries where tenant_id = $1 and message_id = any($2) and ended_at is not null',
      of,
    );
  }
}

async function counted(tx: Tx, sql: string, parameters: readonly unknown[]): Promise<number> {
  const row = await tx.first<{ count: number }>(sql, parameters);
  return row?.count ?? 0;
}
