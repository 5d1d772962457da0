import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Category, TenantId } from '../kernel/index.js';
import type { Territory } from '../scheduling/index.js';
import type { StoredHold } from './hold.js';
import type { SubmissionState } from './submission-state.js';
import type { WaitKind } from './wait-kind.js';

/** The part of a message that waits and leaves together. `dueAt` is when a worker looks at it next; under a lease it is the lease's end. */
@Entity('submissions')
@Check('submissions_state', `state in ('SCHEDULED', 'HELD', 'QUEUED', 'SENDING', 'UNCONFIRMED', 'DONE')`)
@Index('submissions_of_message', ['tenantId', 'messageId'])
@Index('submissions_sandbox_due', ['dueAt'], { where: 'sandbox and due_at is not null' })
@Index('submissions_queued_expiry', ['expiresAt'], { where: `state = 'QUEUED' and expires_at is not null` })
@Index('submissions_due', ['state', 'category', 'tenantId', 'dueAt'], { where: 'due_at is not null' })
export class SubmissionRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'submissions_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'submissions_pk' })
  id: string;

  @Column('uuid', { name: 'message_id' })
  messageId: string;

  @Column('text')
  territory: Territory;

  @Column('text')
  category: Category;

  /** Reaches nobody, so that it waits for no account. */
  @Column('boolean', { default: false })
  sandbox: boolean;

  @Column('text')
  state: SubmissionState;

  @Column('timestamptz', { name: 'release_at', nullable: true })
  releaseAt: Date | null;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  @Column('timestamptz', { name: 'due_at', nullable: true })
  dueAt: Date | null;

  @Column('uuid', { nullable: true })
  lease: string | null;

  @Column('integer')
  attempts: number;

  @Column('text', { name: 'wait_kind', nullable: true })
  waitKind: WaitKind | null;

  @Column('timestamptz', { name: 'wait_since' })
  waitSince: Date;

  @Column('text', { name: 'wait_detail', nullable: true })
  waitDetail: string | null;

  @Column('jsonb', { nullable: true })
  hold: StoredHold | null;

  /** In how large a call it goes at most, in submissions: after one that the provider refused as a whole. Null: no limit. */
  @Column('integer', { nullable: true })
  together: number | null;

  @Column('uuid', { name: 'attempt_id', nullable: true })
  attemptId: string | null;

  @Column('integer', { default: 0 })
  waiting: number;

  @Column('integer', { default: 0 })
  sent: number;

  @Column('integer', { default: 0 })
  delivered: number;

  @Column('integer', { default: 0 })
  undelivered: number;

  @Column('integer', { default: 0 })
  expired: number;

  @Column('integer', { default: 0 })
  refused: number;

  @Column('integer', { name: 'opted_out', default: 0 })
  optedOut: number;

  @Column('integer', { default: 0 })
  cancelled: number;

  @Column('integer', { default: 0 })
  unconfirmed: number;
}
