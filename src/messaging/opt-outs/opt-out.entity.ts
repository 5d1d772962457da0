import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../../kernel/index.js';

/** A STOP: no commercial SMS of this tenant to this number. */
@Entity('opt_outs')
@Index('opt_outs_newest', ['tenantId', 'id'])
@Index('opt_outs_number', ['tenantId', 'number'], { unique: true })
export class OptOutRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'opt_outs_pk' })
  tenantId: TenantId;

  @PrimaryColumn('text', { name: 'phone_number', primaryKeyConstraintName: 'opt_outs_pk' })
  phoneNumber: string;

  @Column('uuid')
  id: string;

  /** What SMS Partner's clients delete it by. */
  @Column('bigint')
  number: string;

  @Column('text')
  source: string;

  /** The id it has on the list of the tenant's own provider account. Null: not there yet, or there is no such account. */
  @Column('text', { name: 'provider_stop_id', nullable: true })
  providerStopId: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
