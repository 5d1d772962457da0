import { setImmediate } from 'node:timers/promises';
import { Logger } from '@nestjs/common';

/** How a loop gets rows and works on them. Both may run twice for a row; neither may mind. */
export interface Work<T> {
  readonly name: string;
  /** How many items are in hand at once, over all claims. */
  readonly concurrency: number;
  /** Atomically takes up to `limit` due items, each under a lease. */
  claim(limit: number): Promise<readonly T[]>;
  /** Does one item. What it throws is logged; the item comes back when its lease ends. */
  handle(item: T): Promise<void>;
}

/**
 * Keeps up to `concurrency` items in hand: claims only what it can start at once, so that a lease covers one item's own
 * time. Idle until woken (a notice or the sweep). Drains at shutdown.
 */
export class WorkLoop<T> {
  private readonly log = new Logger(WorkLoop.name);
  private readonly inHand = new Set<Promise<void>>();
  private claiming: Promise<void> | null = null;
  private again = false;
  private stopping = false;

  constructor(private readonly work: Work<T>) {}

  /** There may be something to do. Never rejects. What ends in the same turn of the event loop is claimed for at once. */
  wake(): void {
    if (this.stopping) return;
    this.again = true;
    this.claiming ??= setImmediate().then(() => this.fill());
  }

  /** Settles when nothing is due any more and nothing is in hand: for tests and one-shot runs. */
  async runUntilIdle(): Promise<void> {
    this.wake();
    await this.idle();
  }

  /** Takes nothing new and waits for what is in hand, and for what a claim under way still brings in. */
  async drain(): Promise<void> {
    this.stopping = true;
    await this.idle();
  }

  private async idle(): Promise<void> {
    while (this.claiming !== null || this.inHand.size > 0) await Promise.all([this.claiming, ...this.inHand]);
  }

  private async fill(): Promise<void> {
    while (this.again && !this.stopping && this.inHand.size < this.work.concurrency) {
      this.again = false;
      const items = await this.claimSafely(this.work.concurrency - this.inHand.size);
      for (const item of items) this.start(item);
      if (items.length > 0) this.again = true;
    }
    // In the same breath as the loop's last look at `again`: a wake-up after it begins anew and is not lost.
    this.claiming = null;
  }

  private async claimSafely(limit: number): Promise<readonly T[]> {
    try {
      return await this.work.claim(limit);
    } catch (error) {
      this.log.warn({ message: 'could not claim work; the next sweep tries again', work: this.work.name, error });
      return [];
    }
  }

  private start(item: T): void {
    const run = this.handleSafely(item).finally(() => {
      this.inHand.delete(run);
      this.wake();
    });
    this.inHand.add(run);
  }

  private async handleSafely(item: T): Promise<void> {
    try {
      await this.work.handle(item);
    } catch (error) {
      this.log.error({ message: 'work failed; it comes back when its lease ends', work: this.work.name, error });
    }
  }
}
