import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../kernel/index.js';
import type { LedgerKind } from './ledger-kind.js';

/** One movement of a tenant's credit. The app may add and read, never change. */
@Entity('ledger_entries')
@Check('ledger_entries_kind', `kind in ('CREDIT', 'RESERVATION', 'REFUND')`)
@Index('ledger_entries_idempotency', ['tenantId', 'idempotencyKey'], {
  unique: true,
  where: 'idempotency_key is not null',
})
@Index('ledger_entries_place', ['tenantId', 'place'], { unique: true })
export class LedgerEntryRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'ledger_entries_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ledger_entries_pk' })
  id: string;

  @Column('text')
  kind: LedgerKind;

  @Column('numeric', { precision: 14, scale: 4 })
  amount: string;

  @Column('numeric', { name: 'balance_after', precision: 14, scale: 4 })
  balanceAfter: string;

  @Column('uuid', { name: 'message_id', nullable: true })
  messageId: string | null;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('text', { name: 'idempotency_key', nullable: true })
  idempotencyKey: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  /** From one on, in the order in which the balance moved: ids are in the order of clocks, and processes have several. */
  @Column('bigint')
  place: string;
}
