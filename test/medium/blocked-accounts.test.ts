import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { outcomesOf, refundsOf } from '../support/attempts.js';
import { numberOf } from '../support/batches.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { booksOf } from '../support/ledger.js';
import { accepted, look, type MessageView } from '../support/messages.js';
import { accept, BLOCKED, OUTSIDE_HOURS, REFUSED, ScriptedProvider, UNKNOWN } from '../support/scripted-provider.js';
import { PLATFORM_KEY, setCredential } from '../support/stop-lists.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const KEY = 'cle-du-client-0123456789';
const ENV = {
  SMS_PROVIDER: 'smspartner',
  SMSPARTNER_API_KEY: PLATFORM_KEY,
  MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
} as const;

let database: TestDatabase;
let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;
let alarms: () => number;

beforeEach(async () => {
  database = await createDatabase();
  provider = new ScriptedProvider('smspartner');
  app = await appAt(TUESDAY, { provider, databaseUrl: database.ownerUrl, env: ENV });
  tenant = await app.tenant();
  const errors = vi.spyOn(Logger.prototype, 'error');
  alarms = () => errors.mock.calls.filter(call => JSON.stringify(call).includes('ALARM: a provider account')).length;
});
afterEach(async () => {
  vi.restoreAllMocks();
  await app.close();
  await database.drop();
});

const see = (message: MessageView, of = tenant): Promise<MessageView> => look(of.gql, message.id);
const after = async (seconds: number): Promise<void> => {
  app.clock.advance({ seconds });
  await app.tick();
};
const inSeconds = (seconds: number): string => new Date(Date.parse(TUESDAY) + seconds * 1_000).toISOString();
const keysCalled = (): (string | null)[] => provider.credentials.map(credential => credential?.apiKey ?? null);

/** Blocked by this one's call, at TUESDAY. */
async function blocked(of = tenant): Promise<MessageView> {
  provider.otherwise = BLOCKED;
  const message = await accepted(of.gql);
  await app.tick();
  expect((await see(message, of)).waiting).toMatchObject([{ kind: 'PROVIDER_ACCOUNT' }]);
  return message;
}

async function acceptMany(count: number, input: object = {}, of = tenant): Promise<MessageView[]> {
  const messages = [];
  for (let index = 0; index < count; index += 1) {
    messages.push(await accepted(of.gql, { to: [numberOf(index)], ...input }));
  }
  return messages;
}

/** As many more submissions of a message that waits, each with a recipient of its own. */
async function multiply(message: MessageView, count: number): Promise<void> {
  await app.sql(
    `with copies as (
       select gen_random_uuid() as id, n from generate_series(1, $2::int) n),
     submitted as (
       insert into submissions select (jsonb_populate_record(s, jsonb_build_object('id', c.id, 'due_at', $3::timestamptz,
           'wait_kind', 'QUEUE', 'wait_detail', null, 'attempts', 0, 'attempt_id', null))).*
         from submissions s, copies c where s.message_id = $1)
     insert into deliveries select (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid(), 'submission_id', c.id,
         'phone_number', '+336' || (20001000 + c.n)))).*
       from deliveries d, copies c where d.message_id = $1`,
    [message.id, count, TUESDAY],
  );
}

