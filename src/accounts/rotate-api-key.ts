import { Injectable } from '@nestjs/common';
import { Clock, hashSecret, Ids, InvalidArgument, type Tx } from '../kernel/index.js';
import { type ApiKey, prefixOf } from './api-key.js';
import { ApiKeyStore } from './api-key.store.js';
import type { Caller } from './caller.js';
import { ChangeApiKey } from './change-api-key.js';
import type { IssuedKey } from './issue-api-key.js';

const LONGEST_OVERLAP_SECONDS = 30 * 86_400;

/** A new key in the place of an old one, which keeps working for a while so that all who have it can change over. */
@Injectable()
export class RotateApiKey {
  constructor(
    private readonly change: ChangeApiKey,
    private readonly keys: ApiKeyStore,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /**
   * All but the secret is as it was; one that was issued for a time is issued for the same time from now on. `overlapSeconds`
   * 0: the old one stops at once. Throws NotFound and InvalidArgument.
   */
  async execute(caller: Caller, id: string, overlapSeconds: number): Promise<IssuedKey> {
    if (overlapSeconds < 0 || overlapSeconds > LONGEST_OVERLAP_SECONDS)
      throw new InvalidArgument('overlapSeconds', `must be from 0 (at once) to ${LONGEST_OVERLAP_SECONDS} (30 days)`);
    return this.change.execute(caller, id, async (tx, old) => {
      this.change.insistInForce(old);
      const secret = this.ids.secret('rk_');
      const apiKey = this.successorOf(old, secret);
      await this.keys.insert(tx, old.tenantId, { ...apiKey, hash: hashSecret(secret) });
      await this.end(tx, old, overlapSeconds);
      const detail = { apiKeyId: id, newApiKeyId: apiKey.id, overlapSeconds };
      return { answer: { apiKey, secret }, act: { action: 'api-key.rotated', detail } };
    });
  }

  private successorOf(old: ApiKey, secret: string): ApiKey {
    const createdAt = this.clock.now();
    return {
      ...old,
      id: this.ids.uuid(),
      prefix: prefixOf(secret),
      createdAt,
      expiresAt: old.lifetimeMs === null ? null : new Date(createdAt.getTime() + old.lifetimeMs),
      lastUsedAt: null,
      revokedAt: null,
    };
  }

  private async end(tx: Tx, { tenantId, id }: ApiKey, overlapSeconds: number): Promise<void> {
    const now = this.clock.now();
    if (overlapSeconds === 0) await this.keys.revoke(tx, tenantId, id, now);
    else await this.keys.retire(tx, tenantId, id, new Date(now.getTime() + overlapSeconds * 1_000));
  }
}
