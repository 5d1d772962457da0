import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';

const OF_MESSAGE = ['receipts', 'replies', 'webhook_deliveries', 'timeline_events', 'deliveries', 'submissions'];

@Injectable()
export class SandboxStore {
  /** Over all tenants (a named function), the oldest first. */
  before(tx: Tx, before: Date, limit: number): Promise<{ tenantId: string; id: string }[]> {
    return tx.rows('select tenant_id as "tenantId", id from sandbox_messages_before($1, $2)', [before, limit]);
  }

  /** Everything of these messages; a sandbox message has no ledger entry. */
  async remove(tx: Tx, tenantId: TenantId, messageIds: readonly string[]): Promise<void> {
    const of = [tenantId, messageIds];
    const attempts = `select attempt_id from attempt_submissions where tenant_id = $1 and submission_id in
      (select id from submissions where tenant_id = $1 and message_id = any($2))`;
    // Receipts that nobody could apply, and replies as they came, know their attempt only.
    await tx.rows(`delete from receipts where tenant_id = $1 and attempt_id in (${attempts})`, of);
    await tx.rows(`delete from reply_posts where tenant_id = $1 and attempt_id in (${attempts})`, of);
    await tx.rows(`delete from attempts where tenant_id = $1 and id in (${attempts})`, of);
    await tx.rows(
      `delete from attempt_submissions where tenant_id = $1 and submission_id in
         (select id from submissions where tenant_id = $1 and message_id = any($2))`,
      of,
    );
    for (const table of OF_MESSAGE) {
      await tx.rows(`delete from ${table} where tenant_id = $1 and message_id = any($2)`, of);
    }
    await tx.rows('delete from messages where tenant_id = $1 and id = any($2) and sandbox', of);
    await tx.rows(
      `delete from batches b where tenant_id = $1 and sandbox
          and not exists (select 1 from messages m where m.tenant_id = b.tenant_id and m.batch_id = b.id)`,
      [tenantId],
    );
  }
}
