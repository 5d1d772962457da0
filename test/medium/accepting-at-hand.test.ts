import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { GraphqlClient } from '../support/graphql-client.js';
import { accepted, balanceOf, refused } from '../support/messages.js';
import { statementsOf } from '../support/statements.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

const OPEN = '2026-01-06T09:00:00Z';
const SMS = 'mutation ($input: SendSmsInput!) { sendSms(input: $input) { __typename } }';

let database: TestDatabase;
let here: TestApp;
/** Another process on the same database, whose clock is another one. */
let there: TestApp;
let tenant: TestTenant;
beforeAll(async () => {
  database = await createDatabase();
  here = await appAt(OPEN, { databaseUrl: database.ownerUrl });
  there = await appAt(OPEN, { databaseUrl: database.ownerUrl });
});
beforeEach(async () => {
  tenant = await here.tenant();
});
afterAll(async () => {
  await here.close();
  await there.close();
  await database.drop();
});

/** Behind everybody's back: no process is told. */
const change = (sql: string): Promise<unknown> => here.sql(`update tenants set ${sql} where id = $1`, [tenant.id]);
const reasonOf = async (input: Readonly<Record<string, unknown>> = {}): Promise<unknown> => {
  const { errors } = await tenant.gql.ask(SMS, { input: { to: ['+33612345678'], text: 'Bonjour', ...input } });
  return errors[0]?.extensions.reason ?? 'accepted';
};
const messagesOf = (): Promise<{ count: number }[]> =>
  here.sql('select count(*)::integer as count from messages where tenant_id = $1', [tenant.id]);

describe('accepting an SMS', () => {
  test('reads neither the tenant nor his prices again within a second', async () => {
    const code = { category: 'TRANSACTIONAL' };
    await reasonOf(code);
    const statements = await statementsOf(() => reasonOf(code));
    expect(
      statements.map(sql => /^(begin|commit|select .* from \w+|insert into \w+|with moved)/.exec(sql)?.[0]),
    ).toEqual([
      'begin',
      'select xmin::text = $2 as same from tenants',
      'select id, events from webhooks',
      'insert into messages',
      'insert into submissions',
      'insert into deliveries',
      'insert into timeline_events',
      'with moved',
      'commit',
    ]);
  });

  test('asks who has opted out only where the law lets him', async () => {
    await accepted(tenant.gql);
    const asked = async (category: string) =>
      (await statementsOf(() => accepted(tenant.gql, { category }))).filter(sql => sql.includes('opt_outs'));
    expect(await asked('TRANSACTIONAL')).toEqual([]);
    expect(await asked('COMMERCIAL')).toHaveLength(1);
  });
});

describe('a tenant that changes, of which this process was not told', () => {
  test('is suspended at once, and active again at once', async () => {
    expect(await reasonOf()).toBe('accepted');
    await change(`status = 'SUSPENDED', suspended_reason = 'unpaid', suspended_at = now()`);
    expect(await reasonOf()).toBe('TENANT_SUSPENDED');
    await change(`status = 'ACTIVE', suspended_reason = null, suspended_at = null`);
    expect(await reasonOf()).toBe('accepted');
  });

  test('may at once no longer send what he may no longer send', async () => {
    await accepted(tenant.gql, { category: 'TRANSACTIONAL' });
    await change(`transactional_allowed = false, default_category = 'COMMERCIAL'`);
    const refusal = await refused(tenant.gql, { category: 'TRANSACTIONAL' });
    expect(refusal.problems?.map(({ path }) => path)).toEqual([['category']]);
    expect((await accepted(tenant.gql)).category).toBe('COMMERCIAL');
  });

  test('gets one message, paid for once, with what is his default now', async () => {
    await accepted(tenant.gql);
    await change(`default_sender = 'BOUTIQUE'`);
    const input = { to: ['+33612345678'], text: 'Bonjour', idempotencyKey: 'order 17' };
    const first = await accepted(tenant.gql, input);
    expect((await accepted(tenant.gql, input)).id).toBe(first.id);
    expect(await messagesOf()).toEqual([{ count: 2 }]);
    expect(await here.sql('select sender from messages where id = $1', [first.id])).toEqual([{ sender: 'BOUTIQUE' }]);
    expect(await balanceOf(tenant.gql)).toBe('99.9100');
  });

  test('is told that he is suspended, not that his credit is short', async () => {
    const poor = await here.tenant({ credit: '0.0450' });
    tenant = poor;
    expect(await reasonOf()).toBe('accepted');
    await change(`status = 'SUSPENDED', suspended_reason = 'unpaid', suspended_at = now()`);
    expect(await reasonOf()).toBe('TENANT_SUSPENDED');
    expect(await messagesOf()).toEqual([{ count: 1 }]);
  });

  test('changes for all that is asked for at the same time', async () => {
    await accepted(tenant.gql);
    await change(`status = 'SUSPENDED', suspended_reason = 'unpaid', suspended_at = now()`);
    const reasons = await Promise.all(Array.from({ length: 20 }, () => reasonOf()));
    expect(new Set(reasons)).toEqual(new Set(['TENANT_SUSPENDED']));
    expect(await messagesOf()).toEqual([{ count: 1 }]);
  });
});

const setPrice = (app: TestApp, input: Readonly<Record<string, unknown>>): Promise<unknown> =>
  app.admin.run('mutation ($input: SetPriceInput!) { setPrice(input: $input) { amount } }', {
    input: { route: 'ECO', prefix: '33', ...input },
  });
const costOn = async (gql: GraphqlClient): Promise<string> =>
  (await accepted(gql, { route: 'ECO', category: 'TRANSACTIONAL' })).cost;

describe('a price', () => {
  test('that was set on one process holds there at once, and on the others where the notice arrives', async () => {
    const other = new GraphqlClient(there.url, tenant.key);
    await costOn(other);
    await setPrice(here, { amount: '0.0500' });
    expect(await costOn(tenant.gql)).toBe('0.0500');
    await expect.poll(() => costOn(other)).toBe('0.0500');
  });

  test('holds on the others a second later where it does not', async () => {
    await costOn(tenant.gql);
    await here.sql(`update prices set amount = '0.0600' where route = 'ECO' and prefix = '33'`);
    here.clock.advance({ seconds: 1 });
    expect(await costOn(tenant.gql)).toBe('0.0600');
  });

  test('that was set for an instant is in force from that instant on, though prices were read just before', async () => {
    const now = here.clock.now().getTime();
    await setPrice(here, { amount: '0.0700', validFrom: new Date(now + 500).toISOString() });
    here.clock.set(new Date(now + 499).toISOString());
    const before = await costOn(tenant.gql);
    here.clock.set(new Date(now + 500).toISOString());
    expect([before === '0.0700', await costOn(tenant.gql)]).toEqual([false, '0.0700']);
  });
});
