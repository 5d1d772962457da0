import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';
import type { ReplyRow } from './reply.entity.js';

@Injectable()
export class ReplyStore {
  async insert(tx: Tx, tenantId: TenantId, reply: Omit<ReplyRow, 'tenantId'>): Promise<void> {
    await tx.rows(
      'insert into replies (tenant_id, id, message_id, kind, phone_number, text, raw, received_at) values ($1, $2, $3, $4, $5, $6, $7, $8)',
      [tenantId, reply.id, reply.messageId, reply.kind, reply.phoneNumber, reply.text, reply.raw, reply.receivedAt],
    );
  }
}
