import { afterEach, beforeEach, expect, test } from 'vitest';
import { acceptedBatch, cancelBatch, findBatchByNumber, lookBatch, messagesOf } from '../support/batches.js';
import { booksOf } from '../support/ledger.js';
import { balanceOf } from '../support/messages.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

let app: TestApp;
let tenant: TestTenant;
beforeEach(async () => {
  // Monday 12 January 2026, 11:00 in Paris: open.
  app = await appAt('2026-01-12T10:00:00Z');
  tenant = await app.tenant();
});
afterEach(() => app.close());

/** Two are delivered, one the provider refuses, one the operator cannot deliver. */
const MESSAGES = [
  { to: '+33612345678', text: 'Anne, votre colis est arrivé' },
  { to: '+33612340001', text: 'Bob, votre colis est arrivé' },
  { to: '+33612340002', text: 'Carl, votre colis est arrivé' },
  { to: '06 12 34 56 79', text: 'Dina, vos 3 colis sont arrivés' },
];

const fates = async (id: string) =>
  (await messagesOf(tenant.gql, id)).map(({ status, cost, deliveries }) => {
    const [delivery] = deliveries.nodes;
    return [delivery?.phoneNumber, status, delivery?.status, cost];
  });

test('a text for each goes out in one call, and each recipient has an end of its own', async () => {
  const queued = await acceptedBatch(tenant.gql, { messages: MESSAGES, sender: 'Relais', tag: 'colis' });
  expect(queued).toMatchObject({ status: 'QUEUED', messageCount: 4, cost: '0.1800', counts: { waiting: 4 } });
  expect(await balanceOf(tenant.gql)).toBe('99.8200');

  app.clock.advance({ seconds: 1 });
  await app.tick();
  expect(await lookBatch(tenant.gql, queued.id)).toMatchObject({
    status: 'SENT',
    cost: '0.1350',
    counts: { sent: 3, refused: 1, waiting: 0 },
  });
  const sent = app.simulator.accepted.map(({ sms }) => sms);
  expect(sent.map(({ text }) => text)).toEqual([MESSAGES[0]?.text, MESSAGES[2]?.text, MESSAGES[3]?.text]);
  expect(new Set(sent.map(({ tag }) => tag)).size).toBe(1);

  app.clock.advance({ seconds: 2 });
  await app.tick();
  const done = await lookBatch(tenant.gql, queued.id);
  expect(done).toMatchObject({ status: 'COMPLETED', counts: { delivered: 2, undelivered: 1, refused: 1, sent: 0 } });
  expect(await fates(queued.id)).toEqual([
    ['+33612345678', 'COMPLETED', 'DELIVERED', '0.0450'],
    ['+33612340001', 'FAILED', 'REFUSED', '0.0000'],
    ['+33612340002', 'COMPLETED', 'UNDELIVERED', '0.0450'],
    ['+33612345679', 'COMPLETED', 'DELIVERED', '0.0450'],
  ]);
  const balance = '99.8650';
  expect(await booksOf(app, tenant.id)).toMatchObject({ balance, ledger: balance, due: balance, misjudged: 0 });

  app.clock.advance({ days: 3 });
  await app.tick();
  expect(await findBatchByNumber(tenant.gql, queued.number)).toEqual(done);
});

test('a batch for tomorrow waits, can be called off, and then nobody gets anything', async () => {
  const batch = await acceptedBatch(tenant.gql, { messages: MESSAGES, at: '2026-01-13T09:00:00Z' });
  expect(batch).toMatchObject({ status: 'SCHEDULED', scheduledFor: '2026-01-13T09:00:00.000Z' });
  await app.tick();
  expect(await cancelBatch(tenant.gql, batch.id)).toMatchObject({ status: 'CANCELLED', counts: { cancelled: 4 } });
  app.clock.set('2026-01-13T09:00:00Z');
  await app.tick();
  expect(app.simulator.accepted).toEqual([]);
  expect(await balanceOf(tenant.gql)).toBe('100.0000');
  expect(await cancelBatch(tenant.gql, batch.id)).toMatchObject({ __typename: 'TooLate', status: 'CANCELLED' });
});

test('a sandbox batch does the same in the simulator and touches no credit', async () => {
  const batch = await acceptedBatch(tenant.gql, { messages: MESSAGES, sandbox: true });
  await app.tick();
  app.clock.advance({ seconds: 2 });
  await app.tick();
  expect(await lookBatch(tenant.gql, batch.id)).toMatchObject({
    status: 'COMPLETED',
    counts: { delivered: 2, undelivered: 1, refused: 1 },
  });
  expect(await balanceOf(tenant.gql)).toBe('100.0000');
});
