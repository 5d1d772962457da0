import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { CredentialOwner } from '../../accounts/index.js';
import type { TenantId } from '../../kernel/index.js';
import type { AttemptOutcome } from './attempt-outcome.js';

/** One provider call, committed before it is made. `outcome` null: under way, or in doubt once its lease is over. */
@Entity('attempts')
@Check(
  'attempts_outcome',
  `outcome in ('accepted', 'refused', 'not-sent', 'blocked', 'outside-hours', 'unknown', 'abandoned', 'absent')`,
)
@Index('attempts_tag', ['tag'], { unique: true })
@Index('attempts_secret', ['secretHash'], { unique: true })
export class AttemptRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'attempts_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'attempts_pk' })
  id: string;

  @Column('uuid', { name: 'message_id' })
  messageId: string;

  @Column('text')
  tag: string;

  @Column('text')
  provider: string;

  @Column('text')
  credential: CredentialOwner;

  /** Recognises the account's key without telling anything of it: another account would deny what this one knows. */
  @Column('text', { name: 'credential_key', nullable: true })
  credentialKey: string | null;

  @Column('bytea', { name: 'secret_hash' })
  secretHash: Buffer;

  @Column('text', { nullable: true })
  outcome: AttemptOutcome | null;

  @Column('text', { name: 'provider_message_id', nullable: true })
  providerMessageId: string | null;

  @Column('integer', { name: 'provider_parts', nullable: true })
  providerParts: number | null;

  @Column('numeric', { name: 'provider_cost', precision: 14, scale: 4, nullable: true })
  providerCost: string | null;

  @Column('text', { name: 'provider_currency', nullable: true })
  providerCurrency: string | null;

  @Column('text', { nullable: true })
  code: string | null;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('timestamptz', { name: 'started_at' })
  startedAt: Date;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt: Date | null;

  /** When the provider was last asked what became of it. */
  @Column('timestamptz', { name: 'looked_at', nullable: true })
  lookedAt: Date | null;

  @Column('integer', { default: 0 })
  lookups: number;

  /** Since the provider first denied it, in a well-formed answer. */
  @Column('timestamptz', { name: 'absent_since', nullable: true })
  absentSince: Date | null;
}