describe('a blocked account', () => {
  test('is called once a minute by all processes together, whatever waits for it; nothing of it fails', async () => {
    await blocked();
    const others = [await app.tenant(), tenant];
    const messages = [];
    for (const of of others) messages.push(...(await acceptMany(30, {}, of)).map(message => ({ of, message })));
    const second = await appAt(TUESDAY, { provider, databaseUrl: database.ownerUrl, env: ENV });
    expect(provider.calls).toHaveLength(1);
    for (let minute = 0; minute < 6; minute += 1) {
      for (const seconds of [0, 30, 59.999]) {
        for (const { clock } of [app, second]) clock.set(inSeconds(minute * 60 + seconds));
        await Promise.all([app, second, app, second].map(one => one.tick()));
        expect(provider.calls).toHaveLength(minute + 1);
      }
    }
    expect(alarms()).toBe(6);
    for (const { of, message } of messages) {
      const { status, waiting } = await see(message, of);
      expect(status).toBe('QUEUED');
      expect(waiting).toMatchObject([{ kind: 'PROVIDER_ACCOUNT', nextCheckAt: inSeconds(360) }]);
      expect(await refundsOf(app, message.id)).toEqual([]);
    }
    await second.close();
  });

  test('is told by what was never tried too: since when, why, and when it is probed next', async () => {
    await blocked();
    app.clock.advance({ seconds: 10 });
    const message = await accepted(tenant.gql);
    await app.tick();
    expect(await see(message)).toMatchObject({
      status: 'QUEUED',
      waiting: [
        {
          kind: 'PROVIDER_ACCOUNT',
          recipients: 1,
          since: inSeconds(10),
          nextCheckAt: inSeconds(60),
          explanation: expect.stringContaining('the API key is wrong'),
        },
      ],
    });
    expect(await outcomesOf(app, message.id)).toEqual([]);
    expect(provider.calls).toHaveLength(1);
  });

  test('is told since it began, however often what was never called was looked at since', async () => {
    const messages = [await blocked(), ...(await acceptMany(20))];
    for (let minute = 0; minute < 4; minute += 1) await after(60);
    const told = [];
    for (const message of messages) {
      if ((await outcomesOf(app, message.id)).length === 0) told.push((await see(message)).waiting[0]?.since);
    }
    expect(told.length).toBeGreaterThanOrEqual(16);
    expect(new Set(told)).toEqual(new Set([TUESDAY]));
  });

  test('that is mended lets everything leave with the next probe', async () => {
    const first = await blocked();
    const messages = [first, ...(await acceptMany(40))];
    for (let minute = 0; minute < 3; minute += 1) await after(60);
    provider.otherwise = accept;
    await after(60);
    for (const message of messages) expect((await see(message)).status).toBe('SENT');
    expect(await app.sql('select 1 from provider_blocks')).toEqual([]);
    await after(3_600);
    expect(provider.recipients.flat()).toHaveLength(1 + 3 + 41);
  });

  test('that is mended lets everything leave within two minutes, and each once', async () => {
    const messages = [await blocked(), ...(await acceptMany(40))];
    for (let minute = 0; minute < 3; minute += 1) await after(60);
    provider.otherwise = accept;
    await after(60);
    await after(60);
    for (const message of messages) expect((await see(message)).status).toBe('SENT');
    const numbers = provider.recipients.slice(4).flat();
    expect(numbers).toHaveLength(41);
    expect(new Set(numbers).size).toBe(41);
  });

  test('works again with a refusal of a number as well: that is no fault of the account', async () => {
    const message = await blocked();
    provider.otherwise = REFUSED;
    await after(60);
    expect((await see(message)).status).toBe('FAILED');
    expect(await app.sql('select 1 from provider_blocks')).toEqual([]);
  });

  test('whose probe has no answer stays blocked, and the probe is in doubt, not lost', async () => {
    const messages = [await blocked(), ...(await acceptMany(3))];
    provider.otherwise = UNKNOWN;
    await after(60);
    expect(provider.calls).toHaveLength(2);
    const statuses = [];
    for (const message of messages) statuses.push((await see(message)).status);
    expect(statuses.toSorted()).toEqual(['QUEUED', 'QUEUED', 'QUEUED', 'UNCONFIRMED']);
  });

  test('leaves thousands alone that wait for it: none is claimed but those of a probe', async () => {
    const message = await blocked();
    await multiply(message, 3_000);
    for (let minute = 0; minute < 5; minute += 1) await after(60);
    expect(provider.calls).toHaveLength(6);
    const [touched] = await app.sql(
      `select count(*) filter (where wait_kind = 'PROVIDER_ACCOUNT')::int as looked, count(*) filter (where attempts > 0)::int as tried,
              count(*) filter (where due_at = $1 and attempts = 0 and lease is null)::int as alone from submissions`,
      [TUESDAY],
    );
    expect(touched?.['tried']).toBeLessThanOrEqual(6);
    expect(touched?.['looked']).toBeLessThanOrEqual(5 * 16 + 1);
    expect(touched?.['alone']).toBeGreaterThanOrEqual(3_000 - 5 * 16);
  });
});

describe('the validity of what waits for a blocked account', () => {
  test('goes on: it ends FAILED, and is paid back', async () => {
    await blocked();
    const messages = await acceptMany(20, { validitySeconds: 120 });
    for (let minute = 0; minute < 4; minute += 1) await after(60);
    for (const message of messages) {
      expect((await see(message)).status).toBe('FAILED');
      expect(await refundsOf(app, message.id)).toEqual(['0.0450']);
    }
    expect(await booksOf(app, tenant.id)).toMatchObject({ balance: '99.9550', ledger: '99.9550', due: '99.9550' });
  });

  test('ends it within minutes though hundreds wait before it', async () => {
    const before = await blocked();
    await multiply(before, 400);
    app.clock.advance({ seconds: 1 });
    const message = await accepted(tenant.gql, { validitySeconds: 120 });
    for (let minute = 0; minute < 10; minute += 1) await after(60);
    expect((await see(message)).status).toBe('FAILED');
  });
});

