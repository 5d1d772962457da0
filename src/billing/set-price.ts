import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../accounts/index.js';
import {
  Clock,
  formatDecimal,
  InvalidArgument,
  parseDecimal,
  PLATFORM,
  type Route,
  Transactions,
  type Tx,
} from '../kernel/index.js';
import type { Price } from './price-list.js';
import { PriceStore } from './price.store.js';
import { PricesAtHand } from './prices-at-hand.js';

export interface PriceRequest {
  readonly route: Route;
  readonly prefix: string;
  readonly amount: string;
  readonly currency: string;
  /** Null: from now on. Past messages keep the price they were accepted at. */
  readonly validFrom: Date | null;
}

/** Far above any SMS, so that a slip of the finger does not empty every balance. */
const HIGHEST = parseDecimal('100');

/**
 * "From now on" is written a little earlier: a price that other processes, whose clocks are behind, took for one to come would
 * be none for their tenants, and would go before a later one of theirs. What was accepted has its price already.
 */
const CLOCKS_DIFFER_MS = 60_000;

@Injectable()
export class SetPrice {
  constructor(
    private readonly transactions: Transactions,
    private readonly prices: PriceStore,
    private readonly atHand: PricesAtHand,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** `actorKeyId` null: Relais itself, on the first run. */
  async execute(request: PriceRequest, actorKeyId: string | null): Promise<Price> {
    const units = parseDecimal(request.amount);
    if (units < 0n || units > HIGHEST) throw new InvalidArgument('amount', 'must be from 0 to 100');
    const now = this.clock.now();
    const { validFrom } = request;
    if (validFrom !== null && validFrom < now)
      throw new InvalidArgument('validFrom', 'must not be in the past: what was accepted keeps its price');
    const set = await this.transactions.run(PLATFORM, async tx => {
      const price = await this.put(tx, { ...request, amount: formatDecimal(units) }, now);
      await this.audit.record(tx, PLATFORM, { actorKeyId, action: 'price.set', detail: { ...price } });
      return price;
    });
    this.atHand.changed();
    return set;
  }

  private async put(tx: Tx, request: PriceRequest, now: Date): Promise<Price> {
    if (request.validFrom !== null) {
      const price = { ...request, validFrom: request.validFrom };
      await this.prices.put(tx, price);
      return price;
    }
    const from = new Date(now.getTime() - CLOCKS_DIFFER_MS);
    return { ...request, validFrom: await this.prices.putNow(tx, request, { now, from }) };
  }
}
