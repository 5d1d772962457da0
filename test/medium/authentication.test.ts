import { randomBytes } from 'node:crypto';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Authenticate } from '../../src/accounts/index.js';
import { KeyUses } from '../../src/accounts/key-uses.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type GraphqlAnswer, GraphqlClient } from '../support/graphql-client.js';
import { statementsOf } from '../support/statements.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

const OPEN = '2026-01-06T09:00:00.000Z';
const WRONG = (): string => `rk_${randomBytes(32).toString('base64url')}`;

let database: TestDatabase;
const apps: TestApp[] = [];
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  await database.drop();
});

async function run(env: Readonly<Record<string, string>> = {}): Promise<TestApp> {
  const app = await appAt(OPEN, { databaseUrl: database.ownerUrl, env });
  apps.push(app);
  return app;
}

const ask = (app: TestApp, secret: string): Promise<GraphqlAnswer<unknown>> =>
  new GraphqlClient(app.url, secret).ask('{ prices { amount } }');
const codeOf = async (app: TestApp, secret: string): Promise<string> =>
  (await ask(app, secret)).errors[0]?.extensions.code ?? 'let in';
const send = (app: TestApp, secret: string) => request(`${app.url}/v1/me?apiKey=${secret}`);

interface Issued {
  readonly secret: string;
  readonly apiKey: { readonly id: string };
}
async function issue(tenant: TestTenant, input: Readonly<Record<string, unknown>> = {}): Promise<Issued> {
  const document = 'mutation ($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret apiKey { id } } }';
  const given = { name: 'shop', scopes: ['READ'], ...input };
  return (await tenant.gql.run<{ issueApiKey: Issued }>(document, { input: given })).issueApiKey;
}
const revoke = (tenant: TestTenant, id: string) =>
  tenant.gql.run('mutation ($id: ID!) { revokeApiKey(id: $id) { id } }', { id });

const outcomeOf = (app: TestApp, secret: string | null, address = '192.0.2.1'): Promise<string> =>
  app.nest
    .get(Authenticate)
    .execute({ secret, address })
    .then(
      () => 'let in',
      (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : 'no error'),
    );

describe('what authentication costs', () => {
  test('one statement, that only reads, for a key in force; and a second long no further one', async () => {
    const app = await run();
    const tenant = await app.tenant();
    const first = await statementsOf(() => outcomeOf(app, tenant.key));
    expect(first).toEqual([expect.stringContaining('api_key_in_force')]);
    app.clock.advance({ milliseconds: 999 });
    expect(await statementsOf(() => outcomeOf(app, tenant.key))).toEqual([]);
    app.clock.advance({ milliseconds: 1 });
    expect(await statementsOf(() => outcomeOf(app, tenant.key))).toEqual(first);
  });

  test('64 requests at once with a key nobody has seen yet: one statement', async () => {
    const app = await run();
    const { key } = await app.tenant();
    const statements = await statementsOf(() => Promise.all(Array.from({ length: 64 }, () => outcomeOf(app, key))));
    expect(statements).toHaveLength(1);
  });

  test('unknown, malformed, revoked and expired keys: the same statement and the same answer, each time', async () => {
    const app = await run();
    const tenant = await app.tenant();
    const revoked = await issue(tenant);
    await revoke(tenant, revoked.apiKey.id);
    const expired = await issue(tenant, { expiresAt: '2026-01-06T09:00:01Z' });
    app.clock.advance({ seconds: 1 });
    const keys = [WRONG(), 'rk_short', 'x', 'é'.repeat(5_000), revoked.secret, expired.secret];
    const seen = [];
    for (const key of [...keys, ...keys]) {
      let outcome = '';
      const statements = await statementsOf(async () => {
        outcome = await outcomeOf(app, key);
      });
      seen.push({ statements, outcome });
    }
    expect(new Set(seen.map(each => JSON.stringify(each))).size).toBe(1);
    expect(seen[0]).toEqual({
      statements: [expect.stringContaining('api_key_in_force')],
      outcome: expect.stringMatching(/^Unauthenticated/),
    });
  });

  test('no key at all: nothing', async () => {
    const app = await run();
    expect(await statementsOf(() => outcomeOf(app, null))).toEqual([]);
  });
});

