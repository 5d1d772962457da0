import { Injectable } from '@nestjs/common';
import { Clock } from '../kernel/index.js';
import { PrepareAttempt } from './prepare-attempt.js';
import { RecordOutcome } from './record-outcome.js';
import type { ClaimedSubmission } from './submission.store.js';

/** A call starts this soon after its attempt is committed, or not at all: a process may freeze in between. */
const START_WITHIN_MS = 5_000;

/** Calls are never aborted from here: the provider's own time-out bounds them, and a shutdown waits for them. */
const NEVER = new AbortController().signal;

/** Takes a queued submission to the provider: attempt first, call outside any transaction, answer recorded. */
@Injectable()
export class DispatchSubmission {
  constructor(
    private readonly prepare: PrepareAttempt,
    private readonly record: RecordOutcome,
    private readonly clock: Clock,
  ) {}

  async execute(claimed: ClaimedSubmission): Promise<void> {
    const call = await this.prepare.execute(claimed);
    if (call === null) return;
    if (this.clock.now().getTime() - call.startedAt.getTime() > START_WITHIN_MS) {
      await this.record.execute(call, {
        status: 'abandoned',
        reason: 'the call could not start in time, so it was not made',
      });
      return;
    }
    await this.record.execute(call, await call.provider.send(call.sms, call.credential, NEVER));
  }
}
