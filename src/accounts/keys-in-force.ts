import { Injectable } from '@nestjs/common';
import { Clock, type TenantId, Transactions, type Tx, WakeUps } from '../kernel/index.js';
import { ApiKeyStore } from './api-key.store.js';
import type { KeyInForce } from './key-in-force.js';

/** By its hash, as a caller shows it, or by its id, as a token that it issued names it. */
export type KeyQuery = { readonly hash: Buffer } | { readonly issuer: string; readonly tenantId: TenantId };

interface Look {
  /** When it was begun; 0: something has changed since. */
  at: number;
  /** An earlier look, or this one, found it in force. */
  known: boolean;
  readonly found: Promise<KeyInForce | null>;
}

const FRESH_MS = 1_000;
const REMEMBERED = 10_000;
const CHANGED = 'api-keys';

/**
 * Keys in force as they were at most a second ago, so that a busy key costs a statement a second and not one a request. A
 * change is told to all processes at once (WakeUps); where that notice is lost, the second is the promise. Keys that are none
 * are never remembered: a new one works at once, and each wrong one costs the same statement.
 */
@Injectable()
export class KeysInForce {
  private readonly looks = new Map<string, Look>();

  constructor(
    private readonly transactions: Transactions,
    private readonly keys: ApiKeyStore,
    private readonly clock: Clock,
    private readonly wakeUps: WakeUps,
  ) {
    wakeUps.on(CHANGED, () => this.lookAgain());
  }

  async find(query: KeyQuery): Promise<KeyInForce | null> {
    const now = this.clock.now();
    const found = await this.lookFor(query, now).found;
    return found !== null && (found.until === null || found.until > now) ? found : null;
  }

  /** `known`: this process has seen it in force. `asked`: somebody is asking at this moment. */
  standingOf(query: KeyQuery): 'known' | 'asked' | 'unknown' {
    const look = this.looks.get(nameOf(query));
    if (look === undefined) return 'unknown';
    return look.known ? 'known' : 'asked';
  }

  /** A key was revoked, rotated or edited: nobody goes by what he saw before. */
  changed(): void {
    this.wakeUps.announce(CHANGED);
  }

  private lookAgain(): void {
    for (const look of this.looks.values()) look.at = 0;
  }

  private lookFor(query: KeyQuery, now: Date): Look {
    const name = nameOf(query);
    const earlier = this.looks.get(name);
    const age = earlier === undefined ? FRESH_MS : now.getTime() - earlier.at;
    // A clock that went back says nothing of age.
    if (earlier !== undefined && age >= 0 && age < FRESH_MS) return earlier;
    const found = this.transactions.alone(tx => this.load(tx, query, now));
    const look: Look = { at: now.getTime(), known: earlier?.known ?? false, found };
    this.remember(name, look);
    void this.settle(name, look);
    return look;
  }

  /** What was not found, or not answered, is not remembered. */
  private async settle(name: string, look: Look): Promise<void> {
    const key = await look.found.catch(() => null);
    if (key !== null) look.known = true;
    else if (this.looks.get(name) === look) this.looks.delete(name);
  }

  private load(tx: Tx, query: KeyQuery, now: Date): Promise<KeyInForce | null> {
    return 'hash' in query
      ? this.keys.inForce(tx, query.hash, now)
      : this.keys.issuerInForce(tx, query.tenantId, query.issuer, now);
  }

  /** The one that was not asked for longest goes first. */
  private remember(name: string, look: Look): void {
    this.looks.delete(name);
    this.looks.set(name, look);
    if (this.looks.size <= REMEMBERED) return;
    const [oldest] = this.looks.keys();
    if (oldest !== undefined) this.looks.delete(oldest);
  }
}

const nameOf = (query: KeyQuery): string =>
  'hash' in query ? query.hash.toString('base64') : `${query.tenantId} ${query.issuer}`;
