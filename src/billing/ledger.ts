import { Injectable } from '@nestjs/common';
import { Clock, formatDecimal, Ids, parseDecimal, type TenantId, type Tx } from '../kernel/index.js';
import { BalanceStore } from './balance.store.js';
import { InsufficientCredit } from './billing.errors.js';
import type { LedgerEntry } from './ledger-entry.js';
import type { LedgerKind } from './ledger-kind.js';
import { LedgerStore, type NewLedgerEntry } from './ledger.store.js';

interface Movement {
  readonly kind: LedgerKind;
  /** Signed. */
  readonly amount: string;
  readonly messageId?: string;
  readonly reason?: string;
  readonly idempotencyKey?: string;
}

/** What a message costs, or gets back. Exact decimal, not negative. */
interface Sum {
  readonly amount: string;
  readonly messageId: string;
}

/** The only way a balance moves: balance and ledger entry together, in the caller's transaction. */
@Injectable()
export class Ledger {
  constructor(
    private readonly balances: BalanceStore,
    private readonly entries: LedgerStore,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** Sets messages' prices aside at acceptance, all or none. Throws InsufficientCredit; the database never goes below zero. */
  async reserve(tx: Tx, tenantId: TenantId, prices: readonly Sum[], currency: string): Promise<void> {
    if ((await this.moveAll(tx, tenantId, 'RESERVATION', prices)) !== null) return;
    const required = formatDecimal(prices.reduce((sum, { amount }) => sum + parseDecimal(amount), 0n));
    throw new InsufficientCredit(required, await this.balances.find(tx, tenantId), currency);
  }

  /** As it is, without a lock: another movement may come first. */
  balanceOf(tx: Tx, tenantId: TenantId): Promise<string> {
    return this.balances.find(tx, tenantId);
  }

  /** Throws InsufficientCredit where this balance does not cover them: before anything is written for what is sure to be refused. */
  expectCover(balance: string, prices: readonly Sum[], currency: string): void {
    const required = prices.reduce((sum, { amount }) => sum + parseDecimal(amount), 0n);
    if (required > 0n && required > parseDecimal(balance))
      throw new InsufficientCredit(formatDecimal(required), balance, currency);
  }

  /** Pays back what did not go. The caller's UPDATE of the deliveries decides how much, once. */
  async refund(tx: Tx, tenantId: TenantId, dues: readonly Sum[], reason: string): Promise<void> {
    const left = await this.moveAll(tx, tenantId, 'REFUND', dues, reason);
    if (left === null) throw new Error('a refund was not taken');
  }

  /** All or none, one entry each; null where the balance would fall below zero. */
  private async moveAll(
    tx: Tx,
    tenantId: TenantId,
    kind: 'RESERVATION' | 'REFUND',
    sums: readonly Sum[],
    reason?: string,
  ): Promise<true | null> {
    const signed = sums
      .map(({ amount, messageId }) => ({ messageId, units: parseDecimal(amount) * (kind === 'REFUND' ? 1n : -1n) }))
      .filter(({ units }) => units !== 0n);
    if (signed.length === 0) return true;
    const total = formatDecimal(signed.reduce((sum, { units }) => sum + units, 0n));
    const movements = signed.map(({ units, messageId }) => {
      return { id: this.ids.uuid(), amount: formatDecimal(units), messageId };
    });
    const of = { kind, total, reason: reason ?? null, createdAt: this.clock.now() };
    return (await this.entries.moveBalance(tx, tenantId, of, movements)) ? true : null;
  }

  /** Null where the balance would fall below zero: then nothing moved. */
  async move(tx: Tx, tenantId: TenantId, movement: Movement): Promise<LedgerEntry | null> {
    const moved = await this.balances.move(tx, tenantId, movement.amount, 1);
    if (moved === null) return null;
    const entry = this.entryOf(movement, moved.amount, moved.lastPlace);
    await this.entries.insert(tx, tenantId, [entry]);
    return entry;
  }

  private entryOf(movement: Movement, balanceAfter: string, place: number): NewLedgerEntry {
    return {
      id: this.ids.uuid(),
      kind: movement.kind,
      amount: movement.amount,
      balanceAfter,
      messageId: movement.messageId ?? null,
      reason: movement.reason ?? null,
      createdAt: this.clock.now(),
      idempotencyKey: movement.idempotencyKey ?? null,
      place,
    };
  }
}
