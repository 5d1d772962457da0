import { Injectable } from '@nestjs/common';
import type { ClaimedSubmission } from '../submission.store.js';
import type { SubmissionState } from '../submission-state.js';
import { DispatchSubmission } from './dispatch-submission.js';
import { EnterDoubt } from './enter-doubt.js';
import { PollReceipts } from './poll-receipts.js';
import { Reconcile } from './reconcile.js';
import { ReleaseSubmission } from './release-submission.js';
import { WORK } from './work-topics.js';

export interface Work {
  readonly name: string;
  readonly state: SubmissionState;
  readonly concurrency: number;
  readonly handle: (claimed: ClaimedSubmission) => Promise<void>;
}

/** What is done with a due submission, by the state it is in. */
@Injectable()
export class LeavingWork {
  readonly all: readonly Work[];

  constructor(
    release: ReleaseSubmission,
    dispatch: DispatchSubmission,
    doubt: EnterDoubt,
    reconcile: Reconcile,
    poll: PollReceipts,
  ) {
    this.all = [
      work('enter-doubt', 'SENDING', 4, doubt),
      work('reconcile', 'UNCONFIRMED', 4, reconcile),
      // Whole loads of several tenants, and the next while they are worked on.
      work('release-scheduled', 'SCHEDULED', 1_000, release),
      work('release-held', 'HELD', 1_000, release),
      work(WORK.dispatch, 'QUEUED', 16, dispatch),
      work('poll-receipts', 'DONE', 4, poll),
    ];
  }
}

const work = (
  name: string,
  state: SubmissionState,
  concurrency: number,
  by: { execute(claimed: ClaimedSubmission): Promise<void> },
): Work => ({ name, state, concurrency, handle: claimed => by.execute(claimed) });
