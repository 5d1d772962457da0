import { Injectable } from '@nestjs/common';
import { AuditTrail, type Caller, TenantStore, tenantToRead } from '../accounts/index.js';
import { Clock, NotFound, type Route, type TenantId, Transactions, type Tx } from '../kernel/index.js';
import { BalanceStore } from './balance.store.js';
import type { LedgerEntry } from './ledger-entry.js';
import { LedgerStore } from './ledger.store.js';
import { type Price, PriceList } from './price-list.js';
import { PriceStore } from './price.store.js';

/** Any number of metropolitan France: what a part costs "in general" is what it costs there. */
const FRENCH_NUMBER = '+33612345678';

export interface BillingSummary {
  readonly balance: string;
  readonly currency: string;
  /** Of one part to a French number, now; null where the route has no price for it. */
  readonly partPrices: Readonly<Record<Route, string | null>>;
}

@Injectable()
export class ReadBilling {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly prices: PriceStore,
    private readonly balances: BalanceStore,
    private readonly entries: LedgerStore,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  pricesInForce(): Promise<Price[]> {
    return this.transactions.run([], tx => this.prices.inForce(tx, this.clock.now()));
  }

  /** Newest first. `named`: the tenant an administrator reads, which is audited; null: the caller's own. */
  ledger(
    caller: Caller,
    named: TenantId | null,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<LedgerEntry[]> {
    const tenantId = tenantToRead(caller, named);
    return this.transactions.run(tenantId, async tx => {
      if (caller.tenantId !== tenantId)
        await this.audit.record(tx, tenantId, { actorKeyId: caller.keyId, action: 'ledger.read' });
      return this.entries.page(tx, tenantId, page);
    });
  }

  balancesOf(tenantIds: readonly TenantId[]): Promise<Map<TenantId, string>> {
    return this.transactions.run(tenantIds, tx => this.balances.findMany(tx, tenantIds));
  }

  /** Throws NotFound. */
  summary(tenantId: TenantId): Promise<BillingSummary> {
    return this.transactions.run(tenantId, async tx => {
      const tenant = await this.tenants.find(tx, tenantId);
      if (tenant === null) throw new NotFound('tenant');
      const { currency } = tenant;
      return {
        balance: await this.balances.find(tx, tenantId),
        currency,
        partPrices: {
          PREMIUM: await this.frenchPartPrice(tx, 'PREMIUM', currency),
          ECO: await this.frenchPartPrice(tx, 'ECO', currency),
        },
      };
    });
  }

  private async frenchPartPrice(tx: Tx, route: Route, currency: string): Promise<string | null> {
    const prices = await this.prices.inForceFor(tx, this.clock.now(), { route, currency });
    return new PriceList(prices).partPrice(FRENCH_NUMBER);
  }
}
