import { Injectable } from '@nestjs/common';
import { asTenantId, type TenantId, type Tx } from '../kernel/index.js';
import type { ApiKey } from './api-key.js';

const COLUMNS = `tenant_id as "tenantId", id, name, prefix, scopes, default_category as "defaultCategory",
  allowed_ips as "allowedIps", created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;

@Injectable()
export class ApiKeyStore {
  /** Whose key has this hash; needs no tenant (a named function answers). */
  async ownerOf(tx: Tx, hash: Buffer): Promise<TenantId | null> {
    const found = await tx.first<{ tenantId: string }>('select tenant_id as "tenantId" from api_key_by_hash($1)', [
      hash,
    ]);
    return found && asTenantId(found.tenantId);
  }

  findByHash(tx: Tx, tenantId: TenantId, hash: Buffer): Promise<ApiKey | null> {
    return tx.first(`select ${COLUMNS} from api_keys where tenant_id = $1 and hash = $2`, [tenantId, hash]);
  }

  /** For administrators, who name a key without its tenant (a named function answers). */
  async tenantOf(tx: Tx, id: string): Promise<TenantId | null> {
    const found = await tx.first<{ tenantId: string }>('select tenant_id as "tenantId" from api_key_tenant($1)', [id]);
    return found && asTenantId(found.tenantId);
  }

  find(tx: Tx, tenantId: TenantId, id: string): Promise<ApiKey | null> {
    return tx.first(`select ${COLUMNS} from api_keys where tenant_id = $1 and id = $2`, [tenantId, id]);
  }

  /** Of these keys of these tenants, those that are neither revoked nor expired. */
  async inForce(tx: Tx, tenants: readonly TenantId[], ids: readonly string[], now: Date): Promise<ReadonlySet<string>> {
    const rows = await tx.rows<{ id: string }>(
      `select id from api_keys
        where tenant_id = any($1) and id = any($2) and revoked_at is null and (expires_at is null or expires_at > $3)`,
      [tenants, ids, now],
    );
    return new Set(rows.map(({ id }) => id));
  }

  list(tx: Tx, tenantId: TenantId): Promise<ApiKey[]> {
    return tx.rows(`select ${COLUMNS} from api_keys where tenant_id = $1 order by id desc`, [tenantId]);
  }

  async insert(
    tx: Tx,
    tenantId: TenantId,
    key: Omit<ApiKey, 'tenantId' | 'lastUsedAt' | 'revokedAt'> & { readonly hash: Buffer },
  ): Promise<void> {
    await tx.rows(
      `insert into api_keys (tenant_id, id, name, prefix, hash, scopes, default_category, allowed_ips, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        tenantId,
        key.id,
        key.name,
        key.prefix,
        key.hash,
        key.scopes,
        key.defaultCategory,
        key.allowedIps,
        key.createdAt,
        key.expiresAt,
      ],
    );
  }

  /** Notes that a key is in use, where that was last noted at `before` or earlier. Waits for nobody: one noter is enough. */
  async noteUse(tx: Tx, tenantId: TenantId, id: string, { now, before }: { now: Date; before: Date }): Promise<void> {
    await tx.rows(
      `update api_keys set last_used_at = $3 where tenant_id = $1 and id =
         (select id from api_keys where tenant_id = $1 and id = $2 and (last_used_at is null or last_used_at <= $4)
             for update skip locked)`,
      [tenantId, id, now, before],
    );
  }

  /** A key revoked once stays revoked since then. */
  revoke(tx: Tx, tenantId: TenantId, id: string, now: Date): Promise<ApiKey | null> {
    return tx.first(
      `update api_keys set revoked_at = coalesce(revoked_at, $3) where tenant_id = $1 and id = $2 returning ${COLUMNS}`,
      [tenantId, id, now],
    );
  }
}
