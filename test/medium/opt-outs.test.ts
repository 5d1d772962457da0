import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GraphqlClient } from '../support/graphql-client.js';
import { booksOf, rowsOf } from '../support/ledger.js';
import { accepted, balanceOf, deliveriesOf, look, refused } from '../support/messages.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

const [ANNE, BOB, CARL] = ['+33611111111', '+33622222222', '+33633333333'] as const;
const OPEN = '2026-01-06T09:00:00Z';
const EVENING = '2026-01-06T20:00:00Z';
const MORNING = '2026-01-07T07:00:00Z';

let app: TestApp;
let tenant: TestTenant;
let gql: GraphqlClient;
beforeAll(async () => {
  app = await appAt(OPEN);
});
beforeEach(async () => {
  app.clock.set(OPEN);
  tenant = await app.tenant({ credit: '1.0000' });
  ({ gql } = tenant);
});
afterAll(() => app.close());

const stop = (client: GraphqlClient, phoneNumber: string) =>
  client.run('mutation ($n: PhoneNumber!) { addOptOut(phoneNumber: $n) { phoneNumber } }', { n: phoneNumber });

/** Who got something, of all that this tenant's message brought to the provider. */
async function reached(messageId: string): Promise<string[]> {
  const attempts = await app.sql<{ tag: string }>('select tag from attempts where message_id = $1', [messageId]);
  const tags = new Set(attempts.map(attempt => attempt.tag));
  return app.simulator.accepted.filter(({ sms }) => tags.has(sms.tag)).flatMap(({ sms }) => sms.recipients);
}

const fates = async (messageId: string): Promise<Record<string, string>> =>
  Object.fromEntries((await deliveriesOf(gql, messageId)).map(delivery => [delivery.phoneNumber, delivery.status]));

describe('who has opted out', () => {
  test('gets nothing and costs nothing, and the others get theirs', async () => {
    await stop(gql, '06 11 11 11 11');
    const message = await accepted(gql, { to: [ANNE, BOB] });
    expect(message).toMatchObject({ cost: '0.0450', recipientCount: 2, counts: { optedOut: 1, waiting: 1 } });
    expect(await balanceOf(gql)).toBe('0.9550');
    await app.tick();
    expect(await reached(message.id)).toEqual([BOB]);
    expect(await fates(message.id)).toEqual({ [ANNE]: 'OPTED_OUT', [BOB]: 'SENT' });
    expect((await deliveriesOf(gql, message.id)).map(delivery => delivery.cost)).toEqual(['0.0000', '0.0450']);
  });

  test('alone leaves no recipient: the message is refused and nothing is kept', async () => {
    await stop(gql, ANNE);
    expect((await refused(gql, { to: [ANNE], idempotencyKey: 'k' })).__typename).toBe('NoRecipient');
    const tables = ['messages', 'deliveries', 'idempotency_records'];
    expect(await rowsOf(app, tenant.id, tables)).toEqual(Object.fromEntries(tables.map(table => [table, 0])));
    expect(await balanceOf(gql)).toBe('1.0000');
  });

  test('needs no price either', async () => {
    await stop(gql, '+4915112345678');
    expect((await accepted(gql, { to: [ANNE, '+4915112345678'] })).cost).toBe('0.0450');
  });

  test('still gets transactional SMS', async () => {
    await stop(gql, ANNE);
    const message = await accepted(gql, { to: [ANNE], category: 'TRANSACTIONAL' });
    await app.tick();
    expect(await reached(message.id)).toEqual([ANNE]);
  });

  test("still gets another tenant's SMS", async () => {
    await stop(gql, ANNE);
    const other = await app.tenant();
    const message = await accepted(other.gql, { to: [ANNE] });
    await app.tick();
    expect(await reached(message.id)).toEqual([ANNE]);
  });

  test('is counted in a preview', async () => {
    await stop(gql, ANNE);
    const document = `query ($input: SendSmsInput!) { previewSms(input: $input) { ... on SmsPreview { recipients optedOut cost } } }`;
    const { previewSms } = await gql.run<{ previewSms: unknown }>(document, {
      input: { to: [ANNE, BOB], text: 'Bonjour' },
    });
    expect(previewSms).toEqual({ recipients: 2, optedOut: 1, cost: '0.0450' });
  });
});

