import { Injectable } from '@nestjs/common';
import { type Category, Clock, Ids, PLATFORM, type TenantId, Transactions, type Tx } from '../../kernel/index.js';
import { Providers } from '../../providers/index.js';
import { Breakers } from './breakers.js';
import { ClaimStore, type Lease } from './claim.store.js';
import type { ClaimedSubmission } from '../submission.store.js';
import type { SubmissionState } from '../submission-state.js';
import { LEASE_MS } from './work-topics.js';

/** No tenant comes before this one. */
const FIRST = PLATFORM;

/**
 * Takes due submissions of one state under a fresh lease, in a short transaction of its own: transactional ones first,
 * and tenants in turn, going on where the last claim ended, so that one tenant's million cannot keep another's code waiting.
 */
@Injectable()
export class ClaimSubmissions {
  private readonly lastServed = new Map<string, TenantId>();

  constructor(
    private readonly transactions: Transactions,
    private readonly claims: ClaimStore,
    private readonly ids: Ids,
    private readonly clock: Clock,
    private readonly providers: Providers,
    private readonly breakers: Breakers,
  ) {}

  execute(state: SubmissionState, limit: number): Promise<ClaimedSubmission[]> {
    const now = this.clock.now();
    const lease = { id: this.ids.uuid(), now, until: new Date(now.getTime() + LEASE_MS) };
    return this.transactions.run([], async tx => {
      if (state === 'QUEUED')
        return this.queued(tx, { ...lease, limit: this.breakers.anyOpen ? Math.min(limit, 2) : limit });
      const urgent = await this.inTurn(tx, state, 'TRANSACTIONAL', { ...lease, limit });
      if (urgent.length === limit) return urgent;
      return [...urgent, ...(await this.inTurn(tx, state, 'COMMERCIAL', { ...lease, limit: limit - urgent.length }))];
    });
  }

  /** First what waits for no account; then what may leave by the account that is to carry it. */
  private async queued(tx: Tx, lease: Lease): Promise<ClaimedSubmission[]> {
    const claimed = await this.claims.claimWithoutAccount(tx, lease);
    for (const category of ['TRANSACTIONAL', 'COMMERCIAL'] as const) {
      const limit = lease.limit - claimed.length;
      if (limit <= 0) break;
      claimed.push(...(await this.inTurn(tx, 'QUEUED', category, { ...lease, limit })));
    }
    return claimed;
  }

  private async inTurn(tx: Tx, state: SubmissionState, category: Category, lease: Lease): Promise<ClaimedSubmission[]> {
    const turn = `${state} ${category}`;
    const after = this.lastServed.get(turn) ?? FIRST;
    const provider = state === 'QUEUED' ? this.providers.carrierOf({ sandbox: false }).name : null;
    const claimed = await this.claims.claim(tx, { state, category, after, provider }, lease);
    this.lastServed.set(turn, claimed.at(-1)?.tenantId ?? FIRST);
    return claimed;
  }
}
