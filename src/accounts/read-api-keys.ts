import { Injectable } from '@nestjs/common';
import { type TenantId, Transactions } from '../kernel/index.js';
import type { ApiKey } from './api-key.js';
import { ApiKeyStore } from './api-key.store.js';
import { KeyUses } from './key-uses.js';

@Injectable()
export class ReadApiKeys {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: ApiKeyStore,
    private readonly uses: KeyUses,
  ) {}

  /** Newest first, revoked ones included. */
  async of(tenantId: TenantId): Promise<ApiKey[]> {
    const keys = await this.transactions.run(tenantId, tx => this.keys.list(tx, tenantId));
    return keys.map(key => this.withLastUse(key));
  }

  async find(tenantId: TenantId, id: string): Promise<ApiKey | null> {
    const key = await this.transactions.run(tenantId, tx => this.keys.find(tx, tenantId, id));
    return key && this.withLastUse(key);
  }

  private withLastUse(key: ApiKey): ApiKey {
    return { ...key, lastUsedAt: this.uses.latest(key.id, key.lastUsedAt) };
  }
}
