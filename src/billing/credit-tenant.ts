import { Injectable } from '@nestjs/common';
import { AuditTrail, TenantStore } from '../accounts/index.js';
import {
  formatDecimal,
  InvalidArgument,
  NotFound,
  parseDecimal,
  type TenantId,
  Transactions,
} from '../kernel/index.js';
import { BalanceStore } from './balance.store.js';
import { BelowZero, CreditKeyReused } from './billing.errors.js';
import { Ledger } from './ledger.js';
import type { LedgerEntry } from './ledger-entry.js';
import { LedgerStore } from './ledger.store.js';

export interface Credit {
  /** Signed exact decimal; a negative one takes credit back, never below zero. */
  readonly amount: string;
  readonly reason: string;
  readonly idempotencyKey: string;
}

/** Room is left below what the database's numeric(14,4) holds, so that a refund always fits. */
const MOST = parseDecimal('999999999.9999');

@Injectable()
export class CreditTenant {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly balances: BalanceStore,
    private readonly entries: LedgerStore,
    private readonly ledger: Ledger,
    private readonly audit: AuditTrail,
  ) {}

  /** The same key with the same amount and reason answers the first entry again. `actorKeyId` null: the first run. */
  execute(tenantId: TenantId, credit: Credit, actorKeyId: string | null): Promise<LedgerEntry> {
    const amount = formatDecimal(parseDecimal(credit.amount));
    const { idempotencyKey } = credit;
    const reason = credit.reason.trim();
    if (parseDecimal(amount) === 0n) throw new InvalidArgument('amount', 'must not be zero');
    return this.transactions.run(tenantId, async tx => {
      // The tenant's row orders concurrent credits, so that a doubled request waits and then finds the first's entry.
      const tenant = await this.tenants.findForUpdate(tx, tenantId);
      if (tenant === null) throw new NotFound('tenant');
      const earlier = await this.entries.findByKey(tx, tenantId, idempotencyKey);
      if (earlier !== null) {
        if (earlier.amount !== amount || earlier.reason !== reason) throw new CreditKeyReused();
        return earlier;
      }
      if (parseDecimal(await this.balances.find(tx, tenantId)) + parseDecimal(amount) > MOST)
        throw new InvalidArgument('amount', `would take the balance above ${formatDecimal(MOST)} ${tenant.currency}`);
      const entry = await this.ledger.move(tx, tenantId, { kind: 'CREDIT', amount, reason, idempotencyKey });
      if (entry === null) throw new BelowZero(await this.balances.find(tx, tenantId), tenant.currency);
      await this.audit.record(tx, tenantId, { actorKeyId, action: 'tenant.credited', detail: { amount, reason } });
      return entry;
    });
  }
}
