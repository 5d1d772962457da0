import { Injectable } from '@nestjs/common';
import type { SendOutcome } from '../../providers/index.js';
import type { Abandoned } from './attempt-outcome.js';
import { type AttemptEnd, AttemptStore } from './attempt.store.js';
import { ChangeMessage } from '../change-message.js';
import { FollowOutcome } from './follow-outcome.js';
import type { PreparedCall } from './prepare-attempt.js';
import { SubmissionStore } from '../submission.store.js';

/** Writes down how an attempt ended, once, with what follows for its submission. */
@Injectable()
export class RecordOutcome {
  constructor(
    private readonly change: ChangeMessage,
    private readonly submissions: SubmissionStore,
    private readonly attempts: AttemptStore,
    private readonly follow: FollowOutcome,
  ) {}

  async execute(
    { claimed, attemptId }: Pick<PreparedCall, 'claimed' | 'attemptId'>,
    outcome: SendOutcome | Abandoned,
  ): Promise<void> {
    await this.change.execute(claimed.tenantId, claimed.messageId, async (tx, { message, now, touch }) => {
      const submission = await this.submissions.find(tx, claimed.tenantId, claimed.id);
      if (submission?.attemptId !== attemptId) return;
      // An answer that comes after its lease ended still settles the doubt that began meanwhile.
      if (submission.state !== 'SENDING' && submission.state !== 'UNCONFIRMED') return;
      if (!(await this.attempts.finish(tx, claimed.tenantId, attemptId, endOf(outcome, now)))) return;
      touch(submission.id);
      await this.follow.execute(tx, { message, submission, now }, outcome);
    });
  }
}

/** What the columns hold. An odd figure of the provider must not undo the record of an SMS that went. */
const MOST_PARTS = 1_000_000;
const COST = /^\d{1,9}(\.\d+)?$/;

function endOf(outcome: SendOutcome | Abandoned, now: Date): AttemptEnd {
  switch (outcome.status) {
    case 'accepted':
      return {
        outcome: 'accepted',
        now,
        providerMessageId: outcome.providerMessageId,
        parts: outcome.parts !== null && outcome.parts <= MOST_PARTS ? outcome.parts : null,
        cost: outcome.cost !== null && COST.test(outcome.cost) ? outcome.cost : null,
        currency: outcome.currency,
      };
    case 'refused':
    case 'blocked':
    case 'outside-hours':
      return { outcome: outcome.status, now, code: outcome.code, reason: outcome.reason };
    case 'not-sent':
    case 'unknown':
    case 'abandoned':
      return { outcome: outcome.status, now, reason: outcome.reason };
  }
}
