import { Injectable } from '@nestjs/common';
import { asTenantId, Clock, Ids, PLATFORM, type TenantId, type Tx } from '../kernel/index.js';

/** One administrative act, written in the transaction of the change it tells of. `detail` carries no secret. */
export interface AuditedAct {
  readonly actorKeyId: string | null;
  readonly action: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** An act as administrators read it. */
export interface AuditEntry {
  readonly id: string;
  /** PLATFORM: an act on no tenant. */
  readonly tenantId: TenantId;
  readonly at: Date;
  readonly action: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** Null: Relais itself. The name and the prefix are null too where the key is not there any more. */
  readonly keyId: string | null;
  readonly keyName: string | null;
  readonly keyPrefix: string | null;
}

/** The key is the platform's or the tenant's own: nobody else acts on a tenant. */
const ENTRIES = `select a.id, a.tenant_id as "tenantId", a.at, a.action, a.detail, a.actor_key_id as "keyId", k.name as "keyName", k.prefix as "keyPrefix"
  from audit_entries a
  left join api_keys k on k.id = a.actor_key_id and (k.tenant_id = a.tenant_id or k.tenant_id = '${PLATFORM}')`;

interface PageRequest {
  readonly after: string | null;
  readonly limit: number;
}

@Injectable()
export class AuditTrail {
  constructor(
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  async record(tx: Tx, tenantId: TenantId, act: AuditedAct): Promise<void> {
    await tx.rows(
      `insert into audit_entries (tenant_id, id, actor_key_id, action, detail, at) values ($1, $2, $3, $4, $5, $6)`,
      [tenantId, this.ids.uuid(), act.actorKeyId, act.action, JSON.stringify(act.detail ?? {}), this.clock.now()],
    );
  }

  /** Newest first. Needs the platform's rows beside the tenant's, for the names of keys. */
  ofTenant(tx: Tx, tenantId: TenantId, page: PageRequest): Promise<AuditEntry[]> {
    return tx.rows(
      `${ENTRIES} where a.tenant_id = $1 and ($2::uuid is null or a.id < $2) order by a.id desc limit $3`,
      [tenantId, page.after, page.limit],
    );
  }

  /** Which they are, over all tenants, newest first (a named function answers). */
  async idsBefore(tx: Tx, page: PageRequest): Promise<{ readonly tenantId: TenantId; readonly id: string }[]> {
    const rows = await tx.rows<{ tenantId: string; id: string }>(
      'select tenant_id as "tenantId", id from audit_entries_before($1, $2)',
      [page.after, page.limit],
    );
    return rows.map(({ tenantId, id }) => ({ tenantId: asTenantId(tenantId), id }));
  }

  findMany(tx: Tx, tenantIds: readonly TenantId[], ids: readonly string[]): Promise<AuditEntry[]> {
    return tx.rows(`${ENTRIES} where a.tenant_id = any($1) and a.id = any($2) order by a.id desc`, [tenantIds, ids]);
  }
}
