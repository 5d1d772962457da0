import { Injectable } from '@nestjs/common';
import type { Category, TenantId, Tx } from '../kernel/index.js';
import type { LockedMessage, Message } from './message.js';
import type { MessageStatus } from './message-status.js';
import { TO_ONE } from './to-one.js';

const COLUMNS = `tenant_id as "tenantId", id, number::integer as number, batch_id as "batchId", batch_number::integer as "batchNumber", status, category, route, sender, text, bare_text as "bareText",
  sent_text as "sentText", append_stop as "appendStop", unicode, encoding, parts, tag, sandbox, recipient_count as "recipientCount",
  cost, currency, scheduled_for as "scheduledFor", validity_seconds as "validitySeconds", receipt_url as "receiptUrl",
  reply_url as "replyUrl", created_at as "createdAt", version`;

const LOCKED = `tenant_id as "tenantId", id, number::integer as number, batch_id as "batchId", batch_number::integer as "batchNumber", status, tag, sandbox,
  parts, currency, validity_seconds as "validitySeconds", receipt_url as "receiptUrl"`;

export interface NewMessage extends Omit<Message, 'tenantId' | 'number' | 'version'> {
  /** From 0 to 3: how far its number lies above the sequence's. */
  readonly gap: number;
}

export interface MessageFilter {
  readonly status: readonly MessageStatus[] | null;
  readonly tag: string | null;
  /** E.164. */
  readonly phoneNumber: string | null;
  readonly createdAfter: Date | null;
  readonly createdBefore: Date | null;
}

/** Which submissions may go along with one that leaves. */
export interface CompanionsWanted {
  readonly category: Category;
  readonly sandbox: boolean;
  readonly together: number | null;
  readonly now: Date;
  /** When a claim made just now ends. */
  readonly claimedUntil: Date;
  readonly most: number;
}

/** Where others of the tenant wait with other options, the search ends somewhere. */
const COMPANIONS_LOOKED_AT = 4_000;

/** Besides what is asked for, what may be seen at all: one message, or those of one tag. Null: all of the tenant's. */
export interface MessagesShown extends MessageFilter {
  readonly only: { readonly messageId: string } | { readonly tag: string } | null;
}

const SHOWN = `($2::uuid is null or id < $2)
          and ($3::text[] is null or status = any($3))
          and ($4::text is null or tag = $4)
          and ($5::timestamptz is null or created_at > $5)
          and ($6::timestamptz is null or created_at < $6)
          and ($8::uuid is null or id = $8)
          and ($9::text is null or tag = $9)`;

/**
 * From the number's own deliveries, newest first, to their messages one by one, and no further than the page: sought along the
 * messages, a number that few of them have reads them all. `limit 1` keeps the planner from turning the two round; a message
 * has a number once, so nothing need be made distinct, for which all of them would be read.
 */
const TO_NUMBER = `select m.* from deliveries d
  cross join lateral (select ${COLUMNS} from messages where tenant_id = $1 and id = d.message_id and ${SHOWN} limit 1) m
  where d.tenant_id = $1 and d.phone_number = $10 and ($2::uuid is null or d.message_id < $2) and ($8::uuid is null or d.message_id = $8)
  order by d.message_id desc limit $7`;

@Injectable()
export class MessageStore {
  find(tx: Tx, tenantId: TenantId, id: string): Promise<Message | null> {
    return tx.first(`select ${COLUMNS} from messages where tenant_id = $1 and id = $2`, [tenantId, id]);
  }

  findMany(tx: Tx, tenantId: TenantId, ids: readonly string[]): Promise<Message[]> {
    return tx.rows(`select ${COLUMNS} from messages where tenant_id = $1 and id = any($2)`, [tenantId, ids]);
  }

  /** Of messages of several tenants, which the transaction must see: each change of a message raises its version. */
  async versions(
    tx: Tx,
    messages: readonly { readonly tenantId: TenantId; readonly id: string }[],
  ): Promise<{ readonly tenantId: TenantId; readonly id: string; readonly version: number }[]> {
    return tx.rows(
      `select m.tenant_id as "tenantId", m.id, m.version
         from unnest($1::uuid[], $2::uuid[]) as given (tenant_id, id)
         join messages m on m.tenant_id = given.tenant_id and m.id = given.id`,
      [messages.map(({ tenantId }) => tenantId), messages.map(({ id }) => id)],
    );
  }

  findByNumber(tx: Tx, tenantId: TenantId, number: number): Promise<Message | null> {
    return tx.first(`select ${COLUMNS} from messages where tenant_id = $1 and number = $2`, [tenantId, number]);
  }

  /** Whose message is in doubt under this id (a named function answers). */
  async ownerOfUnconfirmed(tx: Tx, id: string): Promise<string | null> {
    const row = await tx.first<{ tenantId: string }>(
      'select tenant_id as "tenantId" from unconfirmed_message_tenant($1)',
      [id],
    );
    return row?.tenantId ?? null;
  }

