import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { AppConfig, WakeUps, WorkLoop } from '../../kernel/index.js';
import { Ticker } from '../../scheduling/index.js';
import { ClaimSubmissions } from './claim-submissions.js';
import { DispatchSubmission } from './dispatch-submission.js';
import { EnterDoubt } from './enter-doubt.js';
import { PurgeSandbox } from '../purge-sandbox.js';
import { ReleaseSubmission } from './release-submission.js';
import type { ClaimedSubmission } from '../submission.store.js';
import type { SubmissionState } from '../submission-state.js';
import { WORK } from './work-topics.js';

const SWEEP_MS = 1_000;
const PURGE_MS = 900_000;
const AT_ONCE = { release: 8, calls: 16, doubts: 4 } as const;

interface Work {
  readonly name: string;
  readonly state: SubmissionState;
  readonly concurrency: number;
  readonly handle: (claimed: ClaimedSubmission) => Promise<void>;
}

/** Messaging's work, by the state it takes submissions from. A process of ROLE=api knows it and never starts it. */
@Injectable()
export class MessagingWorkers implements OnModuleInit, BeforeApplicationShutdown {
  private readonly loops = new Map<string, WorkLoop<ClaimedSubmission>>();

  constructor(
    private readonly ticker: Ticker,
    private readonly wakeUps: WakeUps,
    private readonly config: AppConfig,
    private readonly claims: ClaimSubmissions,
    release: ReleaseSubmission,
    dispatch: DispatchSubmission,
    doubt: EnterDoubt,
    private readonly purge: PurgeSandbox,
  ) {
    const releasing = {
      concurrency: AT_ONCE.release,
      handle: (claimed: ClaimedSubmission) => release.execute(claimed),
    };
    this.add({
      name: 'enter-doubt',
      state: 'SENDING',
      concurrency: AT_ONCE.doubts,
      handle: claimed => doubt.execute(claimed),
    });
    this.add({ ...releasing, name: 'release-scheduled', state: 'SCHEDULED' });
    this.add({ ...releasing, name: 'release-held', state: 'HELD' });
    this.add({
      name: WORK.dispatch,
      state: 'QUEUED',
      concurrency: AT_ONCE.calls,
      handle: claimed => dispatch.execute(claimed),
    });
  }

  onModuleInit(): void {
    this.ticker.register({ name: 'purge-sandbox', everyMs: PURGE_MS, run: () => this.purge.execute() });
    for (const [name, loop] of this.loops) {
      // A tick only wakes: the loop goes on by itself, and a slow call does not keep the next tick from waking it.
      this.ticker.register({ name, everyMs: SWEEP_MS, run: () => Promise.resolve(loop.wake()) });
      if (this.config.role !== 'api') this.wakeUps.on(name, () => loop.wake());
    }
  }

  /** Does all that is due by the clock and waits for its end: for tests, which move the clock themselves. */
  async settle(): Promise<void> {
    for (const loop of this.loops.values()) await loop.runUntilIdle();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([...this.loops.values()].map(loop => loop.drain()));
  }

  private add({ name, state, concurrency, handle }: Work): void {
    this.loops.set(
      name,
      new WorkLoop({ name, concurrency, handle, claim: limit => this.claims.execute(state, limit) }),
    );
  }
}
