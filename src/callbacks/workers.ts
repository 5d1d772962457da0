import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { AppConfig, WakeUps, WorkLoop } from '../kernel/index.js';
import { Providers } from '../providers/index.js';
import { Ticker } from '../scheduling/index.js';
import { ApplyReceipts } from './apply-receipts.js';
import type { ClaimedReceipts } from './receipt.store.js';
import { APPLY_RECEIPTS } from './receive-receipt.js';

const SWEEP_MS = 1_000;
const SIMULATOR_MS = 250;
const ATTEMPTS_AT_ONCE = 8;

/** Registers the work on stored receipts, and the simulator's posting of its own. */
@Injectable()
export class CallbacksWorkers implements OnModuleInit, BeforeApplicationShutdown {
  private readonly applying: WorkLoop<ClaimedReceipts>;

  constructor(
    private readonly ticker: Ticker,
    private readonly wakeUps: WakeUps,
    private readonly config: AppConfig,
    private readonly providers: Providers,
    receipts: ApplyReceipts,
  ) {
    this.applying = new WorkLoop({
      name: 'apply receipts',
      concurrency: ATTEMPTS_AT_ONCE,
      claim: attempts => receipts.claim(attempts),
      handle: claimed => receipts.apply(claimed),
    });
  }

  onModuleInit(): void {
    this.ticker.register({
      name: 'simulator-receipts',
      everyMs: SIMULATOR_MS,
      run: () => this.providers.simulator.deliverDue(),
    });
    this.ticker.register({
      name: APPLY_RECEIPTS,
      everyMs: SWEEP_MS,
      run: () => {
        this.applying.wake();
        return Promise.resolve();
      },
    });
    if (this.config.role !== 'api') this.wakeUps.on(APPLY_RECEIPTS, () => this.applying.wake());
  }

  /** Does all that is due by the clock and waits for its end: for tests, which move the clock themselves. */
  async settle(): Promise<void> {
    await this.providers.simulator.deliverDue();
    await this.applying.runUntilIdle();
  }

  async beforeApplicationShutdown(): Promise<void> {
    // While our own callback route still listens; the receipts are applied by whoever comes next.
    await this.providers.simulator.deliverAll();
    await this.applying.drain();
  }
}
