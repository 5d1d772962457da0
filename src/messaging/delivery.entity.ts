import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../kernel/index.js';
import type { Territory } from '../scheduling/index.js';
import type { Charge } from './charge.js';
import type { DeliveryStatus } from './delivery-status.js';

/** One recipient of a message. Written only with its submission, so it needs no foreign key of its own. */
@Entity('deliveries')
@Check('deliveries_charge', `charge in ('RESERVED', 'CHARGED', 'RETURNED', 'NONE')`)
@Check(
  'deliveries_status',
  `status in ('WAITING', 'SENT', 'DELIVERED', 'UNDELIVERED', 'EXPIRED', 'REFUSED', 'OPTED_OUT', 'CANCELLED', 'UNCONFIRMED')`,
)
@Index('deliveries_of_message', ['tenantId', 'messageId', 'id'])
@Index('deliveries_of_submission', ['tenantId', 'submissionId'])
@Index('deliveries_phone_number', ['tenantId', 'phoneNumber', 'messageId'])
export class DeliveryRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'deliveries_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'deliveries_pk' })
  id: string;

  @Column('uuid', { name: 'message_id' })
  messageId: string;

  @Column('uuid', { name: 'submission_id' })
  submissionId: string;

  @Column('text', { name: 'phone_number', nullable: true })
  phoneNumber: string | null;

  @Column('text')
  territory: Territory;

  @Column('text')
  status: DeliveryStatus;

  @Column('numeric', { precision: 14, scale: 4 })
  cost: string;

  @Column('text')
  charge: Charge;

  @Column('text', { name: 'error_code', nullable: true })
  errorCode: string | null;

  @Column('text', { name: 'error_message', nullable: true })
  errorMessage: string | null;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;
}
