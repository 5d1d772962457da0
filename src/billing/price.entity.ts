import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { Route } from '../kernel/index.js';

/** Price of one part, by route and number prefix; the longest prefix wins. */
@Entity('prices')
@Check('prices_amount', `amount >= 0`)
export class PriceRow {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'prices_pk' })
  route: Route;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'prices_pk' })
  prefix: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'prices_pk' })
  currency: string;

  @PrimaryColumn('timestamptz', { name: 'valid_from', primaryKeyConstraintName: 'prices_pk' })
  validFrom: Date;

  @Column('numeric', { precision: 14, scale: 4 })
  amount: string;
}
