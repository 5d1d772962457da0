import { afterEach, expect, test } from 'vitest';
import { createDatabase } from '../support/database.js';
import { GraphqlClient } from '../support/graphql-client.js';
import { accepted, acceptedFor, balanceOf, look, refused } from '../support/messages.js';
import { appAt, type TestApp } from '../support/test-app.js';

let app: TestApp;
afterEach(() => app.close());

/** Saturday night in Paris, before a Sunday. */
const NIGHT = '2026-01-10T23:00:00Z';

test('a TRANSACTIONAL SMS leaves at night where the administrator allowed it', async () => {
  app = await appAt(NIGHT);
  const { gql } = await app.tenant({ transactionalAllowed: true });
  const code = await accepted(gql, { category: 'TRANSACTIONAL', text: 'Code 123456' });
  expect(code).toMatchObject({ status: 'QUEUED', category: 'TRANSACTIONAL', holds: [], sentText: 'Code 123456' });
  await app.tick();
  expect(app.simulator.accepted.map(({ sms }) => [sms.recipients, sms.stopMention])).toEqual([
    [['+33612345678'], false],
  ]);
  // The tenant's default category stays commercial, and so held.
  expect(await accepted(gql)).toMatchObject({ status: 'HELD', category: 'COMMERCIAL' });
});

test('a TRANSACTIONAL SMS is refused where the administrator did not allow it, and nothing is charged', async () => {
  app = await appAt(NIGHT);
  const { gql } = await app.tenant({ transactionalAllowed: false });
  const refusal = await refused(gql, { category: 'TRANSACTIONAL' });
  expect(refusal).toMatchObject({
    __typename: 'InvalidSms',
    code: 'INVALID_SMS',
    problems: [{ path: ['category'], code: 'CATEGORY_NOT_ALLOWED', message: expect.stringContaining('administrator') }],
  });
  expect(await balanceOf(gql)).toBe('100.0000');
  await app.tick();
  expect(app.simulator.accepted).toHaveLength(0);
});

test('a tenant exempt from quiet hours sends at night, TRANSACTIONAL without asking; its explicit COMMERCIAL is refused', async () => {
  app = await appAt(NIGHT);
  const { gql } = await app.tenant({ quietHoursEnforced: false, transactionalAllowed: false });
  const message = await accepted(gql);
  expect(message).toMatchObject({ status: 'QUEUED', category: 'TRANSACTIONAL', holds: [] });
  await app.tick();
  expect(app.simulator.accepted).toHaveLength(1);
  expect(await refused(gql, { category: 'COMMERCIAL' })).toMatchObject({
    __typename: 'InvalidSms',
    problems: [{ path: ['category'], code: 'CATEGORY_NOT_ALLOWED', message: expect.stringContaining('COMMERCIAL') }],
  });
});

test('a tenant that is exempted later no longer sends COMMERCIAL, but what it had held stays held', async () => {
  app = await appAt(NIGHT);
  const { gql, id } = await app.tenant();
  const held = await accepted(gql);
  await app.admin.run(
    'mutation ($id: ID!) { updateTenant(id: $id, input: { quietHoursEnforced: false }) { defaultCategory } }',
    { id },
  );
  await app.tick();
  expect(await look(gql, held.id)).toMatchObject({ status: 'HELD', category: 'COMMERCIAL' });
  expect(await accepted(gql, { to: ['+33687654321'] })).toMatchObject({ category: 'TRANSACTIONAL', status: 'QUEUED' });
  await app.tick();
  expect(app.simulator.accepted.map(({ sms }) => sms.recipients)).toEqual([['+33687654321']]);
});

test('a provider that keeps other hours than ours is asked again a little later, and the SMS says that it was the provider', async () => {
  app = await appAt('2026-01-12T10:00:00Z');
  const { gql } = await app.tenant();
  const message = await accepted(gql, { to: ['+33612340007'] });
  expect(message.status).toBe('QUEUED');
  await app.tick();
  const held = await look(gql, message.id);
  expect(held.status).toBe('HELD');
  expect(held.holds).toEqual([
    {
      rule: 'QUIET_HOURS',
      policy: 'provider',
      territory: 'METROPOLE',
      timeZone: 'Europe/Paris',
      localTime: '2026-01-12T11:00:00',
      holiday: null,
      recipients: 1,
      releaseAt: '2026-01-12T10:10:00.000Z',
      explanation: expect.stringContaining('provider'),
    },
  ]);
  expect(held.counts).toMatchObject({ waiting: 1, refused: 0 });
});

test('a platform may choose the AF2M hours: 21:45 is open in January 2026, and closed from March 2026', async () => {
  app = await appAt('2026-01-12T20:45:00Z', { env: { SEND_POLICY: 'af2m' } });
  const { gql } = await app.tenant();
  expect(await accepted(gql)).toMatchObject({ status: 'QUEUED', holds: [] });
  app.clock.set('2026-03-02T20:45:00Z');
  const [hold] = (await accepted(gql)).holds;
  expect(hold).toMatchObject({ policy: 'af2m', rule: 'QUIET_HOURS', releaseAt: '2026-03-03T07:00:00.000Z' });
});

test('a message scheduled under one policy is judged again by the policy in force when its hour comes', async () => {
  const database = await createDatabase();
  const before = await appAt('2026-01-12T10:00:00Z', {
    databaseUrl: database.ownerUrl,
    env: { SEND_POLICY: 'af2m' },
  });
  const tenant = await before.tenant();
  // 20:30 in Paris: open by AF2M, closed by SMS Partner.
  const message = await acceptedFor(tenant.gql, '2026-01-12T19:30:00Z');
  expect(message.status).toBe('SCHEDULED');
  await before.close();

  app = await appAt('2026-01-12T19:30:00Z', { databaseUrl: database.ownerUrl });
  const gql = new GraphqlClient(app.url, tenant.key);
  await app.tick();
  const held = await look(gql, message.id);
  expect(held).toMatchObject({ status: 'HELD', releaseAt: '2026-01-13T07:00:00.000Z' });
  expect(held.timeline.map(event => event.kind)).toEqual(['accepted', 'scheduled', 'held']);
  expect(held.holds[0]).toMatchObject({ policy: 'smspartner', localTime: '2026-01-12T20:30:00' });
  expect(app.simulator.accepted).toHaveLength(0);
  app.clock.set('2026-01-13T07:00:00Z');
  await app.tick();
  expect(app.simulator.accepted).toHaveLength(1);
});
