import { Injectable } from '@nestjs/common';
import type { Tx } from '../../kernel/index.js';

@Injectable()
export class RateLimitStore {
  /**
   * Takes `slots` slots in a row, `spacingMs` apart, and says how long until the first of them. By the database's clock, the
   * only one that all processes share.
   */
  async reserve(tx: Tx, name: string, spacingMs: number, slots: number): Promise<number> {
    const row = await tx.first<{ waitMs: number }>(
      `insert into rate_limits as r (name, next_at) values ($1, clock_timestamp() + $2 * interval '1 millisecond')
       on conflict (name) do update
         set next_at = greatest(r.next_at, clock_timestamp()) + $2 * interval '1 millisecond'
       returning greatest(0, extract(epoch from (next_at - $2 * interval '1 millisecond' - clock_timestamp())) * 1000)::float8 as "waitMs"`,
      [name, spacingMs * slots],
    );
    return row?.waitMs ?? 0;
  }
}
