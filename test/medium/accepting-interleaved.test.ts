import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accepted, send } from '../support/messages.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

const OPEN = '2026-01-06T09:00:00Z';
const SMS = 'mutation ($input: SendSmsInput!) { sendSms(input: $input) { __typename } }';
const SUSPENDED = `status = 'SUSPENDED', suspended_reason = 'unpaid', suspended_at = now()`;

let app: TestApp;
let tenant: TestTenant;
/** Somebody else's transaction, in whose way an acceptance comes. */
let other: pg.Client;
beforeAll(async () => {
  app = await appAt(OPEN);
});
beforeEach(async () => {
  app.clock.set(OPEN);
  tenant = await app.tenant();
  other = new pg.Client({ connectionString: app.databaseUrl });
  await other.connect();
  await other.query('begin');
});
afterEach(() => other.end());
afterAll(() => app.close());

const reasonOf = async (input: Readonly<Record<string, unknown>>): Promise<unknown> => {
  const { errors } = await tenant.gql.ask(SMS, { input: { to: ['+33612345678'], text: 'Bonjour', ...input } });
  return errors[0]?.extensions.reason ?? errors[0]?.extensions.code ?? 'answered';
};
const waiting = (): Promise<{ pid: number }[]> =>
  app.sql(
    `select pid from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and application_name = 'relais'`,
  );
const somebodyWaits = async (): Promise<number> => {
  await expect.poll(waiting).toHaveLength(1);
  const [{ pid } = { pid: 0 }] = await waiting();
  return pid;
};
const takeKey = (key: string): Promise<unknown> =>
  other.query(
    `insert into idempotency_records (tenant_id, key, fingerprint, message_id, created_at) values ($1, $2, '', gen_random_uuid(), now())`,
    [tenant.id, key],
  );

describe('who waits for another’s idempotency key', () => {
  test('is judged by the tenant as it is after that', async () => {
    await accepted(tenant.gql);
    await takeKey('order 17');
    const asked = reasonOf({ idempotencyKey: 'order 17' });
    await somebodyWaits();
    await app.sql(`update tenants set ${SUSPENDED} where id = $1`, [tenant.id]);
    await other.query('rollback');
    expect(await asked).toBe('TENANT_SUSPENDED');
  });

  test('pays the price that is in force when his message is made', async () => {
    const later = '2026-01-06T09:00:00.500Z';
    const code = { category: 'TRANSACTIONAL', route: 'ECO' };
    const input = { route: 'ECO', prefix: '33', amount: '0.0900', validFrom: later };
    await app.admin.run('mutation ($input: SetPriceInput!) { setPrice(input: $input) { amount } }', { input });
    await takeKey('order 17');
    const asked = send(tenant.gql, { ...code, idempotencyKey: 'order 17' });
    await somebodyWaits();
    app.clock.set(later);
    await other.query('rollback');
    expect(await asked).toMatchObject({ __typename: 'Message', cost: '0.0900' });
  });
});

describe('where nobody could make sure of the tenant', () => {
  test('an order that is refused anyway is told to ask again', async () => {
    const empty = { text: '', category: 'TRANSACTIONAL' };
    await accepted(tenant.gql);
    expect(await reasonOf(empty)).toBe('answered');
    await other.query('lock table tenants in access exclusive mode');
    const asked = reasonOf(empty);
    await app.sql('select pg_cancel_backend($1)', [await somebodyWaits()]);
    expect(await asked).toBe('SERVICE_UNAVAILABLE');
  });
});
