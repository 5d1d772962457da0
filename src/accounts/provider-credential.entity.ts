import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../kernel/index.js';

/** A tenant's own account with a provider, sealed. */
@Entity('provider_credentials')
export class ProviderCredentialRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'provider_credentials_pk' })
  tenantId: TenantId;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'provider_credentials_pk' })
  provider: string;

  @Column('bytea')
  sealed: Buffer;

  @Column('text', { name: 'master_key_id' })
  masterKeyId: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
