import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import { STATUS_OF_SUBMISSIONS } from '../progress.store.js';
import type { Batch, BatchProgress } from './batch.js';

const COLUMNS = `tenant_id as "tenantId", id, number::integer as number, message_count as "messageCount", sandbox, created_at as "createdAt"`;

export interface BatchMessage {
  /** E.164; empty once erased. */
  readonly phoneNumber: string;
  readonly parts: number;
  readonly cost: string;
  readonly optedOut: boolean;
}

@Injectable()
export class BatchStore {
  /** Gives it a public number out of the messages' sequence, so that no number means two things. */
  async insert(tx: Tx, tenantId: TenantId, batch: Omit<Batch, 'tenantId' | 'number'>, gap: number): Promise<number> {
    const row = await tx.first<{ number: number }>(
      `insert into batches (tenant_id, number, id, message_count, sandbox, created_at)
       values ($1, nextval('message_numbers') * 4 + $2, $3, $4, $5, $6) returning number::integer as number`,
      [tenantId, gap, batch.id, batch.messageCount, batch.sandbox, batch.createdAt],
    );
    if (row === null) throw new Error('the batch was not inserted');
    return row.number;
  }

  find(tx: Tx, tenantId: TenantId, id: string): Promise<Batch | null> {
    return tx.first(`select ${COLUMNS} from batches where tenant_id = $1 and id = $2`, [tenantId, id]);
  }

  async lock(tx: Tx, tenantId: TenantId, id: string): Promise<void> {
    await tx.rows('select 1 from batches where tenant_id = $1 and id = $2 for update', [tenantId, id]);
  }

  findByNumber(tx: Tx, tenantId: TenantId, number: number): Promise<Batch | null> {
    return tx.first(`select ${COLUMNS} from batches where tenant_id = $1 and number = $2`, [tenantId, number]);
  }

  async messageIds(tx: Tx, tenantId: TenantId, id: string): Promise<string[]> {
    const rows = await tx.rows<{ id: string }>(
      'select id from messages where tenant_id = $1 and batch_id = $2 order by id',
      [tenantId, id],
    );
    return rows.map(row => row.id);
  }

  /** In the order of the request. Each message of a batch has one recipient. */
  async messages(tx: Tx, tenantId: TenantId, id: string): Promise<BatchMessage[]> {
    const messages = await tx.rows<{ id: string; parts: number }>(
      'select id, parts from messages where tenant_id = $1 and batch_id = $2 order by id',
      [tenantId, id],
    );
    const rows = await tx.rows<{ messageId: string; phoneNumber: string; cost: string; optedOut: boolean }>(
      `select message_id as "messageId", coalesce(phone_number, '') as "phoneNumber", cost, status = 'OPTED_OUT' as "optedOut"
         from deliveries where tenant_id = $1 and message_id = any($2)`,
      [tenantId, messages.map(message => message.id)],
    );
    const byMessage = new Map(rows.map(row => [row.messageId, row]));
    return messages.flatMap(({ id: messageId, parts }) => {
      const row = byMessage.get(messageId);
      return row === undefined ? [] : [{ phoneNumber: row.phoneNumber, cost: row.cost, optedOut: row.optedOut, parts }];
    });
  }

  /** Without a join, which a table without statistics yet would have planned badly: ten thousand times ten thousand. */
  async progress(tx: Tx, tenantId: TenantId, id: string): Promise<BatchProgress> {
    const sums = await tx.first<Pick<BatchProgress, 'cost' | 'currency' | 'scheduledFor'> & { ids: string[] }>(
      `select sum(cost)::numeric(14,4)::text as cost, min(currency) as currency, min(scheduled_for) as "scheduledFor", array_agg(id) as ids
         from messages where tenant_id = $1 and batch_id = $2`,
      [tenantId, id],
    );
    const states = await tx.first<Pick<BatchProgress, 'status' | 'heldUntil' | 'counts'>>(
      `select ${STATUS_OF_SUBMISSIONS} as status, min(release_at) filter (where state = 'HELD') as "heldUntil",
              json_build_object('waiting', sum(waiting), 'sent', sum(sent), 'delivered', sum(delivered),
                'undelivered', sum(undelivered), 'expired', sum(expired), 'refused', sum(refused), 'optedOut', sum(opted_out),
                'cancelled', sum(cancelled), 'unconfirmed', sum(unconfirmed)) as counts
         from submissions where tenant_id = $1 and message_id = any($2)`,
      [tenantId, sums?.ids ?? []],
    );
    if (sums === null || states === null) throw new Error('a batch has no messages');
    const { cost, currency, scheduledFor } = sums;
    return { cost, currency, scheduledFor, ...states };
  }
}
