import { afterEach, beforeEach, expect, test } from 'vitest';
import { PurgeSandbox } from '../../src/messaging/purge-sandbox.js';
import { attemptsOf } from '../support/attempts.js';
import { acceptedBatch, findBatch, lookBatch, pairs } from '../support/batches.js';
import { rowsOf } from '../support/ledger.js';
import { accepted, acceptedFor, look, type MessageView } from '../support/messages.js';
import { post, receipt } from '../support/receipts.js';
import { ScriptedProvider } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris, and the same hour a day later. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const WEDNESDAY = '2026-01-14T10:00:00.000Z';
/** Everything that a message leaves behind. */
const TABLES = [
  'messages',
  'batches',
  'submissions',
  'deliveries',
  'attempts',
  'attempt_submissions',
  'receipts',
  'replies',
  'reply_posts',
  'timeline_events',
  'webhook_deliveries',
];
const NOTHING = Object.fromEntries(TABLES.map(table => [table, 0]));
/** Nobody listens there, so what is posted stays to be posted again. */
const RECEIPT_URL = 'http://127.0.0.1:9/receipts';

let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;

beforeEach(async () => {
  provider = new ScriptedProvider();
  app = await appAt(TUESDAY, { provider, env: { WEBHOOK_ALLOW: '127.0.0.0/8' } });
  tenant = await app.tenant();
});
afterEach(() => app.close());

const purge = (): Promise<void> => app.nest.get(PurgeSandbox).execute();
const purgeAt = async (instant: string): Promise<void> => {
  app.clock.set(instant);
  await purge();
};
const left = (of: TestTenant = tenant) => rowsOf(app, of.id, TABLES);

/** With receipts, a reply and calls to the tenant's own address. */
async function live(of: TestTenant, sandbox: boolean): Promise<MessageView> {
  const options = { sandbox, receiptUrl: RECEIPT_URL, replyUrl: RECEIPT_URL };
  const message = await accepted(of.gql, { ...options, to: ['+33612345678', '+33612340002'] });
  await acceptedBatch(of.gql, { ...options, messages: pairs(3) });
  await app.tick();
  app.clock.advance({ seconds: 2 });
  await app.tick();
  return message;
}

test('a day later nothing is left of a sandbox message or batch, in any table, of any tenant', async () => {
  const other = await app.tenant();
  for (const each of [tenant, other]) await live(each, true);
  const before = await left();
  expect(before).toMatchObject({
    messages: 4,
    batches: 1,
    submissions: 4,
    deliveries: 5,
    receipts: 5,
    webhook_deliveries: 5,
  });
  expect(before['attempts']).toBeGreaterThan(1);
  await purgeAt('2026-01-14T10:00:03.000Z');
  expect(await left()).toEqual(NOTHING);
  expect(await left(other)).toEqual(NOTHING);
});

test('younger ones stay whole, and so do real ones however old', async () => {
  const real = await live(tenant, false);
  const kept = await left();
  app.clock.advance({ seconds: 10 });
  const young = await accepted(tenant.gql, { sandbox: true });
  const youngBatch = await acceptedBatch(tenant.gql, { sandbox: true, messages: pairs(3) });
  await purgeAt(WEDNESDAY);
  expect((await look(tenant.gql, young.id)).status).toBe('QUEUED');
  expect(await lookBatch(tenant.gql, youngBatch.id)).toMatchObject({ messageCount: 3, counts: { waiting: 3 } });
  expect(await left()).toMatchObject({ messages: 8, batches: 2, submissions: 8, deliveries: 9 });
  await purgeAt('2026-01-20T10:00:00.000Z');
  expect(await left()).toEqual(kept);
  expect((await look(tenant.gql, real.id)).id).toBe(real.id);
});

test('the purge keeps to the day: to the millisecond, and twice does no harm', async () => {
  const { id } = await acceptedBatch(tenant.gql, { sandbox: true, messages: pairs(2) });
  await purgeAt(WEDNESDAY);
  expect(await findBatch(tenant.gql, id)).not.toBeNull();
  await purgeAt('2026-01-14T10:00:00.001Z');
  await purge();
  expect(await findBatch(tenant.gql, id)).toBeNull();
  expect(await left()).toEqual(NOTHING);
});

test('more of them than one look takes are all purged', async () => {
  await acceptedBatch(tenant.gql, { sandbox: true, messages: pairs(700) });
  await acceptedFor(tenant.gql, '2026-01-16T10:00:00Z');
  await purgeAt('2026-01-14T10:00:01.000Z');
  expect(await left()).toMatchObject({ messages: 1, batches: 0, submissions: 1, deliveries: 1, timeline_events: 2 });
});

test('what the provider posted and nobody could apply goes as well: it may tell a number', async () => {
  const message = await accepted(tenant.gql, { sandbox: true });
  await app.tick();
  const [sent] = app.simulator.accepted;
  const urls = [sent?.sms.receiptUrl ?? '', sent?.sms.replyUrl ?? ''];
  expect(await attemptsOf(app, message.id)).toHaveLength(1);
  await post(urls[0] ?? '', receipt('+33699999999', 'delivered'));
  await post(urls[0] ?? '', 'not JSON');
  await post(urls[1] ?? '', 'not JSON');
  await app.tick();
  await purgeAt('2026-01-14T10:00:01.000Z');
  expect(await left()).toEqual(NOTHING);
});

test('a key that stood for a purged message stands for the one that is sent under it next', async () => {
  const input = { sandbox: true, idempotencyKey: 'k' };
  const batchInput = { sandbox: true, idempotencyKey: 'b', messages: pairs(2) };
  const first = await accepted(tenant.gql, input);
  const firstBatch = await acceptedBatch(tenant.gql, batchInput);
  await purgeAt('2026-01-14T10:00:01.000Z');
  const second = await accepted(tenant.gql, input);
  const secondBatch = await acceptedBatch(tenant.gql, batchInput);
  expect([second.id === first.id, secondBatch.id === firstBatch.id]).toEqual([false, false]);
  expect((await accepted(tenant.gql, input)).id).toBe(second.id);
  expect((await acceptedBatch(tenant.gql, batchInput)).id).toBe(secondBatch.id);
});
