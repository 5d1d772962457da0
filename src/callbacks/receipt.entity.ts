import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../kernel/index.js';
import type { ReceiptState } from './receipt-state.js';

/** A delivery receipt as it came, stored before it is understood. */
@Entity('receipts')
@Check('receipts_state', `state in ('NEW', 'APPLIED', 'REDUNDANT', 'UNREADABLE', 'UNKNOWN')`)
@Index('receipts_due', ['dueAt'], { where: 'due_at is not null' })
@Index('receipts_due_of_attempt', ['tenantId', 'attemptId'], { where: 'due_at is not null' })
@Index('receipts_of_message', ['tenantId', 'messageId'], { where: 'message_id is not null' })
@Index('receipts_to_trim', ['tenantId', 'receivedAt'], { where: 'raw is not null and due_at is null' })
export class ReceiptRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'receipts_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'receipts_pk' })
  id: string;

  @Column('uuid', { name: 'attempt_id' })
  attemptId: string;

  /** Null once trimmed: what was applied still stands in the message's timeline. */
  @Column('text', { nullable: true })
  raw: string | null;

  @Column('text')
  state: ReceiptState;

  @Column('uuid', { name: 'message_id', nullable: true })
  messageId: string | null;

  @Column('uuid', { name: 'delivery_id', nullable: true })
  deliveryId: string | null;

  @Column('text', { nullable: true })
  status: string | null;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('timestamptz', { name: 'received_at' })
  receivedAt: Date;

  @Column('timestamptz', { name: 'due_at', nullable: true })
  dueAt: Date | null;

  @Column('uuid', { nullable: true })
  lease: string | null;
}
