import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Category, Encoding, Route, TenantId } from '../kernel/index.js';
import type { MessageStatus } from './message-status.js';

/** What the tenant asked for once. `status` is kept in step with its submissions by progress.store. */
@Entity('messages')
@Index('messages_number', ['tenantId', 'number'], { unique: true })
@Index('messages_tag', ['tenantId', 'tag', 'id'], { where: 'tag is not null' })
@Index('messages_of_batch', ['tenantId', 'batchId', 'id'], { where: 'batch_id is not null' })
@Index('messages_sandbox', ['createdAt'], { where: 'sandbox' })
@Index('messages_unconfirmed', ['id'], { where: `status = 'UNCONFIRMED'` })
// By an expression, which TypeORM cannot say: see the migration.
@Index('messages_to_erase', { synchronize: false })
@Index('messages_unsettled', ['tenantId', 'status', 'id'], {
  where: `status not in ('COMPLETED', 'CANCELLED', 'FAILED')`,
})
export class MessageRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'messages_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'messages_pk' })
  id: string;

  @Column('bigint')
  number: string;

  /** Null: it was asked for alone. */
  @Column('uuid', { name: 'batch_id', nullable: true })
  batchId: string | null;

  @Column('bigint', { name: 'batch_number', nullable: true })
  batchNumber: string | null;

  @Column('text')
  status: MessageStatus;

  @Column('text')
  category: Category;

  @Column('text')
  route: Route;

  @Column('text', { nullable: true })
  sender: string | null;

  @Column('text', { nullable: true })
  text: string | null;

  @Column('text', { name: 'bare_text', nullable: true })
  bareText: string | null;

  @Column('text', { name: 'sent_text', nullable: true })
  sentText: string | null;

  @Column('boolean', { name: 'append_stop' })
  appendStop: boolean;

  @Column('boolean')
  unicode: boolean;

  @Column('text')
  encoding: Encoding;

  @Column('integer')
  parts: number;

  @Column('text', { nullable: true })
  tag: string | null;

  @Column('boolean')
  sandbox: boolean;

  @Column('integer', { name: 'recipient_count' })
  recipientCount: number;

  @Column('numeric', { precision: 14, scale: 4 })
  cost: string;

  @Column('text')
  currency: string;

  @Column('timestamptz', { name: 'scheduled_for', nullable: true })
  scheduledFor: Date | null;

  @Column('integer', { name: 'validity_seconds' })
  validitySeconds: number;

  @Column('text', { name: 'receipt_url', nullable: true })
  receiptUrl: string | null;

  @Column('text', { name: 'reply_url', nullable: true })
  replyUrl: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  /** When it came to an end; null: not yet, or by a version of Relais that did not keep it. */
  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt: Date | null;

  /** Since then its texts, numbers and addresses are no more. */
  @Column('timestamptz', { name: 'erased_at', nullable: true })
  erasedAt: Date | null;

  /** Raised by each change of anything of it. */
  @Column('integer', { default: 0 })
  version: number;
}
