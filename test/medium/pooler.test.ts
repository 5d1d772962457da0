import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dataSourceOptions } from '../../src/data-source.js';
import { asTenantId, type TenantId, Transactions } from '../../src/kernel/index.js';
import { checkAppRole, migrate } from '../../src/migrate.js';
import { createDatabase, query, type TestDatabase } from '../support/database.js';
import { accepted, look } from '../support/messages.js';
import { PgBouncer, pgbouncerInstalled } from '../support/pgbouncer.js';
import { appAt, configOf, type TestApp, type TestTenant } from '../support/test-app.js';

const TUESDAY = '2026-01-06T09:00:00Z';

let database: TestDatabase;
let tenants: TenantId[];
beforeAll(async () => {
  database = await createDatabase();
  const app = await appAt(TUESDAY, { databaseUrl: database.ownerUrl });
  const made: TestTenant[] = [];
  for (let count = 1; count <= 3; count += 1) {
    const tenant = await app.tenant();
    for (let message = 0; message < count; message += 1) await accepted(tenant.gql);
    made.push(tenant);
  }
  tenants = made.map(({ id }) => asTenantId(id));
  await app.close();
});
afterAll(() => database.drop());

/** Whose messages a transaction sees, who it is, on which connection, and how long a statement may take. */
const LOOK = `select current_user as role, pg_backend_pid() as pid, current_setting('statement_timeout') as timeout,
  array(select distinct tenant_id::text from messages) as seen, (select count(*)::int from messages) as count`;

interface Look {
  readonly role: string;
  readonly pid: number;
  readonly timeout: string;
  readonly seen: string[];
  readonly count: number;
}

/** Many transactions at once, of three tenants and of none, some of which fail. */
async function interleaved(transactions: Transactions): Promise<readonly (Look & { readonly expected: number })[]> {
  return Promise.all(
    Array.from({ length: 90 }, async (_, index) => {
      const place = index % 4;
      const tenantId = tenants[place];
      if (index % 5 === 0)
        await expect(transactions.run(tenantId ?? [], tx => tx.rows('select 1 / 0'))).rejects.toThrow(
          'division by zero',
        );
      const [seen] = await transactions.run(tenantId ?? [], tx => tx.rows<Look>(LOOK));
      if (seen === undefined) throw new Error('saw nothing');
      expect(seen.seen).toEqual(tenantId === undefined ? [] : [tenantId]);
      return { ...seen, expected: tenantId === undefined ? 0 : place + 1 };
    }),
  );
}

describe('on one connection that several tenants use in turn', () => {
  let dataSource: DataSource;
  afterEach(() => dataSource.destroy());

  test.for([
    ['with its options', false],
    ['with nothing but what each transaction sets for itself, as behind a pooler', true],
  ] as const)('each transaction sees its own tenant and leaves nothing behind, %s', async ([, pooled]) => {
    const connecting = { url: database.ownerUrl, asAppRole: true, poolSize: 1, pooled };
    dataSource = await new DataSource(dataSourceOptions(connecting)).initialize();
    const config = configOf(pooled ? { DATABASE_URL: database.ownerUrl, DATABASE_DIRECT_URL: database.ownerUrl } : {});
    const looks = await interleaved(new Transactions(dataSource, config));
    expect(new Set(looks.map(({ pid }) => pid)).size).toBe(1);
    for (const { role, timeout, count, expected } of looks)
      expect({ role, timeout, count }).toEqual({ role: 'relais_app', timeout: '30s', count: expected });
    const after = await dataSource.query<{ tenants: string }[]>(
      `select coalesce(current_setting('app.tenant_ids', true), '') as tenants`,
    );
    expect(after).toEqual([{ tenants: '' }]);
  });
});

describe.skipIf(!pgbouncerInstalled())('behind a PgBouncer in transaction mode', () => {
  let pooler: PgBouncer;
  beforeAll(async () => {
    pooler = await PgBouncer.before(database.ownerUrl, 2);
  });
  afterAll(() => pooler.stop());

  test('each transaction sees its own tenant, whoever had the connection before', async () => {
    const connecting = { url: pooler.url, asAppRole: true, poolSize: 20, pooled: true };
    const dataSource = await new DataSource(dataSourceOptions(connecting)).initialize();
    try {
      const config = configOf({ DATABASE_URL: pooler.url, DATABASE_DIRECT_URL: database.ownerUrl });
      const looks = await interleaved(new Transactions(dataSource, config));
      expect(new Set(looks.map(({ pid }) => pid)).size).toBeLessThanOrEqual(2);
      for (const { role, timeout, count, expected } of looks)
        expect({ role, timeout, count }).toEqual({ role: 'relais_app', timeout: '30s', count: expected });
    } finally {
      await dataSource.destroy();
    }
  });

  test('the whole of Relais works: several tenants at once, workers, receipts', async () => {
    const env = { DATABASE_DIRECT_URL: database.ownerUrl, DATABASE_POOL_SIZE: '20' };
    const app: TestApp = await appAt(TUESDAY, { databaseUrl: pooler.url, env });
    try {
      const made = await Promise.all([1, 2, 3, 4].map(() => app.tenant()));
      const sent = await Promise.all(made.flatMap(tenant => [1, 2, 3, 4, 5].map(() => accepted(tenant.gql))));
      await app.tick();
      app.clock.advance({ seconds: 2 });
      await app.tick();
      for (const [index, { id }] of sent.entries()) {
        const owner = made[Math.floor(index / 5)];
        if (owner === undefined) throw new Error('nobody');
        expect((await look(owner.gql, id)).status).toBe('COMPLETED');
      }
      const all = '{ messages(first: 100) { nodes { id } } }';
      const own = await Promise.all(made.map(({ gql }) => gql.run<{ messages: { nodes: unknown[] } }>(all)));
      expect(own.map(({ messages }) => messages.nodes.length)).toEqual([5, 5, 5, 5]);
      const servers = await query<{ count: number }>(
        database.ownerUrl,
        `select count(*)::int as count from pg_stat_activity where datname = $1 and application_name = 'relais'`,
        [database.name],
      );
      expect(servers[0]?.count).toBeLessThanOrEqual(2);
    } finally {
      await app.close();
    }
  });

  test('migrations and the check of the role go past it or without what it refuses', async () => {
    expect(await migrate(database.ownerUrl)).toBe(0);
    await expect(checkAppRole(pooler.url, false)).rejects.toThrow('no superuser');
    // A connection with options, which a pooler does not pass on, is refused and not served as somebody else.
    await expect(checkAppRole(pooler.url, true)).rejects.toThrow(/startup parameter/);
  });
});
