import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APP_ROLE, dataSourceOptions, SYSTEM_ROLE } from '../../src/data-source.js';
import { PLATFORM, Transactions } from '../../src/kernel/index.js';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../src/kernel/embedded-postgres/embedded-database.js';
import { checkAppRole, migrate } from '../../src/migrate.js';
import { createDatabase, createEmptyDatabase, query, type TestDatabase } from '../support/database.js';
import { appAt, configOf } from '../support/test-app.js';

/** Opens a data source for as long as `work` takes. */
const newestMigration = (source: DataSource): Promise<{ readonly name: string }[]> =>
  source.query('select name from migrations order by timestamp desc limit 1');

async function using<T>(url: string, asAppRole: boolean, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const dataSource = await new DataSource(dataSourceOptions({ url, asAppRole, poolSize: 2 })).initialize();
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

const schemaOf = (url: string): Promise<Record<string, unknown>[]> =>
  query(
    url,
    `select 'column' as kind, table_name || '.' || column_name as name, data_type || ' ' || is_nullable as detail
       from information_schema.columns where table_schema = 'public'
     union all select 'index', indexname, indexdef from pg_indexes where schemaname = 'public'
     union all select 'policy', tablename || '.' || policyname, coalesce(qual, '') || roles::text from pg_policies
     union all select 'function', proname, prosrc || proowner::regrole || coalesce(proacl::text, '')
       from pg_proc where pronamespace = 'public'::regnamespace
     union all select 'constraint', conname, pg_get_constraintdef(oid) from pg_constraint
      where connamespace = 'public'::regnamespace
     union all select 'table', relname, relrowsecurity::text || relforcerowsecurity || coalesce(relacl::text, '')
       from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'S')
     order by 1, 2, 3`,
  );

describe('on an empty database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createEmptyDatabase();
  });
  afterAll(() => database.drop());

  test('three processes that migrate at once: one works, the others wait and find it done', async () => {
    const done = await Promise.all([1, 2, 3].map(() => migrate(database.ownerUrl)));
    expect(done.filter(count => count > 0)).toHaveLength(1);
    const names = await query<{ name: string }>(database.ownerUrl, 'select name from migrations order by id');
    expect(names).toHaveLength(Math.max(...done));
    expect(await migrate(database.ownerUrl)).toBe(0);
  });

  test('the entities and the migrated schema do not differ', async () => {
    const statements = await using(database.ownerUrl, false, async dataSource => {
      const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
      return upQueries.map(({ query: statement }) => statement);
    });
    expect(statements).toEqual([]);
  });

  test('every migration goes down, leaves nothing, and comes up again the same', async () => {
    const before = await schemaOf(database.ownerUrl);
    await using(database.ownerUrl, false, async dataSource => {
      for (let left = dataSource.migrations.length; left > 0; left -= 1) await dataSource.undoLastMigration();
    });
    const left = await query<{ name: string }>(
      database.ownerUrl,
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'S', 'v')
       union all select proname from pg_proc where pronamespace = 'public'::regnamespace`,
    );
    expect(left.map(({ name }) => name).toSorted()).toEqual(['migrations', 'migrations_id_seq']);
    expect(await migrate(database.ownerUrl)).toBeGreaterThan(0);
    expect(await schemaOf(database.ownerUrl)).toEqual(before);
  });
});

test('the app works as the lesser role where it is given the owner', async () => {
  const app = await appAt('2026-01-07T10:00:00Z');
  const [role] = await app.nest
    .get(DataSource)
    .query<{ name: string; bypasses: boolean }[]>(
      'select rolname as name, rolsuper or rolbypassrls as bypasses from pg_roles where rolname = current_user',
    );
  expect(role).toEqual({ name: APP_ROLE, bypasses: false });
  await app.close();
});

test('checkAppRole refuses a superuser and says how to mend it', async () => {
  const database = await createDatabase();
  await expect(checkAppRole(database.ownerUrl, false)).rejects.toThrow(/no superuser.*run "GRANT relais_app TO" it/);
  await expect(checkAppRole(database.ownerUrl, true)).resolves.toBeUndefined();
  await database.drop();
});

/** The least an app does: writes and reads through the wall, and sees nothing without naming a tenant. */
const works = (url: string, asAppRole: boolean): Promise<unknown> =>
  using(url, asAppRole, async dataSource => {
    const transactions = new Transactions(dataSource, configOf({}));
    await transactions.run(PLATFORM, tx =>
      tx.rows(`insert into balances (tenant_id, amount) values ($1, 5) on conflict do nothing`, [PLATFORM]),
    );
    const seen = await transactions.run(PLATFORM, tx => tx.rows('select amount from balances'));
    const unseen = await transactions.run([], tx => tx.rows('select amount from balances'));
    const named = await transactions.run([], tx => tx.rows(`select * from api_key_in_force('\\x00', now())`));
    return { seen, unseen, named };
  });

const WORKING = { seen: [{ amount: '5.0000' }], unseen: [], named: [] };

/** A server where nothing has been migrated yet, whose administrator hands out databases as a managed service does. */
describe('on a managed server', () => {
  let dataDir: string;
  let server: EmbeddedDatabase;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'relais-managed-'));
    await chmod(dataDir, 0o711);
    server = await startEmbeddedDatabase(dataDir, ['-c', 'fsync=off']);
  });

  afterAll(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const admin = (sql: string): Promise<unknown> => query(server.ownerUrl, sql);

  /** A login role, with the URL it has at a database. */
  async function login(name: string, rights: string): Promise<(database: string) => string> {
    const password = randomBytes(9).toString('base64url');
    await admin(`create role ${name} login ${rights} password '${password}'`);
    return database => {
      const url = new URL(server.ownerUrl);
      url.username = name;
      url.password = password;
      url.pathname = `/${database}`;
      return url.href;
    };
  }

  // The order of these tests is the story: the roles belong to the server and are made by the first migration.
  test('an owner who may neither make roles nor was given them is told what to ask for', async () => {
    const poor = await login('poor', '');
    await admin('create database poor_db owner poor');
    await expect(migrate(poor('poor_db'))).rejects.toThrow(
      /"CREATE ROLE relais_app" where it does not exist and then "GRANT relais_app TO poor"/,
    );
  });

  test('an owner who is no superuser but may make roles migrates, and the app works as the lesser role', async () => {
    const owner = await login('shop', 'createrole');
    await admin('create database shop_db owner shop');
    expect(await migrate(owner('shop_db'))).toBeGreaterThan(0);
    await expect(checkAppRole(owner('shop_db'), false)).rejects.toThrow(/owns no table/);
    await expect(checkAppRole(owner('shop_db'), true)).resolves.toBeUndefined();
    expect(await works(owner('shop_db'), true)).toEqual(WORKING);
    // Forced: the owner himself sees no tenant's rows.
    expect(await using(owner('shop_db'), false, source => source.query('select * from balances'))).toEqual([]);
    await using(owner('shop_db'), false, source => source.undoLastMigration());
    expect(await migrate(owner('shop_db'))).toBe(1);
    expect(await works(owner('shop_db'), true)).toEqual(WORKING);
  });

  test('ledger entries from before get their places, though the owner himself sees no tenant’s rows', async () => {
    const owner = await login('till', 'createrole');
    await admin('create database till_db owner till');
    await admin(`grant ${APP_ROLE}, ${SYSTEM_ROLE} to till`);
    const url = owner('till_db');
    await migrate(url);
    let undone = 0;
    for (let name = ''; name !== 'KeysAndAudit1767830400000'; undone += 1) {
      [name = ''] = (await using(url, false, newestMigration)).map(row => row.name);
      await using(url, false, source => source.undoLastMigration());
    }
    await using(url, true, source =>
      new Transactions(source, configOf({ DATABASE_URL: url })).run(PLATFORM, async tx => {
        await tx.rows('insert into balances (tenant_id, amount) values ($1, 3)', [PLATFORM]);
        for (const [id, amount] of [1, 2].entries())
          await tx.rows(
            `insert into ledger_entries (tenant_id, id, kind, amount, balance_after, created_at) values ($1, $2, 'CREDIT', $3, $3, now())`,
            [PLATFORM, `0198a1b2-0000-7000-8000-00000000000${id}`, amount],
          );
      }),
    );
    expect(await migrate(url)).toBe(undone);
    const told = await using(url, true, source =>
      new Transactions(source, configOf({ DATABASE_URL: url })).run(PLATFORM, tx =>
        tx.rows(
          'select l.place::int, l.amount, b.entries::int from ledger_entries l natural join (select tenant_id, entries from balances) b order by l.id',
        ),
      ),
    );
    expect(told).toEqual([
      { place: 1, amount: '1.0000', entries: 2 },
      { place: 2, amount: '2.0000', entries: 2 },
    ]);
  });

  test('one role migrates and another one, which was granted relais_app, works', async () => {
    const app = await login('shop_app', '');
    await expect(checkAppRole(app('shop_db'), false)).rejects.toThrow('run "GRANT relais_app TO" it');
    await admin(`grant ${APP_ROLE} to shop_app`);
    await expect(checkAppRole(app('shop_db'), false)).resolves.toBeUndefined();
    expect(await works(app('shop_db'), false)).toEqual(WORKING);
    await admin(`grant ${SYSTEM_ROLE} to shop_app`);
    await expect(checkAppRole(app('shop_db'), false)).rejects.toThrow(/member of no role that does/);
    await admin(`revoke ${SYSTEM_ROLE} from shop_app`);
    await admin('grant shop to shop_app');
    await expect(checkAppRole(app('shop_db'), false)).rejects.toThrow(/owns no table/);
  });

  test('a second database of the server, of an owner who was given the roles', async () => {
    const other = await login('other', '');
    await admin('create database other_db owner other');
    await expect(migrate(other('other_db'))).rejects.toThrow('"GRANT relais_app TO other"');
    await admin(`grant ${APP_ROLE}, ${SYSTEM_ROLE} to other`);
    expect(await migrate(other('other_db'))).toBeGreaterThan(0);
    await expect(checkAppRole(other('other_db'), true)).resolves.toBeUndefined();
    expect(await works(other('other_db'), true)).toEqual(WORKING);
  });
});
