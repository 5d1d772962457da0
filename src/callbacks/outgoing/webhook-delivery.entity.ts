import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../../kernel/index.js';

/** A call to an address of the tenant's: to be made, made, or given up. */
@Entity('webhook_deliveries')
@Check('webhook_deliveries_state', `state in ('PENDING', 'DELIVERED', 'FAILED')`)
@Index('webhook_deliveries_due', ['tenantId', 'lane', 'dueAt'], { where: 'due_at is not null' })
@Index('webhook_deliveries_in_hand', ['tenantId', 'lane'], { where: 'lease is not null' })
@Index('webhook_deliveries_of_webhook', ['tenantId', 'webhookId', 'id'], { where: 'webhook_id is not null' })
@Index('webhook_deliveries_of_message', ['tenantId', 'messageId'], { where: 'message_id is not null' })
@Index('webhook_deliveries_ended', ['tenantId', 'endedAt'], { where: 'ended_at is not null' })
export class WebhookDeliveryRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'webhook_deliveries_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_deliveries_pk' })
  id: string;

  /** Null: the message's own receiptUrl or replyUrl, in SMS Partner's wire format. */
  @Column('uuid', { name: 'webhook_id', nullable: true })
  webhookId: string | null;

  /** What it tells of, the same in all calls that tell of it; null where there is no webhook. */
  @Column('uuid', { name: 'event_id', nullable: true })
  eventId: string | null;

  /** What has the same receiver stands in one lane (lane.ts). */
  @Column('text', { default: '' })
  lane: string;

  @Column('text', { name: 'event_type' })
  eventType: string;

  @Column('text')
  url: string;

  /** The body, as it is posted at each attempt. */
  @Column('text')
  payload: string;

  @Column('uuid', { name: 'message_id', nullable: true })
  messageId: string | null;

  @Column('text')
  state: 'PENDING' | 'DELIVERED' | 'FAILED';

  @Column('integer')
  attempts: number;

  @Column('integer', { name: 'last_status_code', nullable: true })
  lastStatusCode: number | null;

  @Column('text', { name: 'last_error', nullable: true })
  lastError: string | null;

  /** Under a lease: the lease's end. */
  @Column('timestamptz', { name: 'due_at', nullable: true })
  dueAt: Date | null;

  @Column('uuid', { nullable: true })
  lease: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt: Date | null;
}
