import { Injectable } from '@nestjs/common';
import { Clock, Ids, PLATFORM, type TenantId, Transactions, type Tx } from '../../kernel/index.js';
import type { ProviderOptOut } from '../../providers/index.js';
import { readPhoneNumber } from '../recipients/phone-number.js';
import { OptOutNews } from './opt-out-news.js';
import { OptOutSyncStore, type SyncClaim } from './opt-out-sync.store.js';
import { type Listed, ProviderListStore } from './provider-list.store.js';

export interface Pulled {
  readonly takenUp: number;
  /** Numbers that the platform's list has no more. */
  readonly dropped: number;
  /** Entries whose number cannot be read. */
  readonly unreadable: number;
}

// Reading a number takes tens of microseconds, so that a chunk keeps nobody waiting.
const AT_A_TIME = 500;

/**
 * Brings our opt-outs up to what a provider account lists. The platform's are a mirror: what has left the list is free again.
 * A tenant's own stay when they leave the list: STOP is final until the tenant lifts it here, which is audited.
 */
@Injectable()
export class PullOptOuts {
  constructor(
    private readonly transactions: Transactions,
    private readonly syncs: OptOutSyncStore,
    private readonly lists: ProviderListStore,
    private readonly news: OptOutNews,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** `askedAt`: just before the provider was asked. Null: broken off, the next sync begins anew. */
  async execute(claim: SyncClaim, all: readonly ProviderOptOut[], askedAt: Date): Promise<Pulled | null> {
    const seen = new Set<string>();
    let takenUp = 0;
    let unreadable = 0;
    for (let start = 0; start < all.length; start += AT_A_TIME) {
      const chunk = readNumbers(all.slice(start, start + AT_A_TIME), seen);
      unreadable += chunk.unreadable;
      const added = await this.whileHeld(claim, tx => this.compare(tx, claim.tenantId, chunk.listed));
      if (added === null) return null;
      takenUp += added;
    }
    const dropped = await this.finish(claim, seen, askedAt);
    return dropped === null ? null : { takenUp, dropped, unreadable };
  }

  private async compare(tx: Tx, tenantId: TenantId, listed: readonly Listed[]): Promise<number> {
    await this.lists.nameLifted(tx, tenantId, listed);
    const found = await this.lists.newAmong(tx, tenantId, listed);
    const rows = found.map(({ phoneNumber, stopId }) => {
      return { phoneNumber, stopId, id: this.ids.uuid(), gap: this.ids.below(4) };
    });
    const takenUp = rows.length === 0 ? [] : await this.lists.takeUp(tx, tenantId, rows, this.clock.now());
    await this.lists.name(tx, tenantId, listed);
    // The platform's list is hidden, and nobody is told of it.
    if (takenUp.length > 0 && tenantId !== PLATFORM) await this.news.announce(tx, { tenantId, optOuts: takenUp });
    return takenUp.length;
  }

  private async finish(claim: SyncClaim, seen: ReadonlySet<string>, askedAt: Date): Promise<number | null> {
    if (claim.tenantId === PLATFORM) return this.dropUnlisted(claim, seen);
    return this.whileHeld(claim, async tx => {
      await this.lists.forgetUnlisted(tx, claim.tenantId, askedAt);
      return 0;
    });
  }

  private async dropUnlisted(claim: SyncClaim, seen: ReadonlySet<string>): Promise<number | null> {
    let dropped = 0;
    let after = '';
    for (;;) {
      const page = await this.dropUnlistedAfter(claim, seen, after);
      if (page === null) return null;
      dropped += page.dropped;
      if (page.last === undefined) return dropped;
      after = page.last;
    }
  }

  private dropUnlistedAfter(
    claim: SyncClaim,
    seen: ReadonlySet<string>,
    after: string,
  ): Promise<{ readonly last: string | undefined; readonly dropped: number } | null> {
    return this.whileHeld(claim, async tx => {
      const ours = await this.lists.numbersAfter(tx, claim.tenantId, after, AT_A_TIME);
      const gone = ours.filter(phoneNumber => !seen.has(phoneNumber));
      return { last: ours.at(-1), dropped: gone.length === 0 ? 0 : await this.lists.drop(tx, claim.tenantId, gone) };
    });
  }

  private async whileHeld<T>(claim: SyncClaim, work: (tx: Tx) => Promise<T>): Promise<T | null> {
    if (!claim.mayGoOn()) return null;
    return this.transactions.run(claim.tenantId, async tx => ((await this.syncs.holds(tx, claim)) ? work(tx) : null));
  }
}

/** Each number once: the first id of a number counts. Remembers in `seen` which ones there were. */
function readNumbers(all: readonly ProviderOptOut[], seen: Set<string>): { listed: Listed[]; unreadable: number } {
  const listed: Listed[] = [];
  let unreadable = 0;
  for (const { id, phoneNumber } of all) {
    const reading = readPhoneNumber(phoneNumber);
    if (!reading.ok) unreadable += 1;
    else if (!seen.has(reading.e164)) {
      seen.add(reading.e164);
      listed.push({ phoneNumber: reading.e164, stopId: id });
    }
  }
  return { listed, unreadable };
}
