import { Injectable } from '@nestjs/common';
import { Clock, hashSecret, liesIn, PLATFORM, Transactions } from '../kernel/index.js';
import { AddressNotAllowed, Unauthenticated } from './accounts.errors.js';
import { type ApiKey, isWellFormedKey } from './api-key.js';
import { ApiKeyStore } from './api-key.store.js';
import type { Caller } from './caller.js';

/** `lastUsedAt` is right to the minute: a write with every request would cost more than it tells. */
const USE_NOTED_EVERY_MS = 60_000;

export interface Presented {
  /** The bare key, "rk_…"; null where none came. */
  readonly secret: string | null;
  /** Where the request comes from, as told by the proxies that are trusted. */
  readonly address: string;
}

/** Turns a presented key into a caller, or refuses: without saying why, unless the key is good and only the place is not. */
@Injectable()
export class Authenticate {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: ApiKeyStore,
    private readonly clock: Clock,
  ) {}

  /** Throws Unauthenticated and AddressNotAllowed. */
  async execute({ secret, address }: Presented): Promise<Caller> {
    if (secret === null || !isWellFormedKey(secret)) throw new Unauthenticated();
    const hash = hashSecret(secret);
    const now = this.clock.now();
    const key = await this.transactions.run([], async tx => {
      const owner = await this.keys.ownerOf(tx, hash);
      if (owner === null) return null;
      await tx.admit([owner]);
      const found = await this.keys.findByHash(tx, owner, hash);
      if (found === null || !isInForce(found, now)) return null;
      if (found.allowedIps !== null && !liesIn(address, found.allowedIps)) throw new AddressNotAllowed();
      const before = new Date(now.getTime() - USE_NOTED_EVERY_MS);
      if (found.lastUsedAt === null || found.lastUsedAt <= before)
        await this.keys.noteUse(tx, owner, found.id, { now, before });
      return found;
    });
    if (key === null) throw new Unauthenticated();
    const tenantId = key.tenantId === PLATFORM ? null : key.tenantId;
    return { keyId: key.id, tenantId, scopes: key.scopes, defaultCategory: key.defaultCategory };
  }
}

const isInForce = ({ revokedAt, expiresAt }: ApiKey, now: Date): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt > now);
