import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../../kernel/index.js';

/** A number that stood on the list of the tenant's own account may be lifted here before its id there is known. */
export const STOP_ID_NOT_KNOWN_YET = '';

/** A STOP that the tenant lifted and that its own provider account still lists: to be deleted there, not taken up again. */
@Entity('opt_out_removals')
export class OptOutRemovalRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'opt_out_removals_pk' })
  tenantId: TenantId;

  @PrimaryColumn('text', { name: 'phone_number', primaryKeyConstraintName: 'opt_out_removals_pk' })
  phoneNumber: string;

  @Column('text', { name: 'provider_stop_id' })
  providerStopId: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
