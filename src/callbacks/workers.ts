import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { AppConfig, WakeUps, WorkLoop } from '../kernel/index.js';
import { Providers } from '../providers/index.js';
import { Ticker } from '../scheduling/index.js';
import { ApplyReceipts } from './apply-receipts.js';
import type { ClaimedPosts } from './claimed-posts.js';
import type { ClaimedReceipts } from './claimed-receipts.js';
import { CallTenants } from './outgoing/call-tenants.js';
import { CALL_TENANTS } from './outgoing/enqueue-callbacks.js';
import type { HeldDelivery } from './outgoing/post-call.js';
import { WORK_ON } from './receive-callback.js';
import { ReadReplies } from './replies/read-replies.js';

const SWEEP_MS = 1_000;
const SIMULATOR_MS = 250;
const ATTEMPTS_AT_ONCE = 8;
/** Few: what comes while they are being applied goes together in the next one. With 4, a third less was applied than with 2. */
const SETS_AT_ONCE = 2;
/** Calls mostly wait. Sixteen of a tenant's at a time, so it takes 32 tenants with several dead addresses each to hold all places. */
const CALLS_AT_ONCE = 512;

/** Registers the work on stored receipts and replies, the calls to tenants, and the simulator's posting of its own. */
@Injectable()
export class CallbacksWorkers implements OnModuleInit, BeforeApplicationShutdown {
  private readonly applying: WorkLoop<ClaimedReceipts>;
  private readonly reading: WorkLoop<ClaimedPosts>;
  private readonly calling: WorkLoop<HeldDelivery>;

  constructor(
    private readonly ticker: Ticker,
    private readonly wakeUps: WakeUps,
    private readonly config: AppConfig,
    private readonly providers: Providers,
    receipts: ApplyReceipts,
    replies: ReadReplies,
    calls: CallTenants,
  ) {
    this.applying = new WorkLoop({
      name: 'apply receipts',
      concurrency: SETS_AT_ONCE,
      claim: () => receipts.claim(),
      handle: claimed => receipts.apply(claimed),
    });
    this.reading = new WorkLoop({
      name: 'read replies',
      concurrency: ATTEMPTS_AT_ONCE,
      claim: attempts => replies.claim(attempts),
      handle: claimed => replies.read(claimed),
    });
    this.calling = new WorkLoop({
      name: 'call tenants',
      concurrency: CALLS_AT_ONCE,
      claim: limit => calls.claim(limit),
      handle: held => calls.call(held),
    });
  }

  onModuleInit(): void {
    this.ticker.register({
      name: 'simulator-receipts',
      everyMs: SIMULATOR_MS,
      run: () => this.providers.simulator.deliverDue(),
    });
    this.register(WORK_ON.receipt, this.applying);
    this.register(WORK_ON.reply, this.reading);
    this.register(CALL_TENANTS, this.calling);
  }

  /** Does all that is due by the clock and waits for its end: for tests, which move the clock themselves. */
  async settle(): Promise<void> {
    await this.providers.simulator.deliverDue();
    await this.applying.runUntilIdle();
    await this.reading.runUntilIdle();
    await this.calling.runUntilIdle();
  }

  async beforeApplicationShutdown(): Promise<void> {
    // While our own callback route still listens; the receipts are applied by whoever comes next.
    await this.providers.simulator.deliverAll();
    await Promise.all([this.applying.drain(), this.reading.drain(), this.calling.drain()]);
  }

  private register(name: string, loop: Pick<WorkLoop<unknown>, 'wake'>): void {
    // A tick only wakes: the loop goes on by itself, and a slow call does not keep the next tick from waking it.
    this.ticker.register({ name, everyMs: SWEEP_MS, run: () => Promise.resolve(loop.wake()) });
    if (this.config.role !== 'api') this.wakeUps.on(name, () => loop.wake());
  }
}
