import { Injectable } from '@nestjs/common';
import {
  type Category,
  Clock,
  hashSecret,
  Ids,
  InvalidArgument,
  NotFound,
  PLATFORM,
  type TenantId,
  Transactions,
  type Tx,
} from '../kernel/index.js';
import { checkAllowedIps } from './allowed-ips.js';
import { type ApiKey, prefixOf } from './api-key.js';
import { ApiKeyStore } from './api-key.store.js';
import { AuditTrail } from './audit-trail.store.js';
import type { Scope } from './scope.js';
import { mayUse } from './tenant.js';
import { TenantStore } from './tenant.store.js';

export interface KeyRequest {
  /** PLATFORM for an administrator's key. */
  readonly tenantId: TenantId;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly defaultCategory: Category | null;
  /** Addresses and CIDRs. Null: from anywhere. */
  readonly allowedIps: readonly string[] | null;
  readonly expiresAt: Date | null;
  /** Where the secret is chosen outside (ADMIN_API_KEY); else it is made here. */
  readonly secret?: string;
}

export interface IssuedKey {
  readonly apiKey: ApiKey;
  /** Told once, kept nowhere. */
  readonly secret: string;
}

@Injectable()
export class IssueApiKey {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: ApiKeyStore,
    private readonly tenants: TenantStore,
    private readonly audit: AuditTrail,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** `actorKeyId` null: Relais itself, on the first run. Throws InvalidArgument and NotFound. */
  execute(request: KeyRequest, actorKeyId: string | null): Promise<IssuedKey> {
    const now = this.clock.now();
    check(request, now);
    const secret = request.secret ?? this.ids.secret('rk_');
    const apiKey: ApiKey = {
      id: this.ids.uuid(),
      tenantId: request.tenantId,
      name: request.name.trim(),
      prefix: prefixOf(secret),
      scopes: [...new Set(request.scopes)],
      defaultCategory: request.defaultCategory,
      allowedIps: request.allowedIps,
      createdAt: now,
      expiresAt: request.expiresAt,
      lifetimeMs: request.expiresAt && request.expiresAt.getTime() - now.getTime(),
      lastUsedAt: null,
      revokedAt: null,
    };
    return this.transactions.run(request.tenantId, async tx => {
      if (request.tenantId !== PLATFORM) await this.checkTenant(tx, request);
      await this.keys.insert(tx, request.tenantId, { ...apiKey, hash: hashSecret(secret) });
      await this.audit.record(tx, request.tenantId, {
        actorKeyId,
        action: 'api-key.issued',
        detail: { apiKeyId: apiKey.id, name: apiKey.name, scopes: apiKey.scopes, allowedIps: apiKey.allowedIps },
      });
      return { apiKey, secret };
    });
  }

  private async checkTenant(tx: Tx, request: KeyRequest): Promise<void> {
    const tenant = await this.tenants.find(tx, request.tenantId);
    if (tenant === null) throw new NotFound('tenant');
    if (request.defaultCategory !== null && !mayUse(tenant, request.defaultCategory)) {
      throw new InvalidArgument(
        'defaultCategory',
        `cannot be ${request.defaultCategory} for this tenant; an administrator decides what it may send`,
      );
    }
  }
}

function check(request: KeyRequest, now: Date): void {
  const platform = request.tenantId === PLATFORM;
  if (platform && request.scopes.some(scope => scope !== 'ADMIN')) {
    throw new InvalidArgument('scopes', "of a platform key must be ADMIN alone; name a tenantId for a tenant's key");
  }
  if (platform && request.defaultCategory !== null)
    throw new InvalidArgument('defaultCategory', 'is for keys of tenants');
  if (!platform && request.scopes.includes('ADMIN')) {
    throw new InvalidArgument(
      'scopes',
      "cannot hold ADMIN on a tenant's key: it is for keys of the platform, which have no tenantId",
    );
  }
  if (request.expiresAt !== null && request.expiresAt <= now)
    throw new InvalidArgument('expiresAt', 'must be in the future');
  checkAllowedIps(request.allowedIps);
}
