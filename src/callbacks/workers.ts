import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { AppConfig, WakeUps, WorkLoop } from '../kernel/index.js';
import { Providers } from '../providers/index.js';
import { Ticker } from '../scheduling/index.js';
import { ApplyReceipts } from './apply-receipts.js';
import type { ClaimedReceipt } from './receipt.store.js';
import { APPLY_RECEIPTS } from './receive-receipt.js';

const SWEEP_MS = 1_000;
const SIMULATOR_MS = 250;
const RECEIPTS_AT_ONCE = 8;

/** Registers the work on stored receipts, and the simulator's posting of its own. */
@Injectable()
export class CallbacksWorkers implements OnModuleInit, BeforeApplicationShutdown {
  private readonly applying: WorkLoop<ClaimedReceipt>;

  constructor(
    private readonly ticker: Ticker,
    private readonly wakeUps: WakeUps,
    private readonly config: AppConfig,
    private readonly providers: Providers,
    receipts: ApplyReceipts,
  ) {
    this.applying = new WorkLoop({
      name: 'apply receipts',
      concurrency: RECEIPTS_AT_ONCE,
      claim: limit => receipts.claim(limit),
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
    await this.applying.drain();
  }
}
