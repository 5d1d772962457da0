import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GraphqlClient } from '../support/graphql-client.js';
import { booksOf } from '../support/ledger.js';
import { accepted, refused } from '../support/messages.js';
import { answered, NO_ANSWER } from '../support/scripted-provider.js';
import { appWithStopLists, fatesOf, lift, nextSync, numbersShown, removalsOf } from '../support/stop-lists.js';
import { setCredential, shown, stop, stopIdsOf, StopLists, sync } from '../support/stop-lists.js';
import type { TestApp, TestTenant } from '../support/test-app.js';
import { createWebhook } from '../support/webhooks.js';

// Opt-outs and the STOP list of a tenant's own provider account.
const [ANNE, BOB, CARL] = ['+33611111111', '+33622222222', '+33633333333'] as const;
const KEY = 'cle-du-client-0123456789';

let provider: StopLists;
let app: TestApp;
let tenant: TestTenant;
let gql: GraphqlClient;

beforeEach(async () => {
  provider = new StopLists();
  app = await appWithStopLists(provider);
  tenant = await app.tenant({ credit: '1.0000' });
  ({ gql } = tenant);
  await setCredential(app, tenant, KEY);
});
afterEach(() => app.close());

test('a STOP that came there holds back what already waits here, and is paid back', async () => {
  const message = await accepted(gql, { to: [ANNE, BOB] });
  const id = provider.stop(KEY, ANNE);
  await sync(app);
  await app.tick();
  expect(await fatesOf(gql, message.id)).toEqual({ [ANNE]: 'OPTED_OUT', [BOB]: 'SENT' });
  expect(provider.recipients).toEqual([[BOB]]);
  expect(await booksOf(app, tenant.id)).toMatchObject({ balance: '0.9550', ledger: '0.9550', due: '0.9550' });
  expect(await shown(gql)).toEqual([{ phoneNumber: ANNE, source: 'provider' }]);
  expect(await stopIdsOf(app, tenant.id)).toEqual({ [ANNE]: id });
  expect((await refused(gql, { to: [ANNE] })).__typename).toBe('NoRecipient');
});

test('it is taken up once, with a number that the drop-in API can delete it by', async () => {
  provider.stop(KEY, ANNE);
  provider.stop(KEY, ANNE);
  await sync(app);
  await nextSync(app);
  const rows = await app.sql<{ number: string }>('select number from opt_outs where tenant_id = $1', [tenant.id]);
  expect(rows).toHaveLength(1);
  expect(Number(rows[0]?.number)).toBeGreaterThanOrEqual(400);
  expect(provider.askedAbout('addOptOut')).toEqual([]);
});

test('a STOP that came there is told to the webhooks, each once', async () => {
  await createWebhook(gql, 'https://hooks.example/stops', ['optout.created']);
  provider.stop(KEY, ANNE);
  provider.stop(KEY, BOB);
  await sync(app);
  await nextSync(app);
  const told = await app.sql<{ payload: string }>('select payload from webhook_deliveries order by event_id');
  expect(told.map(({ payload }) => JSON.parse(payload))).toMatchObject([
    { type: 'optout.created', data: { phoneNumber: ANNE, source: 'provider' } },
    { type: 'optout.created', data: { phoneNumber: BOB, source: 'provider' } },
  ]);
});

test('a STOP of ours gets there once, and gets its id', async () => {
  await stop(gql, ANNE);
  await sync(app);
  expect(provider.numbers(KEY)).toEqual([ANNE]);
  const ids = await stopIdsOf(app, tenant.id);
  expect(ids[ANNE]).toMatch(/^\d+$/);
  await nextSync(app);
  await nextSync(app);
  expect(provider.askedAbout('addOptOut')).toEqual([ANNE]);
  expect(await stopIdsOf(app, tenant.id)).toEqual(ids);
  expect(await shown(gql)).toEqual([{ phoneNumber: ANNE, source: 'api' }]);
});

test('a STOP that stands on both sides gets its id from the list', async () => {
  await stop(gql, ANNE);
  const id = provider.stop(KEY, '+33 6 11 11 11 11');
  await sync(app);
  expect(await stopIdsOf(app, tenant.id)).toEqual({ [ANNE]: id });
  expect(provider.askedAbout('addOptOut')).toEqual([]);
});

test('a STOP that stood there already by the time it comes gets its id with the next list', async () => {
  await stop(gql, ANNE);
  const list = provider.onOptOuts;
  provider.onOptOuts = answered([]);
  const id = provider.stop(KEY, ANNE);
  await sync(app);
  expect(await stopIdsOf(app, tenant.id)).toEqual({ [ANNE]: null });
  provider.onOptOuts = list;
  await nextSync(app);
  expect(await stopIdsOf(app, tenant.id)).toEqual({ [ANNE]: id });
  expect(provider.askedAbout('addOptOut')).toEqual([ANNE]);
});

test('a lifted STOP is deleted there and not taken up again', async () => {
  const id = provider.stop(KEY, ANNE);
  await sync(app);
  expect(await lift(gql, ANNE)).toBe(true);
  await nextSync(app);
  expect(provider.askedAbout('removeOptOut')).toEqual([id]);
  expect(provider.numbers(KEY)).toEqual([]);
  expect(await removalsOf(app, tenant.id)).toEqual([]);
  await nextSync(app);
  expect(await numbersShown(gql)).toEqual([]);
  expect(provider.askedAbout('removeOptOut')).toEqual([id]);
  await accepted(gql, { to: [ANNE] });
});

