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
} from '../kernel/index.js';
import type { Price } from './price-list.js';
import { PriceStore } from './price.store.js';

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

@Injectable()
export class SetPrice {
  constructor(
    private readonly transactions: Transactions,
    private readonly prices: PriceStore,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** `actorKeyId` null: Relais itself, on the first run. */
  execute(request: PriceRequest, actorKeyId: string | null): Promise<Price> {
    const units = parseDecimal(request.amount);
    if (units < 0n || units > HIGHEST) throw new InvalidArgument('amount', 'must be from 0 to 100');
    const now = this.clock.now();
    const validFrom = request.validFrom ?? now;
    if (validFrom < now)
      throw new InvalidArgument('validFrom', 'must not be in the past: what was accepted keeps its price');
    const price = { ...request, amount: formatDecimal(units), validFrom };
    return this.transactions.run(PLATFORM, async tx => {
      await this.prices.put(tx, price);
      await this.audit.record(tx, PLATFORM, { actorKeyId, action: 'price.set', detail: { ...price } });
      return price;
    });
  }
}
