import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../../kernel/index.js';
import type { WebhookEventType } from './event-types.js';

/** Where a tenant is told of events of these types. */
@Entity('webhooks')
export class WebhookRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'webhooks_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhooks_pk' })
  id: string;

  @Column('text')
  url: string;

  @Column('text', { array: true })
  events: WebhookEventType[];

  @Column('bytea', { name: 'sealed_secret' })
  sealedSecret: Buffer;

  /** Signs too until then, while the receiver is given the new one. */
  @Column('bytea', { name: 'previous_sealed_secret', nullable: true })
  previousSealedSecret: Buffer | null;

  @Column('timestamptz', { name: 'previous_until', nullable: true })
  previousUntil: Date | null;

  /** Null: it is called. */
  @Column('timestamptz', { name: 'switched_off_at', nullable: true })
  switchedOffAt: Date | null;

  @Column('text', { name: 'switched_off_because', nullable: true })
  switchedOffBecause: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
