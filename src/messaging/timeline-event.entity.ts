import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../kernel/index.js';

/** Something that happened to a message. */
@Entity('timeline_events')
export class TimelineEventRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'timeline_events_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { name: 'message_id', primaryKeyConstraintName: 'timeline_events_pk' })
  messageId: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'timeline_events_pk' })
  id: string;

  @Column('timestamptz')
  at: Date;

  @Column('text')
  kind: string;

  @Column('text')
  detail: string;
}