describe('on every process', () => {
  test('a key that one revokes is refused by another a second later at the latest, though it was used there just before', async () => {
    const [a, b] = [await run(), await run()];
    const tenant = await a.tenant();
    const { secret, apiKey } = await issue(tenant);
    expect([await codeOf(a, secret), await codeOf(b, secret)]).toEqual(['let in', 'let in']);
    await revoke(tenant, apiKey.id);
    expect(await codeOf(a, secret)).toBe('UNAUTHENTICATED');
    b.clock.advance({ seconds: 1 });
    expect(await codeOf(b, secret)).toBe('UNAUTHENTICATED');
  });

  test('and at once where the notice arrives, the clock standing still', async () => {
    const [a, b] = [await run(), await run()];
    const tenant = await a.tenant();
    const { secret, apiKey } = await issue(tenant);
    expect(await codeOf(b, secret)).toBe('let in');
    await revoke(tenant, apiKey.id);
    await expect.poll(() => codeOf(b, secret)).toBe('UNAUTHENTICATED');
  });

  test('an expiry holds to the instant, though the key was seen just before', async () => {
    const app = await run();
    const { secret } = await issue(await app.tenant(), { expiresAt: '2026-01-06T09:00:00.500Z' });
    app.clock.set('2026-01-06T09:00:00.499Z');
    expect(await codeOf(app, secret)).toBe('let in');
    app.clock.set('2026-01-06T09:00:00.500Z');
    expect(await codeOf(app, secret)).toBe('UNAUTHENTICATED');
  });

  test('a change of its addresses holds within a second', async () => {
    const [a, b] = [await run(), await run()];
    const tenant = await a.tenant();
    const { secret, apiKey } = await issue(tenant);
    expect(await codeOf(b, secret)).toBe('let in');
    const update =
      'mutation ($id: ID!, $input: UpdateApiKeyInput!) { updateApiKey(id: $id, input: $input) { name allowedIps } }';
    const limited = await tenant.gql.run(update, { id: apiKey.id, input: { allowedIps: ['10.0.0.0/8'] } });
    expect(limited).toEqual({ updateApiKey: { name: 'shop', allowedIps: ['10.0.0.0/8'] } });
    b.clock.advance({ seconds: 1 });
    expect(await codeOf(b, secret)).toBe('FORBIDDEN');
    await tenant.gql.run(update, { id: apiKey.id, input: { allowedIps: null } });
    b.clock.advance({ seconds: 1 });
    expect(await codeOf(b, secret)).toBe('let in');
  });

  test('a suspended tenant is refused what is new at once, however often its key was seen', async () => {
    const [a, b] = [await run(), await run()];
    const tenant = await a.tenant();
    const there = new GraphqlClient(b.url, tenant.key);
    const sms = 'mutation { sendSms(input: { to: ["+33612345678"], text: "x" }) { __typename } }';
    await there.run(sms);
    await a.admin.run('mutation ($id: ID!) { suspendTenant(id: $id, reason: "unpaid") { id } }', { id: tenant.id });
    expect((await there.ask(sms)).errors[0]?.extensions.reason).toBe('TENANT_SUSPENDED');
  });

  test('a key that is issued works at once, also where it was tried before it was there', async () => {
    const [a, b] = [await run(), await run()];
    const { secret } = await issue(await a.tenant());
    expect(await codeOf(b, secret)).toBe('let in');
  });

  test('a clock that goes back does not prolong what was seen', async () => {
    const app = await run();
    const tenant = await app.tenant();
    const { secret, apiKey } = await issue(tenant);
    expect(await codeOf(app, secret)).toBe('let in');
    await app.sql('update api_keys set revoked_at = now() where id = $1', [apiKey.id]);
    app.clock.set('2026-01-06T08:59:59.000Z');
    expect(await codeOf(app, secret)).toBe('UNAUTHENTICATED');
  });
});

