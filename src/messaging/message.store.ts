import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';
import type { Message } from './message.js';
import type { MessageStatus } from './message-status.js';

const COLUMNS = `tenant_id as "tenantId", id, number::integer as number, status, category, route, sender, text, bare_text as "bareText",
  sent_text as "sentText", append_stop as "appendStop", unicode, encoding, parts, tag, sandbox, recipient_count as "recipientCount",
  cost, currency, scheduled_for as "scheduledFor", validity_seconds as "validitySeconds", receipt_url as "receiptUrl",
  reply_url as "replyUrl", created_at as "createdAt"`;

export interface MessageFilter {
  readonly status: readonly MessageStatus[] | null;
  readonly tag: string | null;
  /** E.164. */
  readonly phoneNumber: string | null;
  readonly createdAfter: Date | null;
  readonly createdBefore: Date | null;
}

@Injectable()
export class MessageStore {
  find(tx: Tx, tenantId: TenantId, id: string): Promise<Message | null> {
    return tx.first(`select ${COLUMNS} from messages where tenant_id = $1 and id = $2`, [tenantId, id]);
  }

  findByNumber(tx: Tx, tenantId: TenantId, number: number): Promise<Message | null> {
    return tx.first(`select ${COLUMNS} from messages where tenant_id = $1 and number = $2`, [tenantId, number]);
  }

  /**
   * The first thing that any change of an accepted message does: this lock puts all changes of a message in a row, so that
   * what later statements count is what is.
   */
  lock(tx: Tx, tenantId: TenantId, id: string): Promise<Message | null> {
    return tx.first(`select ${COLUMNS} from messages where tenant_id = $1 and id = $2 for update`, [tenantId, id]);
  }

  /** Gives the message its public number: the global sequence with a random gap of up to three, below 2^31. */
  async insert(
    tx: Tx,
    tenantId: TenantId,
    message: Omit<Message, 'tenantId' | 'number'>,
    gap: number,
  ): Promise<number> {
    const row = await tx.first<{ number: number }>(
      `insert into messages (tenant_id, number, id, status, category, route, sender, text, bare_text, sent_text, append_stop, unicode,
         encoding, parts, tag, sandbox, recipient_count, cost, currency, scheduled_for, validity_seconds, receipt_url, reply_url, created_at)
       values ($1, nextval('message_numbers') * 4 + $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
         $20, $21, $22, $23, $24)
       returning number::integer as number`,
      [
        tenantId,
        gap,
        message.id,
        message.status,
        message.category,
        message.route,
        message.sender,
        message.text,
        message.bareText,
        message.sentText,
        message.appendStop,
        message.unicode,
        message.encoding,
        message.parts,
        message.tag,
        message.sandbox,
        message.recipientCount,
        message.cost,
        message.currency,
        message.scheduledFor,
        message.validitySeconds,
        message.receiptUrl,
        message.replyUrl,
        message.createdAt,
      ],
    );
    if (row === null) throw new Error('the message was not inserted');
    return row.number;
  }

  async setSchedule(tx: Tx, tenantId: TenantId, id: string, at: Date): Promise<void> {
    await tx.rows('update messages set scheduled_for = $3 where tenant_id = $1 and id = $2', [tenantId, id, at]);
  }

  async reduceCost(tx: Tx, tenantId: TenantId, id: string, amount: string): Promise<void> {
    await tx.rows('update messages set cost = cost - $3 where tenant_id = $1 and id = $2', [tenantId, id, amount]);
  }

  /** Newest first. */
  page(
    tx: Tx,
    tenantId: TenantId,
    filter: MessageFilter,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<Message[]> {
    return tx.rows(
      `select ${COLUMNS} from messages m
        where tenant_id = $1
          and ($2::uuid is null or id < $2)
          and ($3::text[] is null or status = any($3))
          and ($4::text is null or tag = $4)
          and ($5::timestamptz is null or created_at > $5)
          and ($6::timestamptz is null or created_at < $6)
          and ($7::text is null or exists (
            select 1 from deliveries d where d.tenant_id = m.tenant_id and d.phone_number = $7 and d.message_id = m.id))
        order by id desc limit $8`,
      [
        tenantId,
        page.after,
        filter.status,
        filter.tag,
        filter.createdAfter,
        filter.createdBefore,
        filter.phoneNumber,
        page.limit,
      ],
    );
  }
}
