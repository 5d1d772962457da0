import { Injectable } from '@nestjs/common';
import { asTenantId, type TenantId, type Tx } from '../kernel/index.js';
import type { ApiKey } from './api-key.js';
import type { KeyInForce } from './key-in-force.js';

const COLUMNS = `tenant_id as "tenantId", id, name, prefix, scopes, default_category as "defaultCategory",
  allowed_ips as "allowedIps", created_at as "createdAt", least(expires_at, retires_at) as "expiresAt",
  (extract(epoch from expires_at - created_at) * 1000)::float8 as "lifetimeMs", last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;

@Injectable()
export class ApiKeyStore {
  /** The key with this hash, where it is neither revoked nor over; needs no tenant (a named function answers). */
  async inForce(tx: Tx, hash: Buffer, now: Date): Promise<KeyInForce | null> {
    const found = await tx.first<KeyInForce & { tenantId: string }>(
      `select tenant_id as "tenantId", id, scopes, default_category as "defaultCategory", allowed_ips as "allowedIps", until
         from api_key_in_force($1, $2)`,
      [hash, now],
    );
    return found && { ...found, tenantId: asTenantId(found.tenantId) };
  }

  /** The same of the key that issued a token, as far as its token is concerned. */
  async issuerInForce(tx: Tx, tenantId: TenantId, id: string, now: Date): Promise<KeyInForce | null> {
    const found = await tx.first<{ id: string; until: Date | null }>(
      'select id, until from token_issuer_in_force($1, $2, $3)',
      [tenantId, id, now],
    );
    return found && { ...found, tenantId, scopes: [], defaultCategory: null, allowedIps: null };
  }

  /** For administrators, who name a key without its tenant (a named function answers). */
  async tenantOf(tx: Tx, id: string): Promise<TenantId | null> {
    const found = await tx.first<{ tenantId: string }>('select tenant_id as "tenantId" from api_key_tenant($1)', [id]);
    return found && asTenantId(found.tenantId);
  }

  find(tx: Tx, tenantId: TenantId, id: string): Promise<ApiKey | null> {
    return tx.first(`select ${COLUMNS} from api_keys where tenant_id = $1 and id = $2`, [tenantId, id]);
  }

  /** Of these keys of these tenants, those that are neither revoked nor over, by id. */
  async stillInForce(
    tx: Tx,
    tenants: readonly TenantId[],
    ids: readonly string[],
    now: Date,
  ): Promise<ReadonlyMap<string, Pick<ApiKey, 'allowedIps'>>> {
    const rows = await tx.rows<Pick<ApiKey, 'id' | 'allowedIps'>>(
      `select id, allowed_ips as "allowedIps" from api_keys
        where tenant_id = any($1) and id = any($2) and revoked_at is null
          and coalesce(least(expires_at, retires_at), 'infinity') > $3`,
      [tenants, ids, now],
    );
    return new Map(rows.map(key => [key.id, key]));
  }

  list(tx: Tx, tenantId: TenantId): Promise<ApiKey[]> {
    return tx.rows(`select ${COLUMNS} from api_keys where tenant_id = $1 order by id desc`, [tenantId]);
  }

  async insert(
    tx: Tx,
    tenantId: TenantId,
    key: Omit<ApiKey, 'tenantId' | 'lifetimeMs' | 'lastUsedAt' | 'revokedAt'> & { readonly hash: Buffer },
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

  /** When keys were last used: only ever later. What another process is writing at this moment is left to it. */
  async noteUses(
    tx: Tx,
    tenantIds: readonly TenantId[],
    uses: readonly { readonly tenantId: TenantId; readonly id: string; readonly at: Date }[],
  ): Promise<void> {
    await tx.rows(
      `with used as (select * from unnest($2::uuid[], $3::uuid[], $4::timestamptz[]) as u (tenant_id, id, at)),
       locked as (
         select k.tenant_id, k.id, used.at
           from used join api_keys k on k.tenant_id = used.tenant_id and k.id = used.id
          where k.tenant_id = any($1) and (k.last_used_at is null or k.last_used_at < used.at)
            for update of k skip locked)
       update api_keys k set last_used_at = locked.at from locked where k.tenant_id = locked.tenant_id and k.id = locked.id`,
      [tenantIds, uses.map(use => use.tenantId), uses.map(use => use.id), uses.map(use => use.at)],
    );
  }

  /** Locked until the transaction ends: one change of a key at a time. */
  findForUpdate(tx: Tx, tenantId: TenantId, id: string): Promise<ApiKey | null> {
    return tx.first(`select ${COLUMNS} from api_keys where tenant_id = $1 and id = $2 for update`, [tenantId, id]);
  }

  /** From then on it is over. Never later than it was to be. */
  async retire(tx: Tx, tenantId: TenantId, id: string, at: Date): Promise<void> {
    await tx.rows('update api_keys set retires_at = least(retires_at, $3) where tenant_id = $1 and id = $2', [
      tenantId,
      id,
      at,
    ]);
  }

  async edit(
    tx: Tx,
    tenantId: TenantId,
    id: string,
    to: { readonly name: string; readonly allowedIps: readonly string[] | null },
  ): Promise<void> {
    await tx.rows('update api_keys set name = $3, allowed_ips = $4 where tenant_id = $1 and id = $2', [
      tenantId,
      id,
      to.name,
      to.allowedIps,
    ]);
  }

  /** A key revoked once stays revoked since then. */
  revoke(tx: Tx, tenantId: TenantId, id: string, now: Date): Promise<ApiKey | null> {
    return tx.first(
      `update api_keys set revoked_at = coalesce(revoked_at, $3) where tenant_id = $1 and id = $2 returning ${COLUMNS}`,
      [tenantId, id, now],
    );
  }
}
