import pg from 'pg';
import { vi } from 'vitest';

/** The SQL that this process sends while something is done; not what it says to other processes, which it does when it likes. */
export async function statementsOf(act: () => Promise<unknown>): Promise<readonly string[]> {
  const spy = vi.spyOn(pg.Client.prototype, 'query');
  try {
    await act();
    return spy.mock.calls
      .map(([query]: readonly unknown[]) => textOf(query))
      .filter(sql => !sql.startsWith('select pg_notify('));
  } finally {
    spy.mockRestore();
  }
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  return typeof query === 'object' && query !== null && 'text' in query ? String(query.text) : '';
}
