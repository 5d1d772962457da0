import { Injectable } from '@nestjs/common';
import { Clock, liesIn, PLATFORM, Transactions } from '../kernel/index.js';
import { ApiKeyStore } from './api-key.store.js';
import type { Caller } from './caller.js';

/** Who was let in, and where from. */
export interface LetIn {
  readonly caller: Caller;
  readonly address: string;
}

/** Who of those that stay longer than a request would still be let in. */
@Injectable()
export class StillInForce {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: ApiKeyStore,
    private readonly clock: Clock,
  ) {}

  /** One statement, however many there are. */
  async among<T extends LetIn>(all: readonly T[]): Promise<readonly T[]> {
    if (all.length === 0) return [];
    const now = this.clock.now();
    const tenants = [...new Set(all.map(({ caller }) => caller.tenantId ?? PLATFORM))];
    const ids = [...new Set(all.map(({ caller }) => caller.keyId))];
    const keys = await this.transactions.run(tenants, tx => this.keys.stillInForce(tx, tenants, ids, now));
    return all.filter(({ caller, address }) => {
      const key = keys.get(caller.keyId);
      if (key === undefined || (caller.until !== null && caller.until <= now)) return false;
      // A browser may be anywhere: the addresses of its key are those of the back end.
      return caller.clientView !== null || key.allowedIps === null || liesIn(address, key.allowedIps);
    });
  }
}
