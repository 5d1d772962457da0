import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AppConfig, Transactions } from '../../kernel/index.js';
import { Providers } from '../../providers/index.js';
import { RateLimitStore } from './rate-limit.store.js';

const SLOTS_AT_ONCE = 4;
/** A call that is later than this for its slot takes another: a process that stood still must not catch up in a burst. */
const LATE_MS = 20;
const SLOW_ANSWER_MS = 50;
const MOST_TRIES = 3;
/** How long before its slot a call is prepared at most: its attempt may start only within seconds. */
const PREPARED_MS = 500;

/** An instant of this process's own monotonic clock, in milliseconds. */
export type Slot = number;

/**
 * The provider's limit for this platform's address (protocol: 2,000 requests a minute per IP), shared by all processes: slots
 * evenly apart, one row that says when the next one is. So no sliding second sees more than the limit.
 */
@Injectable()
export class ProviderRate {
  /** Taken from the shared row, not used yet; the earliest first. */
  private readonly slots: Slot[] = [];
  private reserving: Promise<void> | null = null;
  private lastStart = -Infinity;
  private readonly spacingMs: number;

  constructor(
    config: AppConfig,
    private readonly transactions: Transactions,
    private readonly limits: RateLimitStore,
    private readonly providers: Providers,
  ) {
    this.spacingMs = spacingOf(config.providerRatePerMinute);
  }

  /** For a question: takes a slot and waits for it. */
  async turn(): Promise<void> {
    await this.until(await this.take());
  }

  /**
   * A slot for a call that is still to be prepared; waits only where it is further off than a call may stand prepared. Null:
   * there is no limit, the simulator takes as many as come.
   */
  async take(): Promise<Slot | null> {
    if (this.spacingMs === 0 || this.providers.carrierOf({ sandbox: false }) === this.providers.simulator) return null;
    const slot = await this.next();
    const tooEarlyMs = slot - performance.now() - PREPARED_MS;
    if (tooEarlyMs > 0) await setTimeout(Math.ceil(tooEarlyMs));
    return slot;
  }

  /** The call may start when this returns: at its slot or, where that was missed, at another. */
  async until(slot: Slot | null): Promise<void> {
    for (let at = slot; at !== null; at = await this.next()) {
      // This process alone keeps the distance in any case, whatever it was told late.
      const notBefore = Math.max(at, this.lastStart + this.spacingMs - LATE_MS);
      // A timer may end a fraction of a millisecond early.
      for (let left = notBefore - performance.now(); left > 0; left = notBefore - performance.now()) {
        await setTimeout(Math.ceil(left));
      }
      const started = performance.now();
      if (started - at > LATE_MS || started < this.lastStart + this.spacingMs - LATE_MS) continue;
      this.lastStart = started;
      return;
    }
  }

  /** There was nothing to call for: somebody else may use it. */
  giveBack(slot: Slot | null): void {
    if (slot !== null) this.slots.unshift(slot);
  }

  private async next(): Promise<Slot> {
    for (;;) {
      const slot = this.slots.shift();
      if (slot !== undefined && performance.now() - slot <= LATE_MS) return slot;
      // One that has passed is of no use to anybody.
      if (slot !== undefined) continue;
      this.reserving ??= this.reserve().finally(() => (this.reserving = null));
      await this.reserving;
    }
  }

  private async reserve(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const asked = performance.now();
      const waitMs = await this.transactions.run([], tx =>
        this.limits.reserve(tx, 'smspartner', this.spacingMs, SLOTS_AT_ONCE),
      );
      const answered = performance.now();
      // Slots told late lie somewhere within the delay: left unused, unless the database is slow for good.
      if (answered - asked > SLOW_ANSWER_MS && tries < MOST_TRIES) continue;
      const first = answered + waitMs;
      this.slots.push(...Array.from({ length: SLOTS_AT_ONCE }, (_, index) => first + index * this.spacingMs));
      return;
    }
  }
}

/**
 * Between two slots, so that a second that slides over them, each up to LATE_MS late, holds the limit at most: one slot fewer
 * for the one at its edge, one for the lateness. 2,000 a minute: 33 a second at most, a slot every 32 ms.
 */
export function spacingOf(perMinute: number): number {
  if (perMinute === 0) return 0;
  const perSecond = Math.floor(perMinute / 60);
  return perSecond < 4 ? (60_000 + 2 * LATE_MS) / perMinute : (1_000 + LATE_MS) / (perSecond - 1);
}
