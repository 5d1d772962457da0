import { Module } from '@nestjs/common';
import { AccountsModule, TenantBirth } from '../accounts/index.js';
import { BalanceStore } from './balance.store.js';
import { CreditTenant } from './credit-tenant.js';
import { BillingResolver } from './graphql/billing.resolver.js';
import { Ledger } from './ledger.js';
import { LedgerStore } from './ledger.store.js';
import { PriceStore } from './price.store.js';
import { PricesAtHand } from './prices-at-hand.js';
import { ReadBilling } from './read-billing.js';
import { SetPrice } from './set-price.js';

@Module({
  imports: [AccountsModule],
  providers: [
    Ledger,
    CreditTenant,
    SetPrice,
    ReadBilling,
    BalanceStore,
    LedgerStore,
    PriceStore,
    PricesAtHand,
    BillingResolver,
  ],
  exports: [Ledger, CreditTenant, SetPrice, ReadBilling, PriceStore, PricesAtHand],
})
export class BillingModule {
  constructor(births: TenantBirth, balances: BalanceStore) {
    births.listen((tx, tenantId) => balances.open(tx, tenantId));
  }
}