  /**
   * Locks messages that may go in one call with `lead` (locked already): of the same batch or of none, of the same options, with
   * a submission to one recipient that is due, and that nobody else changes; of those that are due longest. Where few are, also
   * what others have claimed: they find it gone, since its state decides and not their lease.
   */
  lockCompanions(tx: Tx, lead: Message, wanted: CompanionsWanted): Promise<Message[]> {
    const { category, sandbox, together, now, claimedUntil, most } = wanted;
    // In one pass and not one by one: while a table has no statistics, each lookup reads the whole tenant.
    return tx.rows(
      `with queued as not materialized (
         select message_id, due_at, lease from submissions
          where tenant_id = $1 and state = 'QUEUED' and category = $2 and sandbox = $5 and ${TO_ONE}
            and together is not distinct from $6 and message_id <> $7),
       due as materialized (select message_id from queued where due_at <= $3 order by due_at limit ${COMPANIONS_LOOKED_AT}),
       claimed as materialized (
         select message_id from (
           select message_id, lease from queued where (select count(*) from due) < $13 and due_at > $3 and due_at <= $4
            order by due_at desc limit ${COMPANIONS_LOOKED_AT}) soon
          where lease is not null)
       select ${COLUMNS} from messages
        where tenant_id = $1 and id = any(array(select message_id from due union all select message_id from claimed))
          and route = $8 and sender is not distinct from $9 and append_stop = $10 and unicode = $11
          and batch_id is not distinct from $12
        limit $13 for update skip locked`,
      [
        lead.tenantId,
        category,
        now,
        claimedUntil,
        sandbox,
        together,
        lead.id,
        lead.route,
        lead.sender,
        lead.appendStop,
        lead.unicode,
        lead.batchId,
        most,
      ],
    );
  }

  /**
   * The first thing that any change of accepted messages does: this lock puts all changes of a message in a row, so that what
   * later statements count is what is. In the order of their ids, so that no two that lock several wait for each other.
   */
  lockMany(tx: Tx, tenantId: TenantId, ids: readonly string[]): Promise<LockedMessage[]> {
    return tx.rows(`select ${LOCKED} from messages where tenant_id = $1 and id = any($2) order by id for update`, [
      tenantId,
      ids,
    ]);
  }

  /** One, and all of it. */
  lock(tx: Tx, tenantId: TenantId, id: string): Promise<Message | null> {
    return tx.first(`select ${COLUMNS} from messages where tenant_id = $1 and id = $2 for update`, [tenantId, id]);
  }

  /** Gives each its public number: the global sequence with a random gap of up to three, below 2^31. In the given order. */
  async insert(tx: Tx, tenantId: TenantId, messages: readonly NewMessage[]): Promise<number[]> {
    const rows = await tx.prepared<{ id: string; number: number }>(
      `insert into messages (tenant_id, number, id, batch_id, batch_number, status, category, route, sender, text, bare_text, sent_text,
         append_stop, unicode, encoding, parts, tag, sandbox, recipient_count, cost, currency, scheduled_for, validity_seconds,
         receipt_url, reply_url, created_at)
       select $1, nextval('message_numbers') * 4 + gap, id, "batchId", "batchNumber", status, category, route, sender, text, "bareText",
         "sentText", "appendStop", unicode, encoding, parts, tag, sandbox, "recipientCount", cost, currency, "scheduledFor",
         "validitySeconds", "receiptUrl", "replyUrl", "createdAt"
         from jsonb_to_recordset($2) as m (gap integer, id uuid, "batchId" uuid, "batchNumber" bigint, status text, category text,
           route text, sender text, text text, "bareText" text, "sentText" text, "appendStop" boolean, unicode boolean, encoding text,
           parts integer, tag text, sandbox boolean, "recipientCount" integer, cost numeric, currency text, "scheduledFor" timestamptz,
           "validitySeconds" integer, "receiptUrl" text, "replyUrl" text, "createdAt" timestamptz)
       returning id, number::integer as number`,
      [tenantId, JSON.stringify(messages, wellFormed)],
    );
    const numbers = new Map(rows.map(row => [row.id, row.number]));
    return messages.map(({ id }) => numbers.get(id) ?? missing());
  }

  async setSchedule(tx: Tx, tenantId: TenantId, id: string, at: Date): Promise<void> {
    await tx.rows('update messages set scheduled_for = $3 where tenant_id = $1 and id = $2', [tenantId, id, at]);
  }

  async reduceCosts(
    tx: Tx,
    tenantId: TenantId,
    by: readonly { readonly messageId: string; readonly amount: string }[],
  ): Promise<void> {
    await tx.rows(
      `update messages m set cost = cost - r.amount from unnest($2::uuid[], $3::numeric[]) as r (id, amount)
        where m.tenant_id = $1 and m.id = r.id`,
      [tenantId, by.map(({ messageId }) => messageId), by.map(({ amount }) => amount)],
    );
  }

  /** In the order of the request. */
  ofBatch(
    tx: Tx,
    tenantId: TenantId,
    batchId: string,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<Message[]> {
    return tx.rows(
      `select ${COLUMNS} from messages
        where tenant_id = $1 and batch_id = $2 and ($3::uuid is null or id > $3) order by id limit $4`,
      [tenantId, batchId, page.after, page.limit],
    );
  }

  /** Newest first. */
  page(
    tx: Tx,
    tenantId: TenantId,
    filter: MessagesShown,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<Message[]> {
    const { only, phoneNumber } = filter;
    const parameters = [
      tenantId,
      page.after,
      filter.status,
      filter.tag,
      filter.createdAfter,
      filter.createdBefore,
      page.limit,
      only !== null && 'messageId' in only ? only.messageId : null,
      only !== null && 'tag' in only ? only.tag : null,
    ];
    return phoneNumber === null
      ? tx.rows(
          `select ${COLUMNS} from messages m where tenant_id = $1 and ${SHOWN} order by id desc limit $7`,
          parameters,
        )
      : tx.rows(TO_NUMBER, [...parameters, phoneNumber]);
  }
}

function missing(): never {
  throw new Error('a message was not inserted');
}

/** Half a surrogate pair is no character: JSON can spell it, and PostgreSQL refuses it. */
const wellFormed = (_: string, value: unknown): unknown => (typeof value === 'string' ? value.toWellFormed() : value);