describe('a STOP that comes later', () => {
  test('between hold and release: not sent, paid back, and the others go', async () => {
    app.clock.set(EVENING);
    const message = await accepted(gql, { to: [ANNE, BOB] });
    expect(message.status).toBe('HELD');
    await stop(gql, ANNE);
    app.clock.set(MORNING);
    await app.tick();
    expect(await reached(message.id)).toEqual([BOB]);
    expect(await fates(message.id)).toEqual({ [ANNE]: 'OPTED_OUT', [BOB]: 'SENT' });
    expect(await look(gql, message.id)).toMatchObject({ cost: '0.0450', status: 'SENT' });
    expect(await booksOf(app, tenant.id)).toMatchObject({ balance: '0.9550', ledger: '0.9550', due: '0.9550' });
    expect((await look(gql, message.id)).timeline.map(event => event.kind)).toContain('opted-out');
  });

  test('between hold and release of everybody: nothing is called, all is paid back, and nothing waits any more', async () => {
    app.clock.set(EVENING);
    const message = await accepted(gql, { to: [ANNE, BOB] });
    await stop(gql, ANNE);
    await stop(gql, BOB);
    app.clock.set(MORNING);
    await app.tick();
    expect(await app.sql('select 1 from attempts where message_id = $1', [message.id])).toEqual([]);
    expect(await look(gql, message.id)).toMatchObject({
      status: 'FAILED',
      cost: '0.0000',
      waiting: [],
      releaseAt: null,
    });
    expect(await balanceOf(gql)).toBe('1.0000');
  });

  test('between queue and dispatch: not sent, paid back', async () => {
    const message = await accepted(gql, { to: [ANNE, BOB] });
    expect(message.status).toBe('QUEUED');
    await stop(gql, ANNE);
    await app.tick();
    expect(await reached(message.id)).toEqual([BOB]);
    expect(await fates(message.id)).toEqual({ [ANNE]: 'OPTED_OUT', [BOB]: 'SENT' });
    expect(await balanceOf(gql)).toBe('0.9550');
  });

  test('between two attempts: the second goes without him', async () => {
    const message = await accepted(gql, { to: [ANNE, '+33612340001'] });
    const gone = await accepted(gql, { to: [BOB, '+33612340005'] });
    await app.tick();
    await stop(gql, BOB);
    app.clock.advance({ minutes: 10 });
    await app.tick();
    expect(await reached(message.id)).toEqual([ANNE]);
    expect(await reached(gone.id)).toEqual([]);
    expect(await fates(gone.id)).toEqual({ [BOB]: 'OPTED_OUT', '+33612340005': 'WAITING' });
  });

  test('does not stop transactional SMS that wait', async () => {
    const message = await accepted(gql, { to: [ANNE], category: 'TRANSACTIONAL' });
    await stop(gql, ANNE);
    await app.tick();
    expect(await reached(message.id)).toEqual([ANNE]);
  });
});

/** Answered at once, and read in work of its own. */
const post = async (url: string, body: string, headers: Record<string, string> = {}): Promise<number> => {
  const response = await request(url, { method: 'POST', headers, body });
  await response.body.dump();
  await app.tick();
  return response.statusCode;
};

const reply = (type: string, phoneNumber: string): string =>
  JSON.stringify({ type, phone_number: phoneNumber, text: type === 'stop' ? 'STOP' : 'Oui', message_id: 1_111_111 });

