import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../../kernel/index.js';

/** What a tenant asked for under an idempotency key, and the message it became. */
@Entity('idempotency_records')
@Index('idempotency_records_age', ['tenantId', 'createdAt'])
export class IdempotencyRecordRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'idempotency_records_pk' })
  tenantId: TenantId;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'idempotency_records_pk' })
  key: string;

  @Column('bytea')
  fingerprint: Buffer;

  @Column('uuid', { name: 'message_id' })
  messageId: string;

  /** The figures that the first answer told: what became of it later does not change them. */
  @Column('jsonb', { nullable: true })
  answer: Record<string, unknown> | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
