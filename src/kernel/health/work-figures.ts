import { Injectable } from '@nestjs/common';
import { Clock } from '../clock.js';
import { AppConfig } from '../config/app-config.js';
import { Transactions } from '../database/transactions.js';
import { type Figures, WorkFiguresStore } from './work-figures.store.js';

/** However often probes and scrapers ask, the database is asked once in so long. */
const FRESH_MS = 5_000;

export interface Age {
  readonly queue: 'release' | 'send' | 'receipts' | 'webhooks';
  readonly seconds: number;
}

interface Reading {
  readonly at: number;
  readonly figures: Promise<Figures>;
}

/** How much work there is and how long the oldest of it has been due, over all processes. */
@Injectable()
export class WorkFigures {
  private last: Reading | null = null;

  constructor(
    private readonly transactions: Transactions,
    private readonly store: WorkFiguresStore,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  read(): Promise<Figures> {
    const now = this.clock.now();
    if (this.last === null || Math.abs(now.getTime() - this.last.at) >= FRESH_MS) {
      const figures = this.transactions.run([], tx => this.store.read(tx, this.config.smsProvider, now));
      const reading = { at: now.getTime(), figures };
      this.last = reading;
      // What failed is asked again at once.
      figures.catch(() => {
        if (this.last === reading) this.last = null;
      });
    }
    return this.last.figures;
  }

  /** Zero where nothing is due. */
  async ages(): Promise<readonly Age[]> {
    const figures = await this.read();
    const now = this.clock.now().getTime();
    const since = (oldest: Date | null): number =>
      oldest === null ? 0 : Math.max(0, (now - oldest.getTime()) / 1_000);
    return [
      { queue: 'release', seconds: since(figures.oldestRelease) },
      { queue: 'send', seconds: since(figures.oldestSend) },
      { queue: 'receipts', seconds: since(figures.oldestReceipt) },
      { queue: 'webhooks', seconds: since(figures.oldestWebhook) },
    ];
  }
}
