import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../kernel/index.js';

/** An answer from a handset. */
@Entity('replies')
@Check('replies_kind', `kind in ('response', 'stop', 'unreadable')`)
export class ReplyRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'replies_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'replies_pk' })
  id: string;

  @Column('uuid', { name: 'message_id', nullable: true })
  messageId: string | null;

  @Column('text')
  kind: 'response' | 'stop' | 'unreadable';

  @Column('text', { name: 'phone_number', nullable: true })
  phoneNumber: string | null;

  @Column('text', { nullable: true })
  text: string | null;

  /** As it came, where it could not be read. */
  @Column('text', { nullable: true })
  raw: string | null;

  @Column('timestamptz', { name: 'received_at' })
  receivedAt: Date;
}
