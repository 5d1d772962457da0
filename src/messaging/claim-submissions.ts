import { Injectable } from '@nestjs/common';
import { Clock, Ids, Transactions } from '../kernel/index.js';
import { type ClaimedSubmission, SubmissionStore } from './submission.store.js';
import type { SubmissionState } from './submission-state.js';
import { LEASE_MS } from './work-topics.js';

/** Takes due submissions of one state under a fresh lease, in a short transaction of its own. */
@Injectable()
export class ClaimSubmissions {
  constructor(
    private readonly transactions: Transactions,
    private readonly submissions: SubmissionStore,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  execute(state: SubmissionState, limit: number): Promise<ClaimedSubmission[]> {
    const now = this.clock.now();
    const lease = { id: this.ids.uuid(), now, until: new Date(now.getTime() + LEASE_MS), limit };
    return this.transactions.run([], tx => this.submissions.claim(tx, state, lease));
  }
}
