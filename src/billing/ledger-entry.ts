import type { LedgerKind } from './ledger-kind.js';

/** One movement: `amount` is signed, `balanceAfter` what the balance was then. Exact decimals. */
export interface LedgerEntry {
  readonly id: string;
  readonly kind: LedgerKind;
  readonly amount: string;
  readonly balanceAfter: string;
  readonly messageId: string | null;
  readonly reason: string | null;
  readonly createdAt: Date;
}
