import { Injectable } from '@nestjs/common';
import { type TenantId, Transactions } from '../kernel/index.js';
import type { ApiKey } from './api-key.js';
import { ApiKeyStore } from './api-key.store.js';

@Injectable()
export class ReadApiKeys {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: ApiKeyStore,
  ) {}

  /** Newest first, revoked ones included. */
  of(tenantId: TenantId): Promise<ApiKey[]> {
    return this.transactions.run(tenantId, tx => this.keys.list(tx, tenantId));
  }

  find(tenantId: TenantId, id: string): Promise<ApiKey | null> {
    return this.transactions.run(tenantId, tx => this.keys.find(tx, tenantId, id));
  }
}
