import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../../kernel/index.js';

/** NEW: to be read; PART: waits for the others of its answer; REPEATED: the provider said again what it had said. */
export type ReplyPostState = 'NEW' | 'PART' | 'READ' | 'REPEATED' | 'UNREADABLE';

/** An answer from a handset, or a part of one, as the provider posted it, stored before it is understood. */
@Entity('reply_posts')
@Check('reply_posts_state', `state in ('NEW', 'PART', 'READ', 'REPEATED', 'UNREADABLE')`)
@Index('reply_posts_due', ['dueAt'], { where: 'due_at is not null' })
@Index('reply_posts_to_trim', ['tenantId', 'receivedAt'], { where: 'due_at is null' })
@Index('reply_posts_unread', ['tenantId', 'receivedAt'], { where: `state = 'NEW'` })
@Index('reply_posts_of_attempt', ['tenantId', 'attemptId', 'digest'])
@Index('reply_posts_parts', ['tenantId', 'attemptId', 'concatKey'], { where: 'concat_key is not null' })
export class ReplyPostRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'reply_posts_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'reply_posts_pk' })
  id: string;

  @Column('uuid', { name: 'attempt_id' })
  attemptId: string;

  /** Null once erased. */
  @Column('text', { nullable: true })
  raw: string | null;

  /** SHA-256 of the raw post. */
  @Column('bytea')
  digest: Buffer;

  @Column('text')
  state: ReplyPostState;

  /** The same for all parts of one answer. */
  @Column('text', { name: 'concat_key', nullable: true })
  concatKey: string | null;

  /** From 1 on. */
  @Column('integer', { name: 'concat_part', nullable: true })
  concatPart: number | null;

  @Column('uuid', { name: 'reply_id', nullable: true })
  replyId: string | null;

  /** Why it could not be read. */
  @Column('text', { nullable: true })
  reason: string | null;

  @Column('timestamptz', { name: 'received_at' })
  receivedAt: Date;

  @Column('timestamptz', { name: 'due_at', nullable: true })
  dueAt: Date | null;

  @Column('uuid', { nullable: true })
  lease: string | null;
}
