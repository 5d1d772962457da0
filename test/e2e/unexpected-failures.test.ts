import { Logger } from 'nestjs-pino';
import { request } from 'undici';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { GraphqlError } from '../support/graphql-client.js';
import { appAt, type TestApp } from '../support/test-app.js';

const OPEN = '2026-01-06T09:00:00Z';

// Every app of this file logs errors: nestjs-pino keeps the first one's logger for all that follow in a process.
let app: TestApp;
afterEach(async () => {
  vi.restoreAllMocks();
  await app.close();
});

describe('an unexpected failure', () => {
  const OPAQUE = 'Something went wrong on our side; it is logged. Quote the request id when you ask about it.';
  const SECRETS = { text: 'Rendez-vous au 12 rue des Lilas', phoneNumber: '+33698765432', national: '0698765432' };

  interface Failure {
    readonly errors: readonly GraphqlError[];
    readonly requestId: string;
    readonly log: string;
    readonly key: string;
  }

  /** Sends while something behind the scenes is broken by `sql`, and listens to the log. */
  async function failing(sql: string): Promise<Failure> {
    // pino writes through process.stdout only where it finds it replaced when it starts.
    let log = '';
    vi.spyOn(process.stdout, 'write').mockImplementation(chunk => {
      log += String(chunk);
      return true;
    });
    app = await appAt(OPEN, { env: { LOG_LEVEL: 'error' } });
    app.nest.useLogger(app.nest.get(Logger));
    const { key } = await app.tenant();
    await app.sql(sql);
    const response = await request(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({
        query: `mutation Remind($input: SendSmsInput!) { sendSms(input: $input) { __typename } }`,
        variables: { input: { to: [SECRETS.national], text: SECRETS.text } },
      }),
    });
    const { errors }: { errors: GraphqlError[] } = JSON.parse(await response.body.text());
    return { errors, requestId: String(response.headers['x-request-id']), log, key };
  }

  function expectNoSecret({ log, key }: Failure): void {
    for (const secret of [key, key.slice(3), SECRETS.text, 'Lilas', SECRETS.phoneNumber, '698765432', SECRETS.national])
      expect(log).not.toContain(secret);
  }

  test('is answered with one opaque sentence and a request id, and logged in full under that id', async () => {
    const failure = await failing('alter table deliveries rename column phone_number to renamed');
    expect(failure.errors).toEqual([
      {
        message: OPAQUE,
        path: ['sendSms'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: failure.requestId },
      },
    ]);
    expect(failure.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const told = failure.log
      .split('\n')
      .filter(line => line.includes('"requestId"'))
      .map((line): unknown => JSON.parse(line));
    expect(told).toEqual([
      expect.objectContaining({
        requestId: failure.requestId,
        operationName: 'Remind',
        path: ['sendSms'],
        err: expect.objectContaining({
          type: 'QueryFailedError',
          message: expect.stringContaining('phone_number'),
          code: '42703',
          stack: expect.stringContaining('delivery.store'),
        }),
      }),
    ]);
    expectNoSecret(failure);
  });

  test('shows no phone number and no key in the log, even where the error itself repeats them', async () => {
    const failure = await failing(`
      create function indiscreet() returns trigger language plpgsql as
        $$ begin raise exception 'no % and no rk_0123456789012345678901234567890123456789abc', new.phone_number; end $$;
      create trigger indiscreet before insert on deliveries for each row execute function indiscreet()`);
    expect(failure.errors.map(error => error.message)).toEqual([OPAQUE]);
    expect(failure.log).toContain('no … and no rk_…');
    expectNoSecret(failure);
  });

  test('leaves nothing behind', async () => {
    await failing('alter table timeline_events rename column detail to renamed');
    for (const table of ['messages', 'submissions', 'deliveries', 'idempotency_records'])
      expect(await app.sql(`select * from ${table}`)).toEqual([]);
    expect(await app.sql('select amount from balances')).toEqual([{ amount: '100.0000' }]);
  });

  test('refusals are not failures: none of them is logged as an error', async () => {
    let log = '';
    vi.spyOn(process.stdout, 'write').mockImplementation(chunk => {
      log += String(chunk);
      return true;
    });
    app = await appAt(OPEN, { env: { LOG_LEVEL: 'error' } });
    app.nest.useLogger(app.nest.get(Logger));
    const { gql } = await app.tenant({ scopes: ['SEND'] });
    await gql.ask('{ optOuts { nodes { source } } }');
    await gql.ask('mutation { cancelMessage(id: "nonsense") { __typename } }');
    await gql.ask('{ nonsense }');
    expect(log).toBe('');
  });
});
