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
  messages(tx: Tx, tenantId: TenantId, id: string): Promise<BatchMessage[]> {
    return tx.rows(
      `select coalesce(d.phone_number, '') as "phoneNumber", m.parts, d.cost, d.status = 'OPTED_OUT' as "optedOut"
         from messages m join deliveries d on d.tenant_id = m.tenant_id and d.message_id = m.id
        where m.tenant_id = $1 and m.batch_id = $2 order by m.id`,
      [tenantId, id],
    );
  }

  async progress(tx: Tx, tenantId: TenantId, id: string): Promise<BatchProgress> {
    const row = await tx.first<BatchProgress>(
      `select ${STATUS_OF_SUBMISSIONS} as status,
              (select sum(cost) from messages where tenant_id = $1 and batch_id = $2)::numeric(14,4)::text as cost,
              min(currency) as currency, min(m.scheduled_for) as "scheduledFor", min(s.release_at) filter (where s.state = 'HELD') as "heldUntil",
              json_build_object('waiting', sum(waiting), 'sent', sum(sent), 'delivered', sum(delivered),
                'undelivered', sum(undelivered), 'expired', sum(expired), 'refused', sum(refused), 'optedOut', sum(opted_out),
                'cancelled', sum(cancelled), 'unconfirmed', sum(unconfirmed)) as counts
         from messages m join submissions s on s.tenant_id = m.tenant_id and s.message_id = m.id
        where m.tenant_id = $1 and m.batch_id = $2`,
      [tenantId, id],
    );
    if (row === null) throw new Error('a batch has no messages');
    return row;
  }
}
