import { Injectable } from '@nestjs/common';
import { Clock, PLATFORM, Transactions } from '../kernel/index.js';
import { ApiKeyStore } from './api-key.store.js';
import type { Caller } from './caller.js';

/** Which callers' keys still hold, for those who stay longer than a request. */
@Injectable()
export class KeysInForce {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: ApiKeyStore,
    private readonly clock: Clock,
  ) {}

  /** Ids of keys that are neither revoked nor expired. */
  async execute(callers: readonly Caller[]): Promise<ReadonlySet<string>> {
    const tenants = [...new Set(callers.map(({ tenantId }) => tenantId ?? PLATFORM))];
    const ids = [...new Set(callers.map(({ keyId }) => keyId))];
    return this.transactions.run(tenants, tx => this.keys.inForce(tx, tenants, ids, this.clock.now()));
  }
}