describe('a STOP from the handset', () => {
  async function replyUrl(): Promise<string> {
    const message = await accepted(gql, { to: [ANNE, BOB] });
    await app.tick();
    const [attempt] = await app.sql<{ tag: string }>('select tag from attempts where message_id = $1', [message.id]);
    const sms = app.simulator.accepted.find(call => call.sms.tag === attempt?.tag)?.sms;
    if (sms === undefined) throw new Error('nothing was sent');
    return sms.replyUrl;
  }

  test('opts out: what waits for him is not sent, and he stands on the list', async () => {
    const url = await replyUrl();
    app.clock.set(EVENING);
    const held = await accepted(gql, { to: [ANNE, BOB] });
    expect(await post(url, reply('stop', ANNE), { 'content-type': 'application/json' })).toBe(200);
    app.clock.set(MORNING);
    await app.tick();
    expect(await reached(held.id)).toEqual([BOB]);
    const { optOuts } = await gql.run<{ optOuts: { nodes: unknown } }>(
      '{ optOuts { nodes { phoneNumber source createdAt } } }',
    );
    expect(optOuts.nodes).toEqual([{ phoneNumber: ANNE, source: 'reply', createdAt: '2026-01-06T20:00:00.000Z' }]);
  });

  test.for([
    ['application/x-www-form-urlencoded', '33611111111'],
    ['text/plain', '0033611111111'],
    ['application/json; charset=utf-8', '0611111111'],
    [null, ANNE],
  ] as const)('is understood under the Content-Type %s from the number written %s', async ([type, phoneNumber]) => {
    const headers = type === null ? {} : { 'content-type': type };
    expect(await post(await replyUrl(), reply('stop', phoneNumber), headers)).toBe(200);
    expect((await refused(gql, { to: [ANNE] })).__typename).toBe('NoRecipient');
  });

  test('said twice changes nothing twice', async () => {
    const url = await replyUrl();
    await Promise.all([post(url, reply('stop', ANNE)), post(url, reply('stop', ANNE))]);
    expect(await rowsOf(app, tenant.id, ['opt_outs'])).toEqual({ opt_outs: 1 });
  });

  test('an answer that is no STOP opts nobody out', async () => {
    expect(await post(await replyUrl(), reply('response', ANNE))).toBe(200);
    expect(await rowsOf(app, tenant.id, ['opt_outs', 'replies'])).toEqual({ opt_outs: 0, replies: 1 });
  });

  test('without the secret of an attempt it is not heard', async () => {
    await replyUrl();
    expect(await post(`${app.url}/callbacks/replies/guessed`, reply('stop', ANNE))).toBe(404);
    expect(await rowsOf(app, tenant.id, ['opt_outs', 'replies'])).toEqual({ opt_outs: 0, replies: 0 });
  });

  test('in a shape that nobody can read is kept as it came, for people to look at', async () => {
    expect(await post(await replyUrl(), 'nonsense')).toBe(200);
    const kept = await app.sql('select state, raw, reason, due_at from reply_posts where tenant_id = $1', [tenant.id]);
    expect(kept).toEqual([
      { state: 'UNREADABLE', raw: 'nonsense', reason: 'the reply is not a JSON object', due_at: null },
    ]);
    expect(await rowsOf(app, tenant.id, ['opt_outs', 'replies'])).toEqual({ opt_outs: 0, replies: 0 });
  });
});

const page = async (after: string | null) =>
  (
    await gql.run<{
      optOuts: { nodes: { phoneNumber: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
    }>(
      'query ($after: String) { optOuts(first: 2, after: $after) { nodes { phoneNumber } pageInfo { hasNextPage endCursor } } }',
      { after },
    )
  ).optOuts;

const remove = (client: GraphqlClient) => client.ask('mutation { removeOptOut(phoneNumber: "06.11.11.11.11") }');

describe('the list of those who opted out', () => {
  test('is read page by page, newest first, and a cursor stays valid while rows are added', async () => {
    for (const phoneNumber of [ANNE, BOB, CARL]) await stop(gql, phoneNumber);
    const first = await page(null);
    expect(first.nodes.map(node => node.phoneNumber)).toEqual([CARL, BOB]);
    expect(first.pageInfo.hasNextPage).toBe(true);
    await stop(gql, '+33644444444');
    const second = await page(first.pageInfo.endCursor);
    expect(second.nodes.map(node => node.phoneNumber)).toEqual([ANNE]);
    expect(second.pageInfo.hasNextPage).toBe(false);
  });

  test('keeps the first STOP of a number as it was', async () => {
    await stop(gql, ANNE);
    app.clock.advance({ hours: 1 });
    const { addOptOut } = await gql.run<{ addOptOut: { createdAt: string } }>(
      'mutation { addOptOut(phoneNumber: "0611111111") { createdAt } }',
    );
    expect(addOptOut.createdAt).toBe('2026-01-06T09:00:00.000Z');
  });

  test('is shortened by MANAGE only, and that is audited without the number', async () => {
    await stop(gql, ANNE);
    for (const scope of ['SEND', 'READ'] as const) {
      const { errors } = await remove(await app.key(tenant.id, [scope]));
      expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
    }
    const manager = await app.key(tenant.id, ['MANAGE']);
    expect((await remove(manager)).data).toEqual({ removeOptOut: true });
    expect((await remove(manager)).data).toEqual({ removeOptOut: false });
    const { viewer } = await manager.run<{ viewer: { apiKey: { id: string } } }>('{ viewer { apiKey { id } } }');
    const acts = `select actor_key_id, detail::text as detail from audit_entries where tenant_id = $1 and action = 'opt-out.removed'`;
    const audited = await app.sql<{ actor_key_id: string; detail: string }>(acts, [tenant.id]);
    expect(audited.map(act => act.actor_key_id)).toEqual([viewer.apiKey.id]);
    expect(audited[0]?.detail).not.toContain('611111111');
    await accepted(gql, { to: [ANNE] });
  });

  test("is the tenant's own", async () => {
    await stop(gql, ANNE);
    const other = await app.tenant();
    expect((await remove(other.gql)).data).toEqual({ removeOptOut: false });
    expect((await refused(gql, { to: [ANNE] })).__typename).toBe('NoRecipient');
  });
});
