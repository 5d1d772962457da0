import { Injectable } from '@nestjs/common';
import { Clock, NotFound, type TenantId, Transactions } from '../kernel/index.js';
import type { ApiKey } from './api-key.js';
import { ApiKeyStore } from './api-key.store.js';
import { AuditTrail } from './audit-trail.store.js';
import { type Caller, hasScope, tenantOf } from './caller.js';

@Injectable()
export class RevokeApiKey {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: ApiKeyStore,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Stops at once. Administrators may revoke any key, a tenant its own; revoking twice changes nothing. Throws NotFound. */
  async execute(caller: Caller, id: string): Promise<ApiKey> {
    const tenantId = await this.ownerFor(caller, id);
    const revoked = await this.transactions.run(tenantId, async tx => {
      const key = await this.keys.revoke(tx, tenantId, id, this.clock.now());
      if (key !== null)
        await this.audit.record(tx, tenantId, {
          actorKeyId: caller.keyId,
          action: 'api-key.revoked',
          detail: { apiKeyId: id },
        });
      return key;
    });
    if (revoked === null) throw new NotFound('API key');
    return revoked;
  }

  private async ownerFor(caller: Caller, id: string): Promise<TenantId> {
    if (!hasScope(caller, 'ADMIN')) return tenantOf(caller);
    const owner = await this.transactions.run([], tx => this.keys.tenantOf(tx, id));
    if (owner === null) throw new NotFound('API key');
    return owner;
  }
}
