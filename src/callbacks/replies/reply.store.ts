import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import type { ReplyRow } from './reply.entity.js';

/** What a tenant may see of an answer. */
export type Reply = Pick<ReplyRow, 'id' | 'messageId' | 'phoneNumber' | 'text' | 'receivedAt'>;

@Injectable()
export class ReplyStore {
  async insert(tx: Tx, tenantId: TenantId, reply: Omit<ReplyRow, 'tenantId' | 'erasedAt'>): Promise<void> {
    await tx.rows(
      `insert into replies (tenant_id, id, message_id, kind, phone_number, text, long_number, keyword,
         provider_message_id, provider_timestamp, received_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        tenantId,
        reply.id,
        reply.messageId,
        reply.kind,
        reply.phoneNumber,
        reply.text,
        reply.longNumber,
        reply.keyword,
        reply.providerMessageId,
        reply.providerTimestamp,
        reply.receivedAt,
      ],
    );
  }

  page(tx: Tx, tenantId: TenantId, page: { readonly after: string | null; readonly limit: number }): Promise<Reply[]> {
    return tx.rows(
      `select id, message_id as "messageId", phone_number as "phoneNumber", text, received_at as "receivedAt"
         from replies where tenant_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
      [tenantId, page.after, page.limit],
    );
  }
}
