import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../../kernel/index.js';

/** An account with the provider that refuses to send: nothing of it is tried but one probe a minute. */
@Entity('provider_blocks')
export class ProviderBlockRow {
  /** Whose account: the platform's stands under the platform's id. */
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'provider_blocks_pk' })
  tenantId: TenantId;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'provider_blocks_pk' })
  provider: string;

  @Column('text')
  code: string;

  @Column('text')
  reason: string;

  @Column('timestamptz')
  since: Date;

  @Column('timestamptz', { name: 'probe_at' })
  probeAt: Date;
}
