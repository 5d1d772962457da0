import { Injectable } from '@nestjs/common';
import { asTenantId, type TenantId, type Tx } from '../../kernel/index.js';
import type { WebhookDeliveryRow } from './webhook-delivery.entity.js';

export type NewDelivery = Pick<WebhookDeliveryRow, 'id' | 'eventType' | 'url' | 'payload' | 'messageId'>;

/** A call in this worker's hands until its lease ends. */
export interface HeldDelivery {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly url: string;
  readonly payload: string;
  /** Those made before this one. */
  readonly attempts: number;
  readonly lease: string;
}

/** How a call ended, or when it is made again. */
export type DeliveryEnd = Pick<WebhookDeliveryRow, 'state' | 'lastStatusCode' | 'lastError' | 'dueAt' | 'endedAt'>;

@Injectable()
export class WebhookDeliveryStore {
  /** Due at once, all in one statement. */
  async insert(tx: Tx, tenantId: TenantId, deliveries: readonly NewDelivery[], now: Date): Promise<void> {
    await tx.rows(
      `insert into webhook_deliveries (tenant_id, id, event_type, url, payload, message_id, state, attempts, due_at, created_at)
       select $1, id, event_type, url, payload, message_id, 'PENDING', 0, $2, $2
         from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::uuid[])
           as given (id, event_type, url, payload, message_id)`,
      [
        tenantId,
        now,
        deliveries.map(({ id }) => id),
        deliveries.map(({ eventType }) => eventType),
        deliveries.map(({ url }) => url),
        deliveries.map(({ payload }) => payload),
        deliveries.map(({ messageId }) => messageId),
      ],
    );
  }

  /** Which calls are due, over all tenants in turn (a named function), and of each tenant no more at once than `each`. */
  async claim(
    tx: Tx,
    lease: {
      readonly id: string;
      readonly now: Date;
      readonly until: Date;
      readonly limit: number;
      readonly each: number;
    },
  ): Promise<{ readonly tenantId: TenantId; readonly id: string }[]> {
    const rows = await tx.rows<{ tenantId: string; id: string }>(
      'select tenant_id as "tenantId", id from claim_webhook_deliveries($1, $2, $3, $4, $5)',
      [lease.now, lease.until, lease.id, lease.limit, lease.each],
    );
    return rows.map(({ tenantId, id }) => ({ tenantId: asTenantId(tenantId), id }));
  }

  /** Those of these tenants that are held under the lease; the transaction must see the tenants. */
  held(tx: Tx, tenants: readonly TenantId[], ids: readonly string[], lease: string): Promise<HeldDelivery[]> {
    return tx.rows(
      `select tenant_id as "tenantId", id, url, payload, attempts, lease from webhook_deliveries
        where tenant_id = any($1) and id = any($2) and lease = $3`,
      [tenants, ids, lease],
    );
  }

  /** Writes down an attempt; not at all where the call is no longer held. */
  async settle(tx: Tx, { tenantId, id, lease }: HeldDelivery, end: DeliveryEnd): Promise<boolean> {
    const settled = await tx.count(
      `update webhook_deliveries
          set state = $4, attempts = attempts + 1, last_status_code = $5, last_error = $6, due_at = $7, ended_at = $8, lease = null
        where tenant_id = $1 and id = $2 and lease = $3 and state = 'PENDING'`,
      [tenantId, id, lease, end.state, end.lastStatusCode, end.lastError, end.dueAt, end.endedAt],
    );
    return settled > 0;
  }
}
