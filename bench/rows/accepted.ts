import type { Bench } from '../bench.js';
import { expectEqual } from './row.js';

/** What clients were told is what is written down, and paid for. */
export async function expectAccepted(
  { postgres }: Bench,
  database: string,
  told: { readonly messages: number; readonly recipients: number },
): Promise<void> {
  const count = (sql: string): Promise<number> => postgres.number(database, sql);
  expectEqual('messages', await count('select count(*) from messages'), told.messages);
  expectEqual('deliveries', await count('select count(*) from deliveries'), told.recipients);
  const reserved = `select count(*) from ledger_entries where kind = 'RESERVATION'`;
  expectEqual('reservations', await count(reserved), told.messages);
  const credit = `select sum(amount) from ledger_entries where kind = 'CREDIT'`;
  const spent = `select ((${credit}) - sum(amount)) / 0.0450 from balances`;
  expectEqual('recipients paid for', await count(spent), told.recipients);
}