test('a STOP lifted before its id was known is deleted there too', async () => {
  await sync(app);
  await stop(gql, ANNE);
  const id = provider.stop(KEY, ANNE);
  await lift(gql, ANNE);
  await nextSync(app);
  expect(provider.askedAbout('removeOptOut')).toEqual([id]);
  expect(await numbersShown(gql)).toEqual([]);
  expect(await removalsOf(app, tenant.id)).toEqual([]);
});

test('a STOP lifted before it ever got there leaves nothing to do', async () => {
  await sync(app);
  await stop(gql, ANNE);
  await lift(gql, ANNE);
  await nextSync(app);
  expect(await removalsOf(app, tenant.id)).toEqual([]);
  expect(provider.askedAbout('addOptOut')).toEqual([]);
  expect(provider.askedAbout('removeOptOut')).toEqual([]);
});

test('a STOP lifted while it was on its way there is deleted there by the next sync', async () => {
  await stop(gql, ANNE);
  provider.onAddOptOut = async phoneNumber => {
    await lift(gql, phoneNumber);
    return answered(provider.stop(KEY, phoneNumber));
  };
  await sync(app);
  await nextSync(app);
  expect(provider.numbers(KEY)).toEqual([]);
  expect(await numbersShown(gql)).toEqual([]);
});

test('a lifted STOP that comes again stays, on both sides', async () => {
  provider.stop(KEY, ANNE);
  await sync(app);
  await lift(gql, ANNE);
  await stop(gql, ANNE);
  await nextSync(app);
  expect(provider.askedAbout('removeOptOut')).toEqual([]);
  expect(provider.numbers(KEY)).toEqual([ANNE]);
  expect(await shown(gql)).toEqual([{ phoneNumber: ANNE, source: 'api' }]);
});

test('a new STOP to the provider counts although an earlier one of that number is still to be deleted', async () => {
  const id = provider.stop(KEY, ANNE);
  await sync(app);
  await lift(gql, ANNE);
  provider.clear(KEY);
  const newId = provider.stop(KEY, ANNE);
  await nextSync(app);
  expect(provider.askedAbout('removeOptOut')).toEqual([id]);
  expect(await stopIdsOf(app, tenant.id)).toEqual({ [ANNE]: newId });
});

test('a number that leaves the list there stays opted out here, until it is lifted here', async () => {
  provider.stop(KEY, ANNE);
  await sync(app);
  provider.clear(KEY);
  await nextSync(app);
  expect(await numbersShown(gql)).toEqual([ANNE]);
  expect((await refused(gql, { to: [ANNE] })).__typename).toBe('NoRecipient');
  await lift(gql, ANNE);
  await nextSync(app);
  expect(await removalsOf(app, tenant.id)).toEqual([]);
});

test('what cannot be read is left out, and the others count', async () => {
  for (const phoneNumber of ['36180', 'unknown', BOB]) provider.stop(KEY, phoneNumber);
  await sync(app);
  expect(await numbersShown(gql)).toEqual([BOB]);
});

test('a long list comes whole, and once', async () => {
  const numbers = Array.from({ length: 1_203 }, (_, index) => `+336${String(10_000_000 + index)}`);
  for (const phoneNumber of numbers) provider.stop(KEY, phoneNumber);
  await sync(app);
  const ids = await stopIdsOf(app, tenant.id);
  expect(Object.keys(ids).toSorted()).toEqual(numbers);
  await nextSync(app);
  expect(await stopIdsOf(app, tenant.id)).toEqual(ids);
});

test('no answer changes nothing, and it is asked again when next due', async () => {
  await stop(gql, ANNE);
  provider.stop(KEY, BOB);
  const list = provider.onOptOuts;
  provider.onOptOuts = NO_ANSWER;
  await sync(app);
  expect(await stopIdsOf(app, tenant.id)).toEqual({ [ANNE]: null });
  expect(provider.askedAbout('addOptOut')).toEqual([]);
  provider.onOptOuts = list;
  app.clock.advance({ minutes: 9 });
  await sync(app);
  expect(await numbersShown(gql)).toEqual([ANNE]);
  app.clock.advance({ minutes: 1 });
  await sync(app);
  expect(await numbersShown(gql)).toEqual([ANNE, BOB]);
  expect(provider.numbers(KEY).toSorted()).toEqual([ANNE, BOB]);
});

test('an addition or deletion without answer is tried again, and keeps no other from its turn', async () => {
  const id = provider.stop(KEY, CARL);
  await sync(app);
  await lift(gql, CARL);
  await stop(gql, ANNE);
  await stop(gql, BOB);
  const { onAddOptOut: add, onRemoveOptOut: remove } = provider;
  provider.onRemoveOptOut = NO_ANSWER;
  provider.onAddOptOut = phoneNumber =>
    phoneNumber === ANNE || typeof add !== 'function' ? NO_ANSWER : add(phoneNumber);
  await nextSync(app);
  expect(provider.numbers(KEY)).toEqual([CARL, BOB]);
  expect(await numbersShown(gql)).toEqual([ANNE, BOB]);
  expect(await removalsOf(app, tenant.id)).toEqual([{ phone_number: CARL, provider_stop_id: id }]);
  Object.assign(provider, { onAddOptOut: add, onRemoveOptOut: remove });
  await nextSync(app);
  expect(provider.numbers(KEY)).toEqual([BOB, ANNE]);
  expect(await numbersShown(gql)).toEqual([ANNE, BOB]);
});

test('a provider that is away is not called for every number', async () => {
  for (let index = 0; index < 9; index += 1) await stop(gql, `+336${String(20_000_000 + index)}`);
  provider.onAddOptOut = NO_ANSWER;
  await sync(app);
  expect(provider.askedAbout('addOptOut')).toHaveLength(5);
});
