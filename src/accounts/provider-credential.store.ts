import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';

@Injectable()
export class ProviderCredentialStore {
  async put(
    tx: Tx,
    tenantId: TenantId,
    credential: { provider: string; sealed: Buffer; masterKeyId: string; now: Date },
  ): Promise<void> {
    await tx.rows(
      `insert into provider_credentials (tenant_id, provider, sealed, master_key_id, created_at) values ($1, $2, $3, $4, $5)
       on conflict (tenant_id, provider) do update set sealed = excluded.sealed, master_key_id = excluded.master_key_id, created_at = excluded.created_at`,
      [tenantId, credential.provider, credential.sealed, credential.masterKeyId, credential.now],
    );
  }

  async find(tx: Tx, tenantId: TenantId, provider: string): Promise<Buffer | null> {
    const row = await tx.first<{ sealed: Buffer }>(
      'select sealed from provider_credentials where tenant_id = $1 and provider = $2',
      [tenantId, provider],
    );
    return row?.sealed ?? null;
  }

  async ownersAmong(tx: Tx, tenantIds: readonly TenantId[]): Promise<TenantId[]> {
    const rows = await tx.rows<{ tenantId: TenantId }>(
      'select distinct tenant_id as "tenantId" from provider_credentials where tenant_id = any($1)',
      [tenantIds],
    );
    return rows.map(row => row.tenantId);
  }
}
