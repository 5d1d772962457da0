import { Injectable } from '@nestjs/common';
import { AtHand, Clock, type TenantId, Transactions, type Tx, WakeUps } from '../kernel/index.js';
import { ApiKeyStore } from './api-key.store.js';
import type { KeyInForce } from './key-in-force.js';

/** By its hash, as a caller shows it, or by its id, as a token that it issued names it. */
export type KeyQuery = { readonly hash: Buffer } | { readonly issuer: string; readonly tenantId: TenantId };

const CHANGED = 'api-keys';

/** Keys in force as they were at most a second ago. Each wrong one costs the same statement. */
@Injectable()
export class KeysInForce {
  private readonly atHand: AtHand<KeyInForce>;

  constructor(
    private readonly transactions: Transactions,
    private readonly keys: ApiKeyStore,
    private readonly clock: Clock,
    private readonly wakeUps: WakeUps,
  ) {
    this.atHand = new AtHand(clock);
    wakeUps.on(CHANGED, () => this.atHand.lookAgain());
  }

  async find(query: KeyQuery): Promise<KeyInForce | null> {
    const found = await this.atHand.find(nameOf(query), now =>
      this.transactions.alone(tx => this.load(tx, query, now)),
    );
    return found !== null && (found.until === null || found.until > this.clock.now()) ? found : null;
  }

  standingOf(query: KeyQuery): 'known' | 'asked' | 'unknown' {
    return this.atHand.standingOf(nameOf(query));
  }

  /** A key was revoked, rotated or edited. */
  changed(): void {
    this.wakeUps.announce(CHANGED);
  }

  private load(tx: Tx, query: KeyQuery, now: Date): Promise<KeyInForce | null> {
    return 'hash' in query
      ? this.keys.inForce(tx, query.hash, now)
      : this.keys.issuerInForce(tx, query.tenantId, query.issuer, now);
  }
}

const nameOf = (query: KeyQuery): string =>
  'hash' in query ? query.hash.toString('base64') : `${query.tenantId} ${query.issuer}`;
