import { Injectable } from '@nestjs/common';
import { Clock, type TenantId, type Tx } from '../kernel/index.js';
import type { MessageStatus } from './message-status.js';

/** The contract's rule (MessageStatus): an aggregate over the submissions of a message, or of a whole batch. */
export const STATUS_OF_SUBMISSIONS = `case
                 when bool_or(state = 'UNCONFIRMED') then 'UNCONFIRMED'
                 when bool_or(state = 'SENDING') then 'SENDING'
                 when bool_or(state = 'QUEUED') then 'QUEUED'
                 when bool_or(state = 'HELD') then 'HELD'
                 when bool_or(state = 'SCHEDULED') then 'SCHEDULED'
                 when sum(sent) > 0 then 'SENT'
                 when sum(delivered + undelivered + expired) > 0 then 'COMPLETED'
                 when sum(cancelled) > 0 and sum(refused) = 0 then 'CANCELLED'
                 else 'FAILED' end`;

/**
 * Keeps what is derived in step: a submission's counts from its deliveries, a message's status from its submissions. Called
 * at the end of every change, under the message's lock, so the counts are of what is.
 */
@Injectable()
export class ProgressStore {
  constructor(private readonly clock: Clock) {}

  /** Of some messages, and of those of their submissions whose counts may have changed; answers the messages' statuses. */
  async refresh(
    tx: Tx,
    tenantId: TenantId,
    messageIds: readonly string[],
    submissionIds: readonly string[],
  ): Promise<ReadonlyMap<string, MessageStatus>> {
    if (submissionIds.length > 0) await this.count(tx, tenantId, submissionIds);
    const rows = await tx.rows<{ id: string; status: MessageStatus }>(
      `with derived as materialized (
         select message_id, ${STATUS_OF_SUBMISSIONS} as status
           from submissions where tenant_id = $1 and message_id = any($2) group by message_id)
       update messages m set status = d.status, version = version + 1,
              ended_at = case when d.status in ('COMPLETED', 'CANCELLED', 'FAILED') then coalesce(m.ended_at, $3) end
         from derived d where m.tenant_id = $1 and m.id = d.message_id and m.id = any($2)
       returning m.id, m.status`,
      [tenantId, messageIds, this.clock.now()],
    );
    return new Map(rows.map(({ id, status }) => [id, status]));
  }

  private async count(tx: Tx, tenantId: TenantId, submissionIds: readonly string[]): Promise<void> {
    // Counted in one pass: looked up one by one, each lookup reads the whole tenant while a young table has no statistics.
    await tx.rows(
      `with counted as materialized (
         select submission_id,
                count(*) filter (where status = 'WAITING') as waiting,
                count(*) filter (where status = 'SENT') as sent,
                count(*) filter (where status = 'DELIVERED') as delivered,
                count(*) filter (where status = 'UNDELIVERED') as undelivered,
                count(*) filter (where status = 'EXPIRED') as expired,
                count(*) filter (where status = 'REFUSED') as refused,
                count(*) filter (where status = 'OPTED_OUT') as opted_out,
                count(*) filter (where status = 'CANCELLED') as cancelled,
                count(*) filter (where status = 'UNCONFIRMED') as unconfirmed
           from deliveries where tenant_id = $1 and submission_id = any($2) group by submission_id)
       update submissions s
          set waiting = c.waiting, sent = c.sent, delivered = c.delivered, undelivered = c.undelivered, expired = c.expired,
              refused = c.refused, opted_out = c.opted_out, cancelled = c.cancelled, unconfirmed = c.unconfirmed,
              -- Nobody need look for receipts that have all come.
              due_at = case when s.state = 'DONE' and c.sent = 0 then null else s.due_at end
         from counted c where s.tenant_id = $1 and s.id = c.submission_id and s.id = any($2)
          -- Most changes of a state change no count, and a row that need not be written costs a third of one that is.
          and (s.state = 'DONE' and c.sent = 0 and s.due_at is not null
            or (s.waiting, s.sent, s.delivered, s.undelivered, s.expired, s.refused, s.opted_out, s.cancelled, s.unconfirmed)
              is distinct from (c.waiting, c.sent, c.delivered, c.undelivered, c.expired, c.refused, c.opted_out, c.cancelled, c.unconfirmed))`,
      [tenantId, submissionIds],
    );
  }
}
