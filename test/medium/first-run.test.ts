import { afterEach, describe, expect, test } from 'vitest';
import { type Running, start } from '../../src/start.js';
import { createEmptyDatabase, query, type TestDatabase } from '../support/database.js';
import { everythingStoredIn } from '../support/everything-stored.js';
import { GraphqlClient } from '../support/graphql-client.js';
import { accepted } from '../support/messages.js';

const GIVEN = `rk_${'a1B2-_'.repeat(7)}Z`;

let database: TestDatabase;
const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(relais => relais.stop()));
  await database.drop();
});

/** Relais as its main program starts it, on a free port. */
async function run(env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const relais = await start({
    DATABASE_URL: database.ownerUrl,
    MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'silent',
    ROLE: 'api',
    DATABASE_POOL_SIZE: '4',
    ...env,
  });
  running.push(relais);
  return relais;
}

const counts = async (): Promise<unknown> =>
  (
    await query(
      database.ownerUrl,
      `select (select count(*)::int from tenants) as tenants,
              (select count(*)::int from api_keys where 'ADMIN' = any(scopes)) as administrators,
              (select count(*)::int from api_keys where not 'ADMIN' = any(scopes)) as keys,
              (select coalesce(sum(amount), 0)::text from ledger_entries) as credit`,
    )
  )[0];
const ONCE = { tenants: 1, administrators: 1, keys: 1, credit: '100.0000' };

describe('the first run on an empty database', () => {
  test('makes an administrator and a demo tenant that can send at once; the second run makes nothing', async () => {
    database = await createEmptyDatabase();
    const { address, firstRunKeys } = await run();
    expect(await counts()).toEqual(ONCE);
    const url = address ?? '';
    const admin = new GraphqlClient(url, firstRunKeys?.adminKey ?? null);
    expect(await admin.run('{ viewer { scopes tenant { id } } tenants { nodes { name balance } } }')).toEqual({
      viewer: { scopes: ['ADMIN'], tenant: null },
      tenants: { nodes: [{ name: 'Demo', balance: '100.0000' }] },
    });
    const demo = new GraphqlClient(url, firstRunKeys?.demoKey ?? null);
    expect((await accepted(demo)).cost).toBe('0.0450');
    expect((await run()).firstRunKeys).toBeNull();
    expect(await counts()).toMatchObject({ tenants: 1, administrators: 1, keys: 1 });
    const stored = await everythingStoredIn(database.ownerUrl);
    for (const key of [firstRunKeys?.adminKey, firstRunKeys?.demoKey]) expect(stored).not.toContain(key?.slice(3));
  });

  test('by three processes at once makes them once, and one process tells the keys', async () => {
    database = await createEmptyDatabase();
    const all = await Promise.all([run(), run(), run()]);
    expect(all.filter(relais => relais.firstRunKeys !== null)).toHaveLength(1);
    expect(await counts()).toEqual(ONCE);
  });

  test('takes ADMIN_API_KEY instead of inventing a key, and does not repeat it', async () => {
    database = await createEmptyDatabase();
    const { address, firstRunKeys } = await run({ ADMIN_API_KEY: GIVEN });
    expect(firstRunKeys?.adminKey).toBeNull();
    expect(firstRunKeys?.demoKey).toMatch(/^rk_/);
    const admin = new GraphqlClient(address ?? '', GIVEN);
    expect(await admin.run('{ viewer { scopes } }')).toEqual({ viewer: { scopes: ['ADMIN'] } });
    expect((await run({ ADMIN_API_KEY: GIVEN })).firstRunKeys).toBeNull();
    expect(await counts()).toEqual(ONCE);
    expect(await everythingStoredIn(database.ownerUrl)).not.toContain(GIVEN.slice(3));
  });

  test('with an ADMIN_API_KEY given later adds it, and makes no second demo tenant', async () => {
    database = await createEmptyDatabase();
    const first = await run();
    const { address, firstRunKeys } = await run({ ADMIN_API_KEY: GIVEN });
    expect(firstRunKeys).toEqual({ adminKey: null, demoKey: null });
    for (const key of [GIVEN, first.firstRunKeys?.adminKey ?? null])
      expect((await new GraphqlClient(address ?? '', key).ask('{ viewer { scopes } }')).errors).toEqual([]);
    expect(await counts()).toEqual({ ...ONCE, administrators: 2 });
  });

  test('where real SMS would leave makes no demo tenant: nobody gets credit by himself', async () => {
    database = await createEmptyDatabase();
    const { firstRunKeys } = await run({
      SMS_PROVIDER: 'smspartner',
      SMSPARTNER_API_KEY: 'x',
      PUBLIC_URL: 'http://127.0.0.1',
    });
    expect(firstRunKeys).toEqual({ adminKey: expect.stringMatching(/^rk_/), demoKey: null });
    expect(await counts()).toEqual({ tenants: 0, administrators: 1, keys: 0, credit: '0' });
  });
});
