import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../../kernel/index.js';

/** A STOP: no commercial SMS of this tenant to this number. */
@Entity('opt_outs')
@Index('opt_outs_newest', ['tenantId', 'id'])
export class OptOutRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'opt_outs_pk' })
  tenantId: TenantId;

  @PrimaryColumn('text', { name: 'phone_number', primaryKeyConstraintName: 'opt_outs_pk' })
  phoneNumber: string;

  @Column('uuid')
  id: string;

  @Column('text')
  source: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
