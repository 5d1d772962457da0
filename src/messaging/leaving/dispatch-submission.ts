import { setTimeout } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { bulkhead } from 'cockatiel';
import { Clock, crashPoint } from '../../kernel/index.js';
import type { BulkOutcome, SendOutcome } from '../../providers/index.js';
import type { CallOutcome } from './attempt-outcome.js';
import { Breakers } from './breakers.js';
import { PrepareAttempt } from './prepare-attempt.js';
import { ProviderRate, type Slot } from './provider-rate.js';
import { RecordOutcome } from './record-outcome.js';
import type { Outgoing, PreparedCall } from './start-attempt.js';
import type { ClaimedSubmission } from '../submission.store.js';

/** Calls are never aborted from here: the provider's own time-out bounds them, and a shutdown waits for them. */
const NEVER = new AbortController().signal;

/** Some seconds in all: within what a shutdown waits for, and about as long as the lease. */
const RECORD_RETRIES_MS = [100, 200, 500, 1_000, 2_000, 4_000, 8_000];

/**
 * How many calls of the many are prepared or written down at a time. Each is hundreds of rows: more at once are no faster, and
 * a code accepted meanwhile waits twice as long (p99 of the bench's release 0.5 s in place of 0.27).
 */
const WRITTEN_AT_ONCE = 4;

/** Takes a queued submission to the provider: attempt first, call outside any transaction, answer recorded. */
@Injectable()
export class DispatchSubmission {
  private readonly log = new Logger(DispatchSubmission.name);
  private readonly places = bulkhead(WRITTEN_AT_ONCE, Number.POSITIVE_INFINITY);

  constructor(
    private readonly prepare: PrepareAttempt,
    private readonly record: RecordOutcome,
    private readonly breakers: Breakers,
    private readonly rate: ProviderRate,
    private readonly clock: Clock,
  ) {}

  async execute(claimed: ClaimedSubmission): Promise<void> {
    crashPoint('dispatch.after-claim');
    const slot = await this.rate.take();
    const call = await this.inTurn(claimed, () => this.prepare.execute(claimed));
    if (call === null) {
      // What is held, expired or opted out on the way costs the provider nothing: a closing hour takes no hours.
      this.rate.giveBack(slot);
      return;
    }
    crashPoint('dispatch.after-attempt');
    const outcome =
      (await this.isItsTurn(slot)) && this.mayStart(call)
        ? await this.call(call)
        : ({ status: 'abandoned', reason: 'the call could not start in time, so it was not made' } as const);
    crashPoint('dispatch.after-call');
    await this.inTurn(claimed, () => this.recordSurely(call, outcome));
    crashPoint('dispatch.after-record');
  }

  private inTurn<T>({ urgent }: ClaimedSubmission, work: () => Promise<T>): Promise<T> {
    return urgent ? work() : this.places.execute(work);
  }

  /** False where the database, which knows whose turn it is, was lost meanwhile: the call is not made. */
  private async isItsTurn(slot: Slot | null): Promise<boolean> {
    try {
      await this.rate.until(slot);
      return true;
    } catch (error) {
      this.log.warn({ message: 'a prepared call got no turn, so it was not made', error });
      return false;
    }
  }

  /** A process may freeze, or a connection take its time, for longer than the permission to call lasts. */
  private mayStart(call: PreparedCall): boolean {
    return this.clock.now() < call.startBefore;
  }

  /** An answer that is known must not become a doubt because the database was out of reach for a moment. */
  private async recordSurely(call: PreparedCall, outcome: CallOutcome): Promise<void> {
    for (const pauseMs of RECORD_RETRIES_MS) {
      try {
        await this.record.execute(call, outcome);
        return;
      } catch (error) {
        this.log.warn({ message: 'an answer could not be recorded; trying again', error });
        await setTimeout(pauseMs);
      }
    }
    await this.record.execute(call, outcome);
  }

  /** An adapter never throws and names only recipients it was given; should one, nobody knows what became of the call. */
  private async call(call: PreparedCall): Promise<BulkOutcome | SendOutcome> {
    try {
      const outcome = await this.send(call);
      if (outcome.status !== 'refused' || outcome.recipients === null) return outcome;
      const carried = numbersOf(call.sms);
      if (outcome.recipients.some(({ phoneNumber }) => carried.has(phoneNumber))) return outcome;
      return { status: 'unknown', reason: 'the provider refused recipients that the call did not carry' };
    } catch (error) {
      const provider = call.provider.name;
      this.log.error({ message: 'a provider adapter failed in the middle of a call', provider, error });
      return { status: 'unknown', reason: 'the call failed on our side; it may have gone' };
    }
  }

  private send(call: PreparedCall): Promise<BulkOutcome | SendOutcome> {
    const { provider, sms, credential } = call;
    const terms = { signal: NEVER, mayStart: () => this.mayStart(call) };
    return this.breakers.execute(call.account, () =>
      sms.kind === 'one' ? provider.send(sms.sms, credential, terms) : provider.sendBulk(sms.bulk, credential, terms),
    );
  }
}

const numbersOf = (sms: Outgoing): ReadonlySet<string> =>
  new Set(sms.kind === 'one' ? sms.sms.recipients : sms.bulk.messages.map(({ phoneNumber }) => phoneNumber));
