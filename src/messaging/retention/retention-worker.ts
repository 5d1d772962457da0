import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Ticker } from '../../scheduling/index.js';
import { EraseOld } from './erase-old.js';

/** With the batches of a run, tens of thousands of messages a minute at most: a million is worked off within the hour. */
const EVERY_MS = 20_000;

/** Has what is old erased by the ticker. */
@Injectable()
export class RetentionWorker implements OnModuleInit {
  constructor(
    private readonly ticker: Ticker,
    private readonly erase: EraseOld,
  ) {}

  onModuleInit(): void {
    this.ticker.register({ name: 'erase-old', everyMs: EVERY_MS, run: () => this.erase.execute() });
  }
}
