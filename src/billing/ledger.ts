import { Injectable } from '@nestjs/common';
import { Clock, formatDecimal, Ids, parseDecimal, type TenantId, type Tx } from '../kernel/index.js';
import { BalanceStore } from './balance.store.js';
import { InsufficientCredit } from './billing.errors.js';
import type { LedgerEntry } from './ledger-entry.js';
import type { LedgerKind } from './ledger-kind.js';
import { LedgerStore } from './ledger.store.js';

interface Movement {
  readonly kind: LedgerKind;
  /** Signed. */
  readonly amount: string;
  readonly messageId?: string;
  readonly reason?: string;
  readonly idempotencyKey?: string;
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

  /** Sets a message's price aside at acceptance. Throws InsufficientCredit; the database never goes below zero. */
  async reserve(
    tx: Tx,
    tenantId: TenantId,
    price: { readonly amount: string; readonly currency: string; readonly messageId: string },
  ): Promise<void> {
    if (isZero(price.amount)) return;
    const entry = await this.move(tx, tenantId, {
      kind: 'RESERVATION',
      amount: negated(price.amount),
      messageId: price.messageId,
    });
    if (entry === null)
      throw new InsufficientCredit(price.amount, await this.balances.find(tx, tenantId), price.currency);
  }

  /** Pays back what did not go. The caller's UPDATE of the deliveries decides how much, once. */
  async refund(
    tx: Tx,
    tenantId: TenantId,
    due: { readonly amount: string; readonly messageId: string; readonly reason: string },
  ): Promise<void> {
    if (isZero(due.amount)) return;
    await this.move(tx, tenantId, { kind: 'REFUND', amount: due.amount, messageId: due.messageId, reason: due.reason });
  }

  /** Null where the balance would fall below zero: then nothing moved. */
  async move(tx: Tx, tenantId: TenantId, movement: Movement): Promise<LedgerEntry | null> {
    const balanceAfter = await this.balances.move(tx, tenantId, movement.amount);
    if (balanceAfter === null) return null;
    const entry: LedgerEntry = {
      id: this.ids.uuid(),
      kind: movement.kind,
      amount: movement.amount,
      balanceAfter,
      messageId: movement.messageId ?? null,
      reason: movement.reason ?? null,
      createdAt: this.clock.now(),
    };
    await this.entries.insert(tx, tenantId, { ...entry, idempotencyKey: movement.idempotencyKey ?? null });
    return entry;
  }
}

const isZero = (amount: string): boolean => parseDecimal(amount) === 0n;
const negated = (amount: string): string => formatDecimal(-parseDecimal(amount));
