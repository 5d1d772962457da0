import { Injectable } from '@nestjs/common';
import { asTenantId, type TenantId, type Tx } from '../../kernel/index.js';
import { laneOf } from './lane.js';
import type { WebhookDeliveryRow } from './webhook-delivery.entity.js';

export type WebhookDelivery = WebhookDeliveryRow;

/** A call to a message's own receiptUrl or replyUrl. */
export type NewDelivery = Pick<WebhookDelivery, 'id' | 'eventType' | 'url' | 'payload' | 'messageId'>;

/** The calls that tell webhooks of an event. */
export interface EventCall {
  readonly eventId: string;
  readonly type: string;
  readonly payload: string;
  readonly messageId: string | null;
  readonly at: Date;
  readonly to: readonly { readonly id: string; readonly webhookId: string }[];
}

/** A call in a worker's hands until its lease ends. */
export interface Leased extends Pick<WebhookDelivery, 'tenantId' | 'id' | 'webhookId' | 'eventId' | 'url' | 'payload'> {
  /** Those made before this one. */
  readonly attempts: number;
  readonly lease: string;
}

/** How a call ended, or when it is made again. */
export type DeliveryEnd = Pick<WebhookDelivery, 'state' | 'lastStatusCode' | 'lastError' | 'dueAt' | 'endedAt'>;

const COLUMNS = `tenant_id as "tenantId", id, webhook_id as "webhookId", event_id as "eventId", lane, event_type as "eventType", url, payload,
  message_id as "messageId", state, attempts, last_status_code as "lastStatusCode", last_error as "lastError", due_at as "dueAt",
  lease, created_at as "createdAt", ended_at as "endedAt"`;

@Injectable()
export class WebhookDeliveryStore {
  /** Due at once, all in one statement. */
  async insert(tx: Tx, tenantId: TenantId, deliveries: readonly NewDelivery[], now: Date): Promise<void> {
    await tx.rows(
      `insert into webhook_deliveries (tenant_id, id, event_type, url, payload, message_id, lane, state, attempts, due_at, created_at)
       select $1, id, event_type, url, payload, message_id, lane, 'PENDING', 0, $2, $2
         from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[])
           as given (id, event_type, url, payload, message_id, lane)`,
      [
        tenantId,
        now,
        deliveries.map(({ id }) => id),
        deliveries.map(({ eventType }) => eventType),
        deliveries.map(({ url }) => url),
        deliveries.map(({ payload }) => payload),
        deliveries.map(({ messageId }) => messageId),
        deliveries.map(({ url }) => laneOf(null, url)),
      ],
    );
  }

  /** The same for webhooks, each event's body sent to the database once. A webhook deleted meanwhile is left out. */
  async insertForWebhooks(tx: Tx, tenantId: TenantId, calls: readonly EventCall[]): Promise<void> {
    const to = calls.flatMap((call, index) => call.to.map(one => ({ ...one, place: index + 1 })));
    await tx.rows(
      `insert into webhook_deliveries (tenant_id, id, webhook_id, event_id, event_type, url, payload, message_id, lane, state, attempts, due_at, created_at)
       select $1, one.id, w.id, e.id, e.type, w.url, e.payload, e.message_id, w.id::text, 'PENDING', 0, e.at, e.at
         from unnest($2::uuid[], $3::uuid[], $4::bigint[]) as one (id, webhook_id, place)
         join unnest($5::uuid[], $6::text[], $7::text[], $8::uuid[], $9::timestamptz[]) with ordinality
           as e (id, type, payload, message_id, at, place) on e.place = one.place
         join webhooks w on w.tenant_id = $1 and w.id = one.webhook_id`,
      [
        tenantId,
        to.map(({ id }) => id),
        to.map(({ webhookId }) => webhookId),
        to.map(({ place }) => place),
        calls.map(({ eventId }) => eventId),
        calls.map(({ type }) => type),
        calls.map(({ payload }) => payload),
        calls.map(({ messageId }) => messageId),
        calls.map(({ at }) => at),
      ],
    );
  }

