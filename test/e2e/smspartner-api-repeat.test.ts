import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cancel, reschedule } from '../support/messages.js';
import { idIn, SmsPartnerClient } from '../support/smspartner-client.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

// Monday 12 January 2026, 22:00 in Paris: commercial SMS wait until Tuesday at eight.
const NIGHT = '2026-01-12T21:00:00Z';
const NUMBER = '+33612345678';
const OTHER = '+33612345679';
/** No price is set for it. */
const UNPRICED = '+12025550123';

let app: TestApp;
let tenant: TestTenant;
let client: SmsPartnerClient;

beforeEach(async () => {
  app = await appAt(NIGHT, { env: { WEBHOOK_ALLOW: '127.0.0.0/8' } });
  tenant = await app.tenant();
  client = new SmsPartnerClient(app.url, tenant.key);
});
afterEach(() => app.close());

const idOf = async (number: number): Promise<string> => {
  const [row] = await app.sql<{ id: string }>('select id from messages where number = $1', [number]);
  return row?.id ?? '';
};
const KEY = { 'idempotency-key': 'order-7' };

describe('a request repeated with its Idempotency-Key is told the first answer, byte for byte', () => {
  test('after it was cancelled', async () => {
    const first = await client.send({}, KEY);
    expect(first.body).toContain('"cost":0.045,"currency":"EUR","pausedUntil":"2026-01-13 08:00:00"}');
    await cancel(tenant.gql, await idOf(idIn(first)));
    expect(await client.send({}, KEY)).toEqual(first);
  });

  test('after it was rescheduled', async () => {
    const when = { scheduledDeliveryDate: '13/01/2026', time: 10, minute: 30 };
    const first = await client.send(when, KEY);
    expect(first.body).toContain('"scheduledDeliveryDate":"2026-01-13 10:30:00"');
    await reschedule(tenant.gql, await idOf(idIn(first)), '2026-01-15T10:00:00Z');
    expect(await client.send(when, KEY)).toEqual(first);
  });

  test('in bulk, after one of them opted out and the rest was cancelled', async () => {
    const fields = {
      SMSList: [
        { phoneNumber: NUMBER, message: 'Anne' },
        { phoneNumber: OTHER, message: 'Luc' },
      ],
    };
    const first = await client.post('/v1/bulk-send', fields, KEY);
    expect(first.body).toContain('"cost":0.09,"nbSMS":2');
    await client.post('/v1/stop-sms/add', { phoneNumber: OTHER });
    app.clock.set('2026-01-13T07:00:00Z');
    await app.tick();
    expect(await client.post('/v1/bulk-send', fields, KEY)).toEqual(first);
  });
});

test('a blank Idempotency-Key is a mistake that is told, since ignored it would send twice', async () => {
  const { status, body } = await client.send({}, { 'idempotency-key': ' ' });
  expect([status, body.includes('"elementId":"Idempotency-Key"')]).toEqual([400, true]);
});

describe('a missing price is told with whatever else is wrong', () => {
  test('with one text for all', async () => {
    const { status, body } = await client.send({ phoneNumbers: `${UNPRICED},06`, message: '', sender: 'x' });
    expect(status).toBe(400);
    const elements = [...body.matchAll(/"elementId":"children\[(\w+)\]/g)].map(match => match[1]);
    expect(elements).toEqual(['message', 'phoneNumbers', 'phoneNumbers', 'sender']);
    expect(body).toContain(UNPRICED);
  });

  test('with a text for each', async () => {
    const document = `mutation ($input: SendBatchInput!) {
      sendBatch(input: $input) { ... on InvalidSms { problems { path code } } } }`;
    const messages = [
      { to: NUMBER, text: '' },
      { to: UNPRICED, text: 'b' },
      { to: '061', text: 'b' },
    ];
    const { sendBatch } = await tenant.gql.run<{ sendBatch: { problems: { path: string[] }[] } }>(document, {
      input: { messages },
    });
    expect(new Set(sendBatch.problems.map(({ path }) => path[1]))).toEqual(new Set(['0', '1', '2']));
  });
});

describe('a path as base URLs and proxies make it', () => {
  test.for(['//v1/send', '/v1//send', '/v1/send/'])('%s is the same call', async path => {
    expect((await client.post(path, { phoneNumbers: NUMBER, message: 'Bonjour' })).status).toBe(200);
  });
});

const payloads = async (): Promise<string[]> =>
  (await app.sql<{ payload: string }>('select payload from webhook_deliveries order by id')).map(row => row.payload);

describe('urlDlr', () => {
  test('hears at once of who had opted out, at no cost', async () => {
    await client.post('/v1/stop-sms/add', { phoneNumber: OTHER });
    await client.accepted({ phoneNumbers: `${NUMBER},${OTHER}`, urlDlr: 'http://127.0.0.1:9/dlr' });
    const told = (await payloads()).map((payload): unknown => JSON.parse(payload));
    expect(told).toEqual([expect.objectContaining({ status: 'ko', phone: OTHER, cost: '0.0' })]);
  });

  test('hears no cost of what was paid back', async () => {
    await client.accepted({ phoneNumbers: '+33612340001', urlDlr: 'http://127.0.0.1:9/dlr' });
    app.clock.set('2026-01-13T07:00:00Z');
    await app.tick();
    const told = (await payloads()).map((payload): unknown => JSON.parse(payload));
    expect(told).toEqual([expect.objectContaining({ status: 'ko', cost: '0.0' })]);
  });
});

test('a key whose category its tenant may no longer use goes by the tenant', async () => {
  const issue = `mutation { issueApiKey(input: { name: "shop", scopes: [SEND], defaultCategory: COMMERCIAL }) { secret } }`;
  const { issueApiKey } = await tenant.gql.run<{ issueApiKey: { secret: string } }>(issue);
  const update = 'mutation ($id: ID!) { updateTenant(id: $id, input: { quietHoursEnforced: false }) { id } }';
  await app.admin.run(update, { id: tenant.id });
  const { status, body } = await new SmsPartnerClient(app.url, issueApiKey.secret).send();
  expect([status, body.includes('pausedUntil')]).toEqual([200, false]);
});

test('a sandbox SMS to a blocked account alarms nobody and keeps nobody waiting', async () => {
  await client.accepted({ phoneNumbers: '+33612340006', sandbox: 1 });
  app.clock.set('2026-01-13T07:00:00Z');
  await app.tick();
  expect(await app.sql('select 1 from provider_blocks')).toEqual([]);
});
