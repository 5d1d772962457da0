import { Injectable } from '@nestjs/common';
import { asTenantId, type TenantId, type Tx } from '../kernel/index.js';
import type { Tenant, TenantSettings } from './tenant.js';

const COLUMNS = `id, name, status, suspended_reason as "suspendedReason", suspended_at as "suspendedAt", default_category as "defaultCategory",
  transactional_allowed as "transactionalAllowed", unicode_allowed as "unicodeAllowed", quiet_hours_enforced as "quietHoursEnforced",
  default_sender as "defaultSender", allowed_senders as "allowedSenders", resend_when_absent as "resendWhenAbsent", currency,
  retention_days as "retentionDays", created_at as "createdAt"`;

/** A tenant, and which version of its row this is. */
export interface TenantVersion {
  readonly tenant: Tenant;
  readonly version: string;
}

@Injectable()
export class TenantStore {
  async find(tx: Tx, tenantId: TenantId): Promise<Tenant | null> {
    const [tenant] = await tx.prepared<Tenant>(`select ${COLUMNS} from tenants where id = $1`, [tenantId]);
    return tenant ?? null;
  }

  async findVersion(tx: Tx, tenantId: TenantId): Promise<TenantVersion | null> {
    const row = await tx.first<Tenant & { version: string }>(
      `select ${COLUMNS}, xmin::text as version from tenants where id = $1`,
      [tenantId],
    );
    if (row === null) return null;
    const { version, ...tenant } = row;
    return { tenant, version };
  }

  /** Whether nothing of it has changed since: each change writes a new version of a row (xmin, PostgreSQL 5.6). */
  async isVersion(tx: Tx, tenantId: TenantId, version: string): Promise<boolean> {
    const [row] = await tx.prepared<{ same: boolean }>('select xmin::text = $2 as same from tenants where id = $1', [
      tenantId,
      version,
    ]);
    return row?.same === true;
  }

  findMany(tx: Tx, tenantIds: readonly TenantId[]): Promise<Tenant[]> {
    return tx.rows(`select ${COLUMNS} from tenants where id = any($1) order by id desc`, [tenantIds]);
  }

  /** For administrators: ids older than `before`, newest first (a named function answers). */
  async idsBefore(tx: Tx, before: string | null, limit: number): Promise<TenantId[]> {
    const rows = await tx.rows<{ id: string }>('select id from tenant_ids_before($1, $2)', [before, limit]);
    return rows.map(row => asTenantId(row.id));
  }

  async insert(tx: Tx, tenantId: TenantId, settings: TenantSettings, now: Date): Promise<void> {
    await tx.rows(
      `insert into tenants (id, status, created_at, name, default_category, transactional_allowed, unicode_allowed,
         quiet_hours_enforced, default_sender, allowed_senders, resend_when_absent, currency, retention_days)
       values ($1, 'ACTIVE', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [tenantId, now, ...settingsIn(settings)],
    );
  }

  async update(tx: Tx, tenantId: TenantId, settings: TenantSettings): Promise<void> {
    await tx.rows(
      `update tenants set name = $2, default_category = $3, transactional_allowed = $4, unicode_allowed = $5,
         quiet_hours_enforced = $6, default_sender = $7, allowed_senders = $8, resend_when_absent = $9, currency = $10,
         retention_days = $11
        where id = $1`,
      [tenantId, ...settingsIn(settings)],
    );
  }

  /** Null: active again. */
  async setSuspension(
    tx: Tx,
    tenantId: TenantId,
    suspension: { readonly reason: string; readonly at: Date } | null,
  ): Promise<void> {
    await tx.rows(`update tenants set status = $2, suspended_reason = $3, suspended_at = $4 where id = $1`, [
      tenantId,
      suspension === null ? 'ACTIVE' : 'SUSPENDED',
      suspension?.reason ?? null,
      suspension?.at ?? null,
    ]);
  }

  /** Locked until the transaction ends, so that two administrators' changes do not undo each other. */
  findForUpdate(tx: Tx, tenantId: TenantId): Promise<Tenant | null> {
    return tx.first(`select ${COLUMNS} from tenants where id = $1 for update`, [tenantId]);
  }
}

const settingsIn = (settings: TenantSettings): readonly unknown[] => [
  settings.name,
  settings.defaultCategory,
  settings.transactionalAllowed,
  settings.unicodeAllowed,
  settings.quietHoursEnforced,
  settings.defaultSender,
  settings.allowedSenders,
  settings.resendWhenAbsent,
  settings.currency,
  settings.retentionDays,
];
