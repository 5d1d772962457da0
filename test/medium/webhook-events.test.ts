import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TellTenant } from '../../src/callbacks/webhooks/tell-tenant.js';
import { PLATFORM, Transactions, Tx } from '../../src/kernel/index.js';
import { FindMessage, MessageNews, OptOuts } from '../../src/messaging/index.js';
import { accepted, acceptedFor, cancel, look, reschedule } from '../support/messages.js';
import { post } from '../support/receipts.js';
import { answer, Receiver } from '../support/receiver.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';
import { statementsOf } from '../support/statements.js';
import { createWebhook, EVERY_EVENT, eventIn, type EventView, webhookDeliveriesOf } from '../support/webhooks.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const NIGHT = '2026-01-13T21:00:00.000Z';
const MORNING = '2026-01-14T07:00:00.000Z';
const [ANNE, BOB] = ['+33612345678', '+33612345679'] as const;
/** The simulator's magic numbers. */
const [REFUSED, UNDELIVERED, SILENT, DOUBT_SENT] = ['0001', '0002', '0003', '0009'].map(end => `+3361234${end}`);

let app: TestApp;
let tenant: TestTenant;
let receiver: Receiver;
beforeEach(async () => {
  app = await appAt(TUESDAY, { env: { WEBHOOK_ALLOW: '127.0.0.0/8' } });
  tenant = await app.tenant();
  receiver = await Receiver.start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await receiver.close();
  await app.close();
});

