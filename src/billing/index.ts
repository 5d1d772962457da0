export { BillingModule } from './billing.module.js';
export { InsufficientCredit } from './billing.errors.js';
export { CreditTenant } from './credit-tenant.js';
export { Ledger } from './ledger.js';
export { PriceList } from './price-list.js';
export { PriceStore } from './price.store.js';
export { ReadBilling } from './read-billing.js';
export type { BillingSummary } from './read-billing.js';
export { SetPrice } from './set-price.js';
