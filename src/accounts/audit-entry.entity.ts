import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../kernel/index.js';

/** Who did what to which tenant. The app may add and read, never change. */
@Entity('audit_entries')
@Index('audit_entries_newest', ['id'])
export class AuditEntryRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'audit_entries_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'audit_entries_pk' })
  id: string;

  @Column('uuid', { name: 'actor_key_id', nullable: true })
  actorKeyId: string | null;

  @Column('text')
  action: string;

  @Column('jsonb')
  detail: Record<string, unknown>;

  @Column('timestamptz')
  at: Date;
}
