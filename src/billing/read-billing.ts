import { Injectable } from '@nestjs/common';
import { Clock, type TenantId, Transactions } from '../kernel/index.js';
import { BalanceStore } from './balance.store.js';
import type { Price } from './price-list.js';
import { PriceStore } from './price.store.js';

@Injectable()
export class ReadBilling {
  constructor(
    private readonly transactions: Transactions,
    private readonly prices: PriceStore,
    private readonly balances: BalanceStore,
    private readonly clock: Clock,
  ) {}

  pricesInForce(): Promise<Price[]> {
    return this.transactions.run([], tx => this.prices.inForce(tx, this.clock.now()));
  }

  balancesOf(tenantIds: readonly TenantId[]): Promise<Map<TenantId, string>> {
    return this.transactions.run(tenantIds, tx => this.balances.findMany(tx, tenantIds));
  }
}
