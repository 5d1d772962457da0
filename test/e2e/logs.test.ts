import { Logger } from 'nestjs-pino';
import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { WORK_ON } from '../../src/callbacks/receive-callback.js';
import { WakeUps } from '../../src/kernel/index.js';
import { accepted } from '../support/messages.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

const SECRETS = {
  text: 'Rendez-vous au 12 rue des Lilas',
  phoneNumber: '+33698765432',
  foreignKey: 'aVendorsOwnKeyOfFortyCharacters0123456789',
  token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
};

let app: TestApp;
let tenant: TestTenant;
let callback: string;
let log = '';

/** One application, whose whole log is heard, and in which what is written fails in a way that nobody expects. */
beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    log += String(chunk);
    return true;
  });
  app = await appAt('2026-01-06T09:00:00Z', { env: { LOG_LEVEL: 'trace' } });
  app.nest.useLogger(app.nest.get(Logger));
  tenant = await app.tenant();
  await accepted(tenant.gql, { to: [SECRETS.phoneNumber], text: SECRETS.text });
  await app.tick();
  callback = new URL(app.simulator.accepted.at(-1)?.sms.receiptUrl ?? '').pathname;
  // PostgreSQL repeats a value that it cannot read.
  for (const [table, column] of [
    ['messages', 'text'],
    ['receipts', 'raw'],
    ['opt_outs', 'phone_number'],
  ]) {
    await app.sql(`
      create function indiscreet_${table}() returns trigger language plpgsql as $$ begin perform new.${column}::uuid; return new; end $$;
      create trigger indiscreet before insert on ${table} for each row execute function indiscreet_${table}()`);
  }
});
afterAll(async () => {
  vi.restoreAllMocks();
  await app.close();
});
beforeEach(() => {
  log = '';
});

const JSON_TYPE = { 'content-type': 'application/json' };

async function ask(path: string, options: Parameters<typeof request>[1] = {}): Promise<string> {
  const { headers, body } = await request(`${app.url}${path}`, options);
  await body.dump();
  return String(headers['x-request-id']);
}

const posted = (headers: Readonly<Record<string, string>>, body: unknown): Parameters<typeof request>[1] => ({
  method: 'POST',
  headers: { ...JSON_TYPE, ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
const SEND = 'mutation ($input: SendSmsInput!) { sendSms(input: $input) { __typename } }';
const input = { to: [SECRETS.phoneNumber], text: SECRETS.text };

function lines(): readonly Readonly<Record<string, unknown>>[] {
  return log
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map((line): Readonly<Record<string, unknown>> => JSON.parse(line));
}

function expectNoSecret(): void {
  const secrets = [
    tenant.key,
    tenant.key.slice(3),
    callback.split('/').at(-1) ?? '',
    'Lilas',
    'rue des',
    '698765432',
    SECRETS.foreignKey,
    SECRETS.token,
    SECRETS.token.split('.')[1] ?? '',
  ];
  for (const secret of secrets) expect(log).not.toContain(secret);
  expect(log).not.toMatch(/6[ .]98[ .]76[ .]54[ .]32/);
}

test.for([
  ['GraphQL', '/graphql', () => posted(bearer(tenant.key), { query: SEND, variables: { input } })],
  [
    'the drop-in API',
    '/v1/send',
    () => posted({}, { apiKey: tenant.key, phoneNumbers: '0698765432', message: SECRETS.text }),
  ],
  [
    'a callback',
    () => callback,
    () => posted({}, { status: 'delivered', phone: SECRETS.phoneNumber, text: SECRETS.text }),
  ],
] as const)(
  'a failure of %s is logged in full, every line under the request id of the answer, and shows no secret',
  async ([, path, options]) => {
    const requestId = await ask(typeof path === 'string' ? path : path(), options());
    const told = lines();
    expect(told.filter(({ level }) => level === 50)).toEqual([
      expect.objectContaining({ err: expect.objectContaining({ stack: expect.any(String) }) }),
    ]);
    expect(told.map(line => line['requestId'])).toEqual(told.map(() => requestId));
    expectNoSecret();
  },
);

test('what a request wakes up goes on for others, and is not logged under its id', async () => {
  const woken = Promise.withResolvers<void>();
  app.nest.get(WakeUps).on(WORK_ON.receipt, () => {
    app.nest.get(Logger).warn('woken');
    woken.resolve();
  });
  await app.sql('drop trigger indiscreet on receipts');
  await ask(callback, posted({}, { status: 'delivered', phone: SECRETS.phoneNumber }));
  await woken.promise;
  const line = lines().find(({ message }) => message === 'woken');
  expect(line).toBeDefined();
  expect(line).not.toHaveProperty('requestId');
});

test('whatever is sent to whichever door, refused or not, the log shows none of it', async () => {
  const doors: readonly (readonly [string, Parameters<typeof request>[1]?])[] = [
    [`/v1/me?apiKey=${SECRETS.foreignKey}`],
    [`/v1/me?apiKey=${tenant.key}`],
    [`/v1/message-status?apiKey=${SECRETS.foreignKey}&phoneNumber=${encodeURIComponent(SECRETS.phoneNumber)}`],
    [`/v1/stop-sms/add`, posted({}, { apiKey: tenant.key, phoneNumber: SECRETS.phoneNumber })],
    [`/v1/send`, posted({}, `{"apiKey":"${SECRETS.foreignKey}","message":"${SECRETS.text}`)],
    [`/nowhere/0698765432?apiKey=${SECRETS.foreignKey}&token=${SECRETS.token}`],
    [`/%zz/${SECRETS.foreignKey}`],
    [`/callbacks/receipts/${SECRETS.foreignKey}`, posted({}, { phone: SECRETS.phoneNumber })],
    [`/callbacks/replies/${SECRETS.foreignKey}`, posted({}, SECRETS.text)],
    [`/graphiql/${SECRETS.foreignKey}`],
    ['/graphql', posted(bearer(SECRETS.token), { query: '{ viewer { scopes } }' })],
    ['/graphql', posted(bearer(tenant.key), `{"query":"${SECRETS.text}`)],
    [
      '/graphql',
      posted(bearer(tenant.key), { query: `{ message(id: "0698765432") { id } nonsense(text: "${SECRETS.text}") }` }),
    ],
    ['/graphql', posted({ ...bearer(tenant.key), 'content-type': 'text/plain' }, SECRETS.text)],
    [
      '/graphql',
      posted(bearer(tenant.key), {
        query: 'mutation ($p: PhoneNumber!) { addOptOut(phoneNumber: $p) { source } }',
        variables: { p: SECRETS.phoneNumber },
      }),
    ],
    [
      '/graphql',
      posted(bearer(tenant.key), {
        query: `mutation { setProviderCredential(tenantId: "x", apiKey: "${SECRETS.foreignKey}") { id } }`,
      }),
    ],
  ];
  for (const [path, options] of doors) expect(await ask(path, options)).toMatch(/^[0-9a-f-]{36}$/);
  await app.tick().catch(() => undefined);
  expect(lines().length).toBeGreaterThan(0);
  expectNoSecret();
});
