import { Injectable } from '@nestjs/common';
import { Clock } from '../kernel/index.js';
import { PrepareAttempt } from './prepare-attempt.js';
import { RecordOutcome } from './record-outcome.js';
import type { ClaimedSubmission } from './submission.store.js';

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
    // A process may freeze between the attempt and the call, for longer than its permission to call lasts.
    if (this.clock.now() >= call.startBefore) {
      await this.record.execute(call, {
        status: 'abandoned',
        reason: 'the call could not start in time, so it was not made',
      });
      return;
    }
    await this.record.execute(call, await call.provider.send(call.sms, call.credential, NEVER));
  }
}