/** The status of a failed call that says it comes from `address`. */
const from = async (app: TestApp, address: string): Promise<number> =>
  (await request(`${app.url}/v1/me?apiKey=${WRONG()}`, { headers: { 'x-forwarded-for': address } })).statusCode;

describe('failed authentications of one address', () => {
  test('are limited: RATE_LIMITED with Retry-After, no statement more, and let in again when it is over', async () => {
    const app = await run({ AUTH_FAILURES_PER_SECOND: '2' });
    const answers = [];
    for (let time = 0; time < 12; time += 1) answers.push(await codeOf(app, WRONG()));
    expect(answers).toEqual([...many(10, 'UNAUTHENTICATED'), ...many(2, 'RATE_LIMITED')]);
    expect(await statementsOf(() => ask(app, WRONG()))).toEqual([]);
    const raw = await request(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${WRONG()}` },
      body: '{"query":"{ prices { amount } }"}',
    });
    expect(raw.headers['retry-after']).toBe('1');
    expect(await raw.body.json()).toMatchObject({ errors: [{ extensions: { retryAfterSeconds: 1 } }] });
    app.clock.advance({ milliseconds: 500 });
    expect([await codeOf(app, WRONG()), await codeOf(app, WRONG())]).toEqual(['UNAUTHENTICATED', 'RATE_LIMITED']);
  });

  test('are limited on SMS Partner’s API in its own form: HTTP 429 with Retry-After', async () => {
    const app = await run({ AUTH_FAILURES_PER_SECOND: '1' });
    const answers = [];
    for (let time = 0; time < 6; time += 1) answers.push(await send(app, WRONG()));
    expect(answers.map(answer => answer.statusCode)).toEqual([...many(5, 400), 429]);
    expect(answers[5]?.headers['retry-after']).toBe('1');
    expect(await answers[5]?.body.json()).toMatchObject({ success: false, code: 429 });
  });

  test('a thousand at once get no further than one by one', async () => {
    const app = await run({ AUTH_FAILURES_PER_SECOND: '2' });
    const outcomes = await Promise.all(Array.from({ length: 1_000 }, () => outcomeOf(app, WRONG())));
    expect(outcomes.filter(outcome => outcome.startsWith('Unauthenticated'))).toHaveLength(10);
  });

  test('keep out neither keys that were let in before, nor other addresses; a whole IPv6 /64 is one address', async () => {
    const app = await run({ AUTH_FAILURES_PER_SECOND: '1' });
    const tenant = await app.tenant();
    const neighbour = '2001:db8:0:1::7';
    expect(await outcomeOf(app, tenant.key, neighbour)).toBe('let in');
    for (let host = 1; host <= 5; host += 1) await outcomeOf(app, WRONG(), `2001:db8:0:1::${host}`);
    expect(await outcomeOf(app, WRONG(), '2001:db8:0:1:ffff::1')).toMatch(/^RateLimited/);
    app.clock.advance({ milliseconds: 10 });
    expect(await outcomeOf(app, tenant.key, neighbour)).toBe('let in');
    const { secret } = await issue(tenant);
    expect(await outcomeOf(app, secret, neighbour)).toMatch(/^RateLimited/);
    expect(await outcomeOf(app, secret, '2001:db8:0:2::1')).toBe('let in');
  });

  test('are those of a good key in a wrong place too', async () => {
    const app = await run({ AUTH_FAILURES_PER_SECOND: '1' });
    const { secret } = await issue(await app.tenant(), { allowedIps: ['10.0.0.0/8'] });
    const outcomes = [];
    for (let time = 0; time < 6; time += 1) outcomes.push((await outcomeOf(app, secret)).split(':')[0]);
    expect(outcomes).toEqual([...many(5, 'AddressNotAllowed'), 'RateLimited']);
    expect(await outcomeOf(app, secret, '10.0.0.1')).toBe('let in');
  });

  test('do not grow with what succeeds: a thousand good keys from one address', async () => {
    const app = await run({ AUTH_FAILURES_PER_SECOND: '1' });
    const tenant = await app.tenant();
    for (let time = 0; time < 20; time += 1) {
      const { secret } = await issue(tenant);
      expect(await outcomeOf(app, secret)).toBe('let in');
    }
  });

  test('are told by the proxy that is trusted, and by nobody else', async () => {
    const trusted = await run({ AUTH_FAILURES_PER_SECOND: '1', TRUSTED_PROXIES: '127.0.0.1' });
    const statuses = [];
    for (let host = 1; host <= 12; host += 1) statuses.push(await from(trusted, `192.0.2.${host}`));
    expect(statuses).toEqual(many(12, 400));
    const alone = await run({ AUTH_FAILURES_PER_SECOND: '1' });
    const told = [];
    for (let host = 1; host <= 6; host += 1) told.push(await from(alone, `192.0.2.${host}`));
    expect(told).toEqual([...many(5, 400), 429]);
  });
});

describe('requests of one key', () => {
  test('are limited on both APIs together, each key by itself, and allowed again in time', async () => {
    const app = await run({ REQUESTS_PER_SECOND: '2' });
    const tenant = await app.tenant();
    const other = await issue(tenant);
    expect([await codeOf(app, tenant.key), await codeOf(app, tenant.key), await codeOf(app, tenant.key)]).toEqual(
      many(3, 'let in').with(2, 'let in'),
    );
    expect(await codeOf(app, tenant.key)).toBe('RATE_LIMITED');
    const refused = await send(app, tenant.key);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '1']);
    expect(await codeOf(app, other.secret)).toBe('let in');
    app.clock.advance({ milliseconds: 500 });
    expect([await codeOf(app, tenant.key), await codeOf(app, tenant.key)]).toEqual(['let in', 'RATE_LIMITED']);
  });

  test('a request that asks for many fields is one', async () => {
    const app = await run({ REQUESTS_PER_SECOND: '1' });
    const { key } = await app.tenant();
    const fields = Array.from({ length: 20 }, (_, index) => `a${index}: prices { amount }`).join(' ');
    expect((await new GraphqlClient(app.url, key).ask(`{ ${fields} }`)).errors).toEqual([]);
  });
});

const stored = async (app: TestApp, tenant: TestTenant): Promise<unknown> =>
  (await app.sql('select last_used_at from api_keys where tenant_id = $1', [tenant.id]))[0]?.['last_used_at'];

describe('when a key was last used', () => {
  test('is written for many requests together, and told before it is', async () => {
    const app = await run();
    const tenant = await app.tenant();
    for (let time = 0; time < 5; time += 1) {
      app.clock.advance({ seconds: 10 });
      await ask(app, tenant.key);
    }
    expect(await stored(app, tenant)).toBeNull();
    const { apiKeys } = await tenant.gql.run<{ apiKeys: unknown[] }>('{ apiKeys { lastUsedAt } }');
    expect(apiKeys).toEqual([{ lastUsedAt: '2026-01-06T09:00:50.000Z' }]);
    const statements = await statementsOf(() => app.nest.get(KeyUses).write());
    expect(statements.filter(statement => statement.includes('update api_keys'))).toHaveLength(1);
    expect(await stored(app, tenant)).toEqual(new Date('2026-01-06T09:00:50.000Z'));
    expect(await statementsOf(() => app.nest.get(KeyUses).write())).toEqual([]);
  });

  test('is written at shutdown, and never goes back', async () => {
    const [a, b] = [await run(), await run()];
    const tenant = await a.tenant();
    await ask(a, tenant.key);
    b.clock.advance({ hours: 1 });
    await ask(b, tenant.key);
    await apps.pop()?.close();
    expect(await stored(a, tenant)).toEqual(new Date('2026-01-06T10:00:00.000Z'));
    await a.nest.get(KeyUses).write();
    expect(await stored(a, tenant)).toEqual(new Date('2026-01-06T10:00:00.000Z'));
  });
});

function many<T>(count: number, what: T): T[] {
  return Array.from({ length: count }, () => what);
}
