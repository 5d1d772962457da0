import type { Bench } from '../bench.js';
import { expectEqual } from './row.js';

/** What the provider booked is what is told to have gone, each once. */
export async function expectSentOnce({ postgres, provider }: Bench, database: string): Promise<number> {
  const { sms, doubles } = await provider.tally();
  expectEqual('SMS to a number that had one', doubles, 0);
  const sent = `select count(*) from deliveries where status in ('SENT', 'DELIVERED')`;
  expectEqual('deliveries told to be sent', await postgres.number(database, sent), sms);
  return sms;
}
