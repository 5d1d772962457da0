import { Injectable } from '@nestjs/common';
import { Clock, hashSecret, PLATFORM, Transactions } from '../kernel/index.js';
import { Unauthenticated } from './accounts.errors.js';
import { isWellFormedKey } from './api-key.js';
import { ApiKeyStore } from './api-key.store.js';
import type { Caller } from './caller.js';

/** Turns a presented key into a caller, or refuses without saying why. */
@Injectable()
export class Authenticate {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: ApiKeyStore,
    private readonly clock: Clock,
  ) {}

  /** `authorization` is the header's value: "Bearer rk_…". */
  async execute(authorization: string | undefined): Promise<Caller> {
    const secret = /^Bearer (\S+)$/i.exec(authorization?.trim() ?? '')?.[1];
    if (secret === undefined || !isWellFormedKey(secret)) throw new Unauthenticated();
    const hash = hashSecret(secret);
    const key = await this.transactions.run([], async tx => {
      const owner = await this.keys.ownerOf(tx, hash);
      if (owner === null) return null;
      await tx.admit([owner]);
      return this.keys.findByHash(tx, owner, hash);
    });
    const now = this.clock.now();
    if (key === null || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now))
      throw new Unauthenticated();
    const tenantId = key.tenantId === PLATFORM ? null : key.tenantId;
    return { keyId: key.id, tenantId, scopes: key.scopes, defaultCategory: key.defaultCategory };
  }
}
