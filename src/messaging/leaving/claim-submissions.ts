import { Injectable } from '@nestjs/common';
import { type Category, Clock, Ids, PLATFORM, type TenantId, Transactions, type Tx } from '../../kernel/index.js';
import { type ClaimedSubmission, type Lease, SubmissionStore } from '../submission.store.js';
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
    private readonly submissions: SubmissionStore,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  execute(state: SubmissionState, limit: number): Promise<ClaimedSubmission[]> {
    const now = this.clock.now();
    const lease = { id: this.ids.uuid(), now, until: new Date(now.getTime() + LEASE_MS) };
    return this.transactions.run([], async tx => {
      const urgent = await this.inTurn(tx, state, 'TRANSACTIONAL', { ...lease, limit });
      if (urgent.length === limit) return urgent;
      return [...urgent, ...(await this.inTurn(tx, state, 'COMMERCIAL', { ...lease, limit: limit - urgent.length }))];
    });
  }

  private async inTurn(tx: Tx, state: SubmissionState, category: Category, lease: Lease): Promise<ClaimedSubmission[]> {
    const turn = `${state} ${category}`;
    const after = this.lastServed.get(turn) ?? FIRST;
    const claimed = await this.submissions.claim(tx, { state, category, after }, lease);
    this.lastServed.set(turn, claimed.at(-1)?.tenantId ?? FIRST);
    return claimed;
  }
}
