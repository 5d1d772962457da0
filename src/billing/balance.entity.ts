import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../kernel/index.js';

/** A tenant's credit: always the sum of its ledger, never below zero. */
@Entity('balances')
@Check('balances_never_negative', `amount >= 0`)
export class BalanceRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'balances_pk' })
  tenantId: TenantId;

  @Column('numeric', { precision: 14, scale: 4 })
  amount: string;

  /** How many ledger entries there are: counted under the row's lock, it gives each its place. */
  @Column('bigint', { default: 0 })
  entries: string;
}