describe("a tenant's own account that is blocked", () => {
  test('keeps neither other tenants nor its own sandbox messages', async () => {
    await setCredential(app, tenant, KEY);
    const theirs = await app.tenant();
    const message = await blocked();
    provider.otherwise = accept;
    const sandbox = await accepted(tenant.gql, { sandbox: true });
    const others = await acceptMany(3, {}, theirs);
    await app.tick();
    expect((await see(sandbox)).status).toBe('SENT');
    for (const other of others) expect((await see(other, theirs)).status).toBe('SENT');
    expect((await see(message)).status).toBe('QUEUED');
    const [own, ...platforms] = keysCalled();
    expect(own).toBe(KEY);
    expect(new Set(platforms)).toEqual(new Set([null]));
  });

  test("is not the platform's, and the platform's is not its", async () => {
    const theirs = await app.tenant();
    await blocked(theirs);
    await setCredential(app, tenant, KEY);
    provider.otherwise = accept;
    const own = await accepted(tenant.gql);
    const [, third] = [await app.tenant(), await app.tenant()];
    const waits = await accepted(third.gql);
    const sandbox = await accepted(third.gql, { sandbox: true });
    await app.tick();
    expect((await see(own)).status).toBe('SENT');
    expect((await see(sandbox, third)).status).toBe('SENT');
    expect((await see(waits, third)).waiting).toMatchObject([{ kind: 'PROVIDER_ACCOUNT', nextCheckAt: inSeconds(60) }]);
    expect(keysCalled()).toEqual([null, KEY]);
  });
});

test("the platform's blocked account tells a tenant nothing of the tenant that met it", async () => {
  const theirs = await app.tenant({ name: 'Secret customer' });
  await blocked(theirs);
  const waiting = (await see(await accepted(tenant.gql))).waiting;
  expect(JSON.stringify(waiting)).not.toContain(theirs.id);
  expect(waiting).toMatchObject([{ kind: 'PROVIDER_ACCOUNT', nextCheckAt: inSeconds(60) }]);
});

const damage = (): Promise<unknown> =>
  app.sql(`update provider_credentials set sealed = '\\x00' where tenant_id = $1`, [tenant.id]);

describe('a credential that does not open', () => {
  test('blocks: nobody is called, nothing fails, and it leaves once it is set anew', async () => {
    await setCredential(app, tenant, KEY);
    await damage();
    const messages = await acceptMany(5);
    for (let minute = 0; minute < 3; minute += 1) await after(60);
    expect(provider.calls).toEqual([]);
    for (const message of messages) {
      expect((await see(message)).waiting).toMatchObject([
        { kind: 'PROVIDER_ACCOUNT', explanation: expect.stringContaining('does not open') },
      ]);
    }
    await setCredential(app, tenant, 'nouvelle-cle-0123456789');
    for (let minute = 0; minute < 2; minute += 1) await after(60);
    for (const message of messages) expect((await see(message)).status).toBe('SENT');
  });

  test('alarms once a minute, not for each that waits', async () => {
    await setCredential(app, tenant, KEY);
    await damage();
    await acceptMany(10);
    await app.tick();
    await after(60);
    expect(alarms()).toBeLessThanOrEqual(2);
  });
});

describe("the provider's quiet hours met by a transactional SMS", () => {
  test('alarm, and let it wait for the account; it fails not and goes when they are over', async () => {
    provider.answers(OUTSIDE_HOURS, OUTSIDE_HOURS);
    const message = await accepted(tenant.gql, { category: 'TRANSACTIONAL' });
    await app.tick();
    await after(60);
    expect(alarms()).toBe(2);
    expect(await see(message)).toMatchObject({
      status: 'QUEUED',
      waiting: [{ kind: 'PROVIDER_ACCOUNT', nextCheckAt: inSeconds(120) }],
    });
    await after(60);
    expect((await see(message)).status).toBe('SENT');
  });

  test('keep nobody else waiting', async () => {
    provider.answers(OUTSIDE_HOURS);
    await accepted(tenant.gql, { category: 'TRANSACTIONAL' });
    await app.tick();
    const other = await accepted(tenant.gql);
    await app.tick();
    expect((await see(other)).status).toBe('SENT');
  });
});
