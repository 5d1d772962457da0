import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import type { DeliveryStatus } from '../delivery-status.js';
import type { MessageStatus } from '../message-status.js';
import { STATUS_OF_SUBMISSIONS } from '../progress.store.js';

/** A message or a whole batch, by the public number that the tenant knows. */
export interface NumberedSms {
  readonly kind: 'message' | 'batch';
  readonly id: string;
  readonly number: number;
  readonly status: MessageStatus;
  /** The earliest instant at which something of it that waits may leave; null when nothing waits. */
  readonly nextDeparture: Date | null;
}

export interface NumberedDelivery {
  /** Of the message, or of the batch it came in. */
  readonly number: number;
  /** E.164; null once erased. */
  readonly phoneNumber: string | null;
  readonly status: DeliveryStatus;
  /** What the tenant pays for it; zero where it was paid back. Exact decimal. */
  readonly cost: string;
  readonly currency: string;
  readonly updatedAt: Date;
  /** The number is on the tenant's opt-out list now. */
  readonly optedOut: boolean;
}

const DELIVERY = `coalesce(m.batch_number, m.number)::integer as number, d.phone_number as "phoneNumber", d.status,
  (case d.charge when 'RETURNED' then 0 else d.cost end)::numeric(14,4)::text as cost, m.currency, d.updated_at as "updatedAt",
  exists (select 1 from opt_outs o where o.tenant_id = d.tenant_id and o.phone_number = d.phone_number) as "optedOut"`;

const MOST_DELIVERIES = 10_000;

@Injectable()
export class NumberedStore {
  find(tx: Tx, tenantId: TenantId, number: number): Promise<NumberedSms | null> {
    return tx.first(
      `select n.kind, n.id, $2::integer as number, p.status, p."nextDeparture"
         from (select 'message' as kind, id from messages where tenant_id = $1 and number = $2
               union all select 'batch', id from batches where tenant_id = $1 and number = $2) n
         cross join lateral (
           select ${STATUS_OF_SUBMISSIONS} as status,
                  min(coalesce(s.release_at, s.due_at)) filter (where s.state in ('SCHEDULED', 'HELD', 'QUEUED')) as "nextDeparture"
             from submissions s
            where s.tenant_id = $1 and s.message_id in (
              select m.id from messages m where m.tenant_id = $1 and (n.kind = 'message' and m.id = n.id or n.kind = 'batch' and m.batch_id = n.id))) p`,
      [tenantId, number],
    );
  }

  /** In the order of the request. */
  deliveries(tx: Tx, tenantId: TenantId, { kind, id }: NumberedSms): Promise<NumberedDelivery[]> {
    const which = kind === 'message' ? 'm.id = $2' : 'm.batch_id = $2';
    return tx.rows(
      `select ${DELIVERY} from messages m join deliveries d on d.tenant_id = m.tenant_id and d.message_id = m.id
        where m.tenant_id = $1 and ${which} order by m.id, d.id limit ${MOST_DELIVERIES}`,
      [tenantId, id],
    );
  }

  /** Each with the place of its pair; found by the phone number first, of which there are never many. */
  deliveriesOf(
    tx: Tx,
    tenantId: TenantId,
    pairs: readonly { readonly number: number; readonly phoneNumber: string }[],
  ): Promise<(NumberedDelivery & { readonly place: number })[]> {
    return tx.rows(
      `select p.place::integer - 1 as place, ${DELIVERY}
         from unnest($2::bigint[], $3::text[]) with ordinality as p (number, phone_number, place)
         join deliveries d on d.tenant_id = $1 and d.phone_number = p.phone_number
         join messages m on m.tenant_id = d.tenant_id and m.id = d.message_id and (m.number = p.number or m.batch_number = p.number)
        order by p.place, d.id`,
      [tenantId, pairs.map(pair => pair.number), pairs.map(pair => pair.phoneNumber)],
    );
  }

  async countByTag(tx: Tx, tenantId: TenantId, tag: string): Promise<number> {
    const row = await tx.first<{ count: number }>(
      'select coalesce(sum(recipient_count), 0)::integer as count from messages where tenant_id = $1 and tag = $2',
      [tenantId, tag],
    );
    return row?.count ?? 0;
  }

  byTag(
    tx: Tx,
    tenantId: TenantId,
    tag: string,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<NumberedDelivery[]> {
    return tx.rows(
      `select ${DELIVERY} from messages m join deliveries d on d.tenant_id = m.tenant_id and d.message_id = m.id
        where m.tenant_id = $1 and m.tag = $2 order by m.id, d.id offset $3 limit $4`,
      [tenantId, tag, page.offset, page.limit],
    );
  }

  /** Recipients of whom nothing has left yet. */
  async waitingCount(tx: Tx, tenantId: TenantId): Promise<number> {
    const row = await tx.first<{ count: number }>(
      `select coalesce(sum(s.waiting), 0)::integer as count
         from messages m join submissions s on s.tenant_id = m.tenant_id and s.message_id = m.id
        where m.tenant_id = $1 and not m.sandbox and m.status not in ('COMPLETED', 'CANCELLED', 'FAILED')`,
      [tenantId],
    );
    return row?.count ?? 0;
  }
}
