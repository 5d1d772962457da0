import { Injectable } from '@nestjs/common';
import type { Route, Tx } from '../kernel/index.js';
import type { Price } from './price-list.js';

const IN_FORCE = `select distinct on (route, prefix, currency) route, prefix, currency, valid_from as "validFrom", amount
  from prices where valid_from <= $1`;
const NEWEST = 'order by route, prefix, currency, valid_from desc';

/** Prices belong to the platform: the same for all tenants. */
@Injectable()
export class PriceStore {
  inForce(tx: Tx, now: Date): Promise<Price[]> {
    return tx.rows(`${IN_FORCE} ${NEWEST}`, [now]);
  }

  inForceFor(tx: Tx, now: Date, of: { readonly route: Route; readonly currency: string }): Promise<Price[]> {
    return tx.rows(`${IN_FORCE} and route = $2 and currency = $3 ${NEWEST}`, [now, of.route, of.currency]);
  }

  /** When the next price comes into force; null: none is set for later. */
  async nextFrom(tx: Tx, now: Date, of: { readonly route: Route; readonly currency: string }): Promise<Date | null> {
    const row = await tx.first<{ next: Date | null }>(
      'select min(valid_from) as next from prices where route = $2 and currency = $3 and valid_from > $1',
      [now, of.route, of.currency],
    );
    return row?.next ?? null;
  }

  async put(tx: Tx, price: Price): Promise<void> {
    await tx.rows(
      `insert into prices (route, prefix, currency, valid_from, amount) values ($1, $2, $3, $4, $5)
       on conflict (route, prefix, currency, valid_from) do update set amount = excluded.amount`,
      [price.route, price.prefix, price.currency, price.validFrom, price.amount],
    );
  }

  /** From `from` on, or from just after the price that is in force by `now`, whichever is later. Answers since when. */
  async putNow(tx: Tx, price: Omit<Price, 'validFrom'>, { now, from }: { now: Date; from: Date }): Promise<Date> {
    const row = await tx.first<{ validFrom: Date }>(
      `insert into prices (route, prefix, currency, valid_from, amount)
       select $1, $2, $3, greatest($6, max(valid_from) + interval '1 millisecond'), $4
         from prices where route = $1 and prefix = $2 and currency = $3 and valid_from <= $5
       on conflict (route, prefix, currency, valid_from) do update set amount = excluded.amount
       returning valid_from as "validFrom"`,
      [price.route, price.prefix, price.currency, price.amount, now, from],
    );
    if (row === null) throw new Error('a price was not set');
    return row.validFrom;
  }
}
