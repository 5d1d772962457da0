import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../../kernel/index.js';

/** An answer from a handset, read and whole. */
@Entity('replies')
@Check('replies_kind', `kind in ('response', 'stop')`)
@Index('replies_to_erase', ['tenantId', 'receivedAt'], { where: 'erased_at is null' })
@Index('replies_of_message', ['tenantId', 'messageId'], { where: 'message_id is not null' })
export class ReplyRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'replies_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'replies_pk' })
  id: string;

  @Column('uuid', { name: 'message_id', nullable: true })
  messageId: string | null;

  /** "stop": the provider says so, or the text does. */
  @Column('text')
  kind: 'response' | 'stop';

  /** Whose answer; null once erased. */
  @Column('text', { name: 'phone_number', nullable: true })
  phoneNumber: string | null;

  /** Null once erased, and where there was none. */
  @Column('text', { nullable: true })
  text: string | null;

  /** The long number that was answered to; null: the short code. */
  @Column('text', { name: 'long_number', nullable: true })
  longNumber: string | null;

  /** The first word, as the provider of the long number has it. */
  @Column('text', { nullable: true })
  keyword: string | null;

  /** A long number's own id of the answer; with a short code that of the SMS that is answered. */
  @Column('text', { name: 'provider_message_id', nullable: true })
  providerMessageId: string | null;

  /** As it came: by which clock it is, nobody has documented. */
  @Column('text', { name: 'provider_timestamp', nullable: true })
  providerTimestamp: string | null;

  @Column('timestamptz', { name: 'received_at' })
  receivedAt: Date;

  /** Since then its number and its text are no more. */
  @Column('timestamptz', { name: 'erased_at', nullable: true })
  erasedAt: Date | null;
}
