import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { AppConfig, WakeUps, WorkLoop } from '../../kernel/index.js';
import { Ticker } from '../../scheduling/index.js';
import { PurgeSandbox } from '../purge-sandbox.js';
import type { ClaimedSubmission } from '../submission.store.js';
import { ClaimSubmissions } from './claim-submissions.js';
import { LeavingWork } from './leaving-work.js';

const SWEEP_MS = 1_000;
const PURGE_MS = 900_000;

/** Runs messaging's work, by the state it takes submissions from. A process of ROLE=api knows it and never starts it. */
@Injectable()
export class MessagingWorkers implements OnModuleInit, BeforeApplicationShutdown {
  private readonly loops: ReadonlyMap<string, WorkLoop<ClaimedSubmission>>;

  constructor(
    private readonly ticker: Ticker,
    private readonly wakeUps: WakeUps,
    private readonly config: AppConfig,
    private readonly purge: PurgeSandbox,
    claims: ClaimSubmissions,
    work: LeavingWork,
  ) {
    this.loops = new Map(
      work.all.map(({ name, state, concurrency, handle }) => {
        const claim = (limit: number): Promise<ClaimedSubmission[]> => claims.execute(state, limit);
        return [name, new WorkLoop({ name, concurrency, handle, claim })];
      }),
    );
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
}