  /**
   * Which calls are due, over all tenants in turn (a named function), and of each tenant no more at once than `each`, of which
   * `eachLane` to one receiver.
   */
  async claim(
    tx: Tx,
    lease: {
      readonly id: string;
      readonly now: Date;
      readonly until: Date;
      readonly limit: number;
      readonly each: number;
      readonly eachLane: number;
    },
  ): Promise<{ readonly tenantId: TenantId; readonly id: string }[]> {
    const rows = await tx.rows<{ tenantId: string; id: string }>(
      'select tenant_id as "tenantId", id from claim_webhook_deliveries($1, $2, $3, $4, $5, $6)',
      [lease.now, lease.until, lease.id, lease.limit, lease.each, lease.eachLane],
    );
    return rows.map(({ tenantId, id }) => ({ tenantId: asTenantId(tenantId), id }));
  }

  /** Those of these tenants that are held under the lease; the transaction must see the tenants. */
  held(tx: Tx, tenants: readonly TenantId[], ids: readonly string[], lease: string): Promise<Leased[]> {
    return tx.rows(
      `select tenant_id as "tenantId", id, webhook_id as "webhookId", event_id as "eventId", url, payload, attempts, lease
         from webhook_deliveries where tenant_id = any($1) and id = any($2) and lease = $3`,
      [tenants, ids, lease],
    );
  }

  /** Writes down how it ended, and that it was called where it was; not at all where it is no longer held. */
  async settle(
    tx: Tx,
    { tenantId, id, lease }: Pick<Leased, 'tenantId' | 'id' | 'lease'>,
    end: DeliveryEnd,
    called = true,
  ): Promise<boolean> {
    const settled = await tx.count(
      `update webhook_deliveries
          set state = $4, attempts = attempts + $9, last_status_code = coalesce($5, case when $9 = 0 then last_status_code end),
              last_error = $6, due_at = $7, ended_at = $8, lease = null
        where tenant_id = $1 and id = $2 and lease = $3 and state = 'PENDING'`,
      [tenantId, id, lease, end.state, end.lastStatusCode, end.lastError, end.dueAt, end.endedAt, called ? 1 : 0],
    );
    return settled > 0;
  }

  /** Gives up what a webhook was still to be told; what is being called ends by itself. Answers how many. */
  endPending(
    tx: Tx,
    tenantId: TenantId,
    webhookId: string,
    { now, because }: { readonly now: Date; readonly because: string },
  ): Promise<number> {
    return tx.count(
      `update webhook_deliveries set state = 'FAILED', last_error = $4, due_at = null, ended_at = $3
        where tenant_id = $1 and lane = $2 and due_at is not null and lease is null`,
      [tenantId, webhookId, now, because],
    );
  }

  /** Newest first; of one webhook or of all and of messages' own addresses. */
  page(
    tx: Tx,
    tenantId: TenantId,
    webhookId: string | null,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<WebhookDelivery[]> {
    return tx.rows(
      `select ${COLUMNS} from webhook_deliveries
        where tenant_id = $1 and ($2::uuid is null or webhook_id = $2) and ($3::uuid is null or id < $3)
        order by id desc limit $4`,
      [tenantId, webhookId, page.after, page.limit],
    );
  }

  lock(tx: Tx, tenantId: TenantId, id: string): Promise<WebhookDelivery | null> {
    return tx.first(`select ${COLUMNS} from webhook_deliveries where tenant_id = $1 and id = $2 for update`, [
      tenantId,
      id,
    ]);
  }

  async bringForward(tx: Tx, tenantId: TenantId, id: string, now: Date): Promise<void> {
    await tx.rows(
      `update webhook_deliveries set due_at = least(due_at, $3)
        where tenant_id = $1 and id = $2 and state = 'PENDING' and lease is null`,
      [tenantId, id, now],
    );
  }

  /** Another call of the same event, due at once. */
  async insertAgain(
    tx: Tx,
    tenantId: TenantId,
    id: string,
    again: { readonly id: string; readonly now: Date },
  ): Promise<void> {
    await tx.rows(
      `insert into webhook_deliveries (tenant_id, id, webhook_id, event_id, event_type, url, payload, message_id, lane, state, attempts, due_at, created_at)
       select tenant_id, $3, webhook_id, event_id, event_type, url, payload, message_id, lane, 'PENDING', 0, $4::timestamptz, $4
         from webhook_deliveries where tenant_id = $1 and id = $2`,
      [tenantId, id, again.id, again.now],
    );
  }
}
