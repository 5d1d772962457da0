import { query } from './database.js';
import type { TestApp } from './test-app.js';

type Sql = <T extends Record<string, unknown>>(sql: string) => Promise<T[]>;

/** Every row of every table as text, binary columns in hexadecimal: for seeing what is nowhere in it. */
export const everythingStored = (app: TestApp): Promise<string> => dump(sql => app.sql(sql));

export const everythingStoredIn = (ownerUrl: string): Promise<string> => dump(sql => query(ownerUrl, sql));

async function dump(sql: Sql): Promise<string> {
  const tables = await sql<{ name: string }>(`select tablename as name from pg_tables where schemaname = 'public'`);
  const rows: string[] = [];
  for (const { name } of tables) {
    rows.push(...(await sql<{ row: string }>(`select t::text as row from ${name} t`)).map(({ row }) => row));
  }
  return rows.join('\n');
}
