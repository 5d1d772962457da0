import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../../kernel/index.js';

/** Personalised bulk: many messages asked for in one request. */
@Entity('batches')
@Index('batches_number', ['tenantId', 'number'], { unique: true })
export class BatchRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'batches_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'batches_pk' })
  id: string;

  @Column('bigint')
  number: string;

  @Column('integer', { name: 'message_count' })
  messageCount: number;

  @Column('boolean')
  sandbox: boolean;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