/** What was written to be told, in order, behind the scenes. */
async function events(): Promise<EventView[]> {
  const rows = await app.sql<{ payload: string }>(
    'select payload from webhook_deliveries where tenant_id = $1 and webhook_id is not null order by event_id',
    [tenant.id],
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the test says what it expects
  return rows.map(({ payload }) => JSON.parse(payload) as EventView);
}
const types = async (): Promise<string[]> => (await events()).map(({ type }) => type);

const listen = (names: readonly string[] = EVERY_EVENT) => createWebhook(tenant.gql, receiver.url(), names);
const ofMessages = EVERY_EVENT.filter(name => name.startsWith('message.'));

/** Calls made, receipts come and applied. */
async function settle(): Promise<void> {
  await app.tick();
  app.clock.advance({ seconds: 2 });
  await app.tick();
}

describe('the life of a message', () => {
  test('is told from acceptance to its end, each event once and as it was then', async () => {
    await listen();
    const { id, number } = await accepted(tenant.gql, { to: [ANNE, BOB], tag: 'spring' });
    await settle();
    const message = { id, number, batchId: null, batchNumber: null, tag: 'spring' };
    const data = { ...message, recipientCount: 2, parts: 1, cost: '0.0900', currency: 'EUR', sandbox: false };
    const told = await events();
    expect(told.map(({ type, data: { status } }) => [type, status])).toEqual([
      ['message.accepted', 'QUEUED'],
      ['message.sent', 'SENT'],
      ['delivery.updated', 'DELIVERED'],
      ['delivery.updated', 'DELIVERED'],
      ['message.completed', 'COMPLETED'],
    ]);
    expect(told[0]).toMatchObject({ timestamp: TUESDAY, data: { ...data, counts: { waiting: 2, sent: 0 } } });
    expect(told[1]).toMatchObject({ data: { ...data, counts: { waiting: 0, sent: 2, delivered: 0 } } });
    expect(told[2]?.data).toEqual({
      id: expect.any(String),
      phoneNumber: expect.stringMatching(/^\+3361234567[89]$/),
      status: 'DELIVERED',
      errorCode: null,
      cost: '0.0450',
      currency: 'EUR',
      message,
    });
    expect(told[4]).toMatchObject({
      timestamp: '2026-01-13T10:00:02.000Z',
      data: { counts: { sent: 0, delivered: 2 } },
    });
    // Everything came in the end, by its own id.
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(5);
    expect(receiver.received.map(call => eventIn(call).type).toSorted()).toEqual(
      told.map(({ type }) => type).toSorted(),
    );
    expect(JSON.stringify(told)).not.toContain('Bonjour');
  });

  test('through a night tells of the hold, why and until when, and of the release', async () => {
    await listen();
    app.clock.set(NIGHT);
    await accepted(tenant.gql);
    expect(await types()).toEqual(['message.accepted', 'message.held']);
    const [, held] = await events();
    expect(held?.data).toMatchObject({
      releaseAt: MORNING,
      holds: [{ rule: 'QUIET_HOURS', territory: 'METROPOLE', recipients: 1, releaseAt: MORNING }],
    });
    app.clock.set(MORNING);
    await settle();
    const later = (await events()).slice(2);
    expect(later[0]).toMatchObject({ type: 'message.released', data: { status: 'QUEUED' } });
    expect(later.map(({ type }) => type)).toEqual([
      'message.released',
      'message.sent',
      'delivery.updated',
      'message.completed',
    ]);
  });

  test('that is still queued at eight in the evening tells that it is held now', async () => {
    await listen(ofMessages);
    app.clock.set('2026-01-13T18:59:00Z');
    await accepted(tenant.gql);
    app.clock.set('2026-01-13T19:00:00Z');
    await app.tick();
    expect(await types()).toEqual(['message.accepted', 'message.held']);
    app.clock.set(MORNING);
    await settle();
    expect((await types()).slice(2)).toEqual(['message.released', 'message.sent', 'message.completed']);
  });

  test('that was asked for later is not "released": nothing held it', async () => {
    await listen(ofMessages);
    await acceptedFor(tenant.gql, '2026-01-13T12:00:00Z');
    app.clock.set('2026-01-13T12:00:00Z');
    await settle();
    expect(await types()).toEqual(['message.accepted', 'message.sent', 'message.completed']);
    expect((await events())[0]?.data).toMatchObject({ status: 'SCHEDULED', scheduledFor: '2026-01-13T12:00:00.000Z' });
  });

  test('that is moved into the night tells of the hold, and cancelled of its end', async () => {
    await listen();
    const { id } = await acceptedFor(tenant.gql, '2026-01-13T12:00:00Z');
    await reschedule(tenant.gql, id, '2026-01-13T22:00:00Z');
    await cancel(tenant.gql, id);
    expect(await types()).toEqual(['message.accepted', 'message.held', 'delivery.updated', 'message.completed']);
    const [, , delivery, end] = await events();
    expect(delivery?.data).toMatchObject({ status: 'CANCELLED', cost: '0.0000' });
    expect(end?.data).toMatchObject({ status: 'CANCELLED', cost: '0.0000', counts: { cancelled: 1 } });
  });

  test('with a doubt in it tells of the doubt, and of what settles it', async () => {
    await listen(ofMessages);
    const { id } = await accepted(tenant.gql, { to: [DOUBT_SENT ?? ''], category: 'TRANSACTIONAL' });
    await app.tick();
    expect(await types()).toEqual(['message.accepted', 'message.unconfirmed']);
    await settle();
    for (let minutes = 0; minutes < 3; minutes += 1) {
      app.clock.advance({ minutes: 1 });
      await settle();
    }
    expect(await look(tenant.gql, id)).toMatchObject({ status: 'COMPLETED' });
    expect(await types()).toEqual(['message.accepted', 'message.unconfirmed', 'message.sent', 'message.completed']);
  });

  test('whose recipients fare differently tells of each, and of its end once', async () => {
    await listen();
    await accepted(tenant.gql, { to: [UNDELIVERED ?? '', SILENT ?? '', BOB] });
    await accepted(tenant.gql, { to: [REFUSED ?? ''] });
    await settle();
    app.clock.advance({ hours: 49 });
    await settle();
    const told = await events();
    const ended = told
      .filter(({ type }) => type === 'delivery.updated')
      .map(({ data }) => `${String(data['status'])} ${String(data['errorCode'])}`);
    expect(ended.toSorted()).toEqual([
      'DELIVERED null',
      'EXPIRED NO_RECEIPT',
      expect.stringMatching(/^REFUSED \w+$/),
      'UNDELIVERED NOT_DELIVERED',
    ]);
    const ends = told.filter(({ type }) => type === 'message.completed').map(({ data }) => String(data['status']));
    expect(ends.toSorted()).toEqual(['COMPLETED', 'FAILED']);
    // A late receipt changes a recipient, and no end is told a second time.
    const call = app.simulator.accepted.find(({ sms }) => sms.recipients.includes(SILENT ?? ''));
    await post(call?.sms.receiptUrl ?? '', { status: 'delivered', phone: SILENT, msgId: '1', date: 1 });
    await app.tick();
    expect((await types()).slice(told.length)).toEqual(['delivery.updated']);
  });

  test('of a batch is told message by message, by its number and the batch’s', async () => {
    await listen(['message.accepted', 'delivery.updated']);
    await tenant.gql.run('mutation { addOptOut(phoneNumber: "+33612345679") { source } }');
    await tenant.gql.run(
      `mutation { sendBatch(input: { messages: [{ to: "${ANNE}", text: "a" }, { to: "${BOB}", text: "b" }] }) { __typename } }`,
    );
    const told = await events();
    expect(told.map(({ type, data }) => [type, data['status']])).toEqual([
      ['message.accepted', 'QUEUED'],
      ['message.accepted', 'FAILED'],
      ['delivery.updated', 'OPTED_OUT'],
    ]);
    const [batch] = await app.sql('select id, number::int as number from batches');
    for (const { data } of told.slice(0, 2)) {
      expect(data).toMatchObject({ batchId: batch?.['id'], batchNumber: batch?.['number'] });
      expect(data['number']).not.toBe(batch?.['number']);
    }
  });
});

const stop = (phoneNumber: string) =>
  tenant.gql.run('mutation ($n: PhoneNumber!) { addOptOut(phoneNumber: $n) { source } }', { n: phoneNumber });

describe('a STOP', () => {
  test('is told when it is new, and only then', async () => {
    await listen(['optout.created']);
    await stop(ANNE);
    await stop(ANNE);
    expect(await events()).toMatchObject([{ type: 'optout.created', data: { phoneNumber: ANNE, source: 'api' } }]);
    await tenant.gql.run(`mutation { removeOptOut(phoneNumber: "${ANNE}") }`);
    await stop(ANNE);
    expect(await types()).toEqual(['optout.created', 'optout.created']);
  });

  test('from a handset is told too', async () => {
    await listen(['optout.created']);
    await accepted(tenant.gql);
    await app.tick();
    const call = app.simulator.accepted.at(-1);
    await post(call?.sms.replyUrl ?? '', { type: 'stop', phone_number: ANNE, text: 'STOP', message_id: 1 });
    await app.tick();
    expect(await events()).toMatchObject([{ data: { phoneNumber: ANNE, source: 'reply' } }]);
  });

  test("on the platform's own list is nobody's news", async () => {
    await listen(['optout.created']);
    const record = (tx: Tx) => app.nest.get(OptOuts).record(tx, PLATFORM, { phoneNumber: BOB, source: 'provider' });
    await app.nest.get(Transactions).run(PLATFORM, record);
    expect(await types()).toEqual([]);
  });
});

describe('a reply', () => {
  test('from a handset is told, a STOP as what it brings about as well', async () => {
    await listen(['reply.received', 'optout.created']);
    const { id } = await accepted(tenant.gql);
    await app.tick();
    const url = app.simulator.accepted.at(-1)?.sms.replyUrl ?? '';
    await post(url, { type: 'response', phone_number: ANNE, text: 'Oui !', message_id: 1 });
    await app.tick();
    await post(url, { type: 'response', phone_number: ANNE, text: 'Stop merci', message_id: 1 });
    await app.tick();
    expect(await events()).toMatchObject([
      { type: 'reply.received', data: { stop: false, from: ANNE, text: 'Oui !', message: { id } } },
      { type: 'optout.created', data: { phoneNumber: ANNE, source: 'reply' } },
      { type: 'reply.received', data: { stop: true, from: ANNE, text: 'Stop merci', message: { id } } },
    ]);
  });

  test('is told with its text and the message that it answers, by whoever keeps it in a transaction', async () => {
    await listen();
    const { id, number } = await accepted(tenant.gql, { tag: 'spring' });
    const tell = (message: boolean) =>
      app.nest.get(Transactions).run(tenant.id, async tx => {
        const found = message ? await app.nest.get(FindMessage).find(tx, tenant.id, id) : null;
        const reply = {
          id,
          kind: 'response',
          phoneNumber: ANNE,
          text: 'Merci "é"',
          receivedAt: app.clock.now(),
        } as const;
        app.nest.get(TellTenant).reply(tx, tenant.id, { ...reply, message: found });
      });
    await tell(true);
    await tell(false);
    const data = { id, stop: false, from: ANNE, text: 'Merci "é"', receivedAt: TUESDAY };
    expect((await events()).slice(1)).toEqual([
      {
        type: 'reply.received',
        timestamp: TUESDAY,
        data: { ...data, message: { id, number, batchId: null, batchNumber: null, tag: 'spring' } },
      },
      { type: 'reply.received', timestamp: TUESDAY, data: { ...data, message: null } },
    ]);
  });
});

describe('an event', () => {
  test('is not there where its change is not', async () => {
    await listen();
    const { id } = await accepted(tenant.gql);
    const before = await types();
    const transactions = app.nest.get(Transactions);
    const change = transactions.run(tenant.id, async tx => {
      const message = await app.nest.get(FindMessage).find(tx, tenant.id, id);
      if (message === null) throw new Error('no such message');
      const turns = new Set(['held', 'released'] as const);
      const news = { message, at: app.clock.now(), turns, before: 'QUEUED', after: 'SENT' } as const;
      await app.nest.get(MessageNews).announce(tx, news);
      await app.nest.get(OptOuts).record(tx, tenant.id, { phoneNumber: ANNE, source: 'api' });
      throw new Error('rolled back');
    });
    await expect(change).rejects.toThrow('rolled back');
    expect(await types()).toEqual(before);
    expect(await app.sql('select 1 from opt_outs')).toEqual([]);
  });

  test('that cannot be written takes its change back', async () => {
    await listen();
    await app.sql(
      `alter table webhook_deliveries add constraint none check (event_type <> 'message.accepted') not valid`,
    );
    await expect(accepted(tenant.gql)).rejects.toThrow('INTERNAL_SERVER_ERROR');
    expect(await app.sql('select 1 from messages')).toEqual([]);
    expect(await app.sql('select amount from balances where tenant_id = $1', [tenant.id])).toEqual([
      { amount: '100.0000' },
    ]);
  });

  test('goes to the webhooks that asked for its kind, under one id, and is known again by it', async () => {
    await createWebhook(tenant.gql, receiver.url('/a'), ['message.accepted', 'message.sent']);
    await createWebhook(tenant.gql, receiver.url('/b'), ['message.accepted']);
    await accepted(tenant.gql);
    await app.tick();
    const calls = receiver.received.map(call => [call.path, eventIn(call).type].join(' '));
    expect(calls.toSorted()).toEqual(['/a message.accepted', '/a message.sent', '/b message.accepted']);
    const ids = (type: string) =>
      new Set(
        receiver.received.filter(call => eventIn(call).type === type).map(({ headers }) => headers['webhook-id']),
      );
    expect(ids('message.accepted').size).toBe(1);
    expect(ids('message.sent').size).toBe(1);
    expect(ids('message.sent')).not.toEqual(ids('message.accepted'));
  });

  test('leaves by itself once it is committed', async () => {
    await app.close();
    app = await appAt(TUESDAY, { env: { WEBHOOK_ALLOW: '127.0.0.0/8', ROLE: 'all' } });
    tenant = await app.tenant();
    await listen(['message.accepted']);
    await accepted(tenant.gql);
    await receiver.has(1);
    expect(receiver.bodies).toMatchObject([{ type: 'message.accepted' }]);
  });
});

/** Statements of an acceptance that speak of webhooks. */
async function statements(): Promise<string[]> {
  const said = await statementsOf(() => accepted(tenant.gql));
  return said.filter(sql => sql.includes('webhook'));
}

describe('what nobody listens to', () => {
  test('costs an acceptance one look, and what somebody listens to one write', async () => {
    expect(await statements()).toEqual([
      expect.stringMatching(/^select id, events from webhooks where tenant_id = \$1/),
    ]);
    await listen(['message.sent']);
    expect(await statements()).toHaveLength(1);
    expect(await webhookDeliveriesOf(tenant.gql)).toEqual([]);
    await listen(['message.accepted']);
    receiver.answering = answer(200);
    expect(await statements()).toEqual([
      expect.stringMatching(/^select id, events from webhooks/),
      expect.stringMatching(/^insert into webhook_deliveries/),
    ]);
  });
});
