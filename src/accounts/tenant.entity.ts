import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { Category, TenantId } from '../kernel/index.js';

/** A customer of the platform. */
@Entity('tenants')
@Check('tenants_status', `status in ('ACTIVE', 'SUSPENDED')`)
@Check('tenants_default_category', `default_category in ('COMMERCIAL', 'TRANSACTIONAL')`)
@Check('tenants_retention_days', 'retention_days between 7 and 3650')
export class TenantRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'tenants_pkey' })
  id: TenantId;

  @Column('text')
  name: string;

  @Column('text')
  status: 'ACTIVE' | 'SUSPENDED';

  @Column('text', { name: 'suspended_reason', nullable: true })
  suspendedReason: string | null;

  @Column('timestamptz', { name: 'suspended_at', nullable: true })
  suspendedAt: Date | null;

  @Column('text', { name: 'default_category' })
  defaultCategory: Category;

  @Column('boolean', { name: 'transactional_allowed' })
  transactionalAllowed: boolean;

  @Column('boolean', { name: 'unicode_allowed' })
  unicodeAllowed: boolean;

  @Column('boolean', { name: 'quiet_hours_enforced' })
  quietHoursEnforced: boolean;

  @Column('text', { name: 'default_sender', nullable: true })
  defaultSender: string | null;

  @Column('text', { name: 'allowed_senders', array: true, nullable: true })
  allowedSenders: string[] | null;

  @Column('boolean', { name: 'resend_when_absent' })
  resendWhenAbsent: boolean;

  @Column('text')
  currency: string;

  /** Null: as long as the platform says. */
  @Column('integer', { name: 'retention_days', nullable: true })
  retentionDays: number | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
