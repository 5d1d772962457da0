import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../../kernel/index.js';

/** When a provider account's STOP list is asked for next; the platform's own account stands under the platform's id. */
@Entity('opt_out_syncs')
export class OptOutSyncRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'opt_out_syncs_pk' })
  tenantId: TenantId;

  @Column('timestamptz', { name: 'due_at' })
  dueAt: Date;
}
