import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chargesOf, refundsOf, submissionsOf } from '../support/attempts.js';
import { acceptedBatch, fatesOf, numberOf, pairs } from '../support/batches.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { booksOf } from '../support/ledger.js';
import { accepted, deliveriesOf, look, type MessageView, type SmsInput } from '../support/messages.js';
import { post, receipt } from '../support/receipts.js';
import { Receiver } from '../support/receiver.js';
import { answered, NO_ANSWER, ScriptedProvider, UNKNOWN } from '../support/scripted-provider.js';
import { PLATFORM_KEY, setCredential } from '../support/stop-lists.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const HOUR = 3_600;
/** Seconds after the sending. */
const POLLS = [0.5, 2, 6, 12, 24, 36].map(hours => hours * HOUR);
const END = 48 * HOUR;
const [ANNE, BOB, CARL] = [numberOf(0), numberOf(1), numberOf(2)] as const;
const ENV = {
  SMS_PROVIDER: 'smspartner',
  SMSPARTNER_API_KEY: PLATFORM_KEY,
  MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  WEBHOOK_ALLOW: '127.0.0.0/8',
} as const;

let database: TestDatabase;
let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;

beforeEach(async () => {
  database = await createDatabase();
  provider = new ScriptedProvider('smspartner');
  app = await appAt(TUESDAY, { provider, databaseUrl: database.ownerUrl, env: ENV });
  tenant = await app.tenant();
});
afterEach(async () => {
  await app.close();
  await database.drop();
});

const see = (message: MessageView): Promise<MessageView> => look(tenant.gql, message.id);
const fatesIn = async (message: MessageView): Promise<string[]> =>
  (await deliveriesOf(tenant.gql, message.id)).map(({ status }) => status);
/** This long after it was sent. */
const at = async (seconds: number): Promise<void> => {
  app.clock.set(inSeconds(seconds));
  await app.tick();
};
const inSeconds = (seconds: number): string => new Date(Date.parse(TUESDAY) + seconds * 1_000).toISOString();
const tell = async (url: string, phone: string, status: string): Promise<void> => {
  expect((await post(url, receipt(phone, status))).status).toBe(200);
  await app.tick();
};
const polls = (): unknown[] => provider.askedAbout('statuses');
const says = (status: 'delivered' | 'undelivered' | 'waiting' | 'not-found', ...phoneNumbers: readonly string[]) =>
  phoneNumbers.map(phoneNumber => ({ phoneNumber, status, providerMessageId: null, at: null }));
const idOf = async (message: MessageView): Promise<unknown> =>
  (await app.sql('select provider_message_id from attempts where message_id = $1', [message.id]))[0]?.[
    'provider_message_id'
  ];

/** Sent to these at TUESDAY; its receipts go to the URL. */
async function sent(input: SmsInput = {}): Promise<{ message: MessageView; url: string }> {
  const message = await accepted(tenant.gql, { to: [ANNE], ...input });
  await app.tick();
  expect((await see(message)).status).toBe('SENT');
  return { message, url: provider.calls.at(-1)?.sms.receiptUrl ?? '' };
}

async function expectBooks(balance: string): Promise<void> {
  expect(await booksOf(app, tenant.id)).toEqual({ balance, ledger: balance, due: balance, misjudged: 0, overdrawn: 0 });
}

describe('deliveries of which nothing is heard', () => {
  test('are asked about half an hour, 2, 6, 12, 24 and 36 hours after they were sent, and not in between', async () => {
    const { message } = await sent();
    for (const [index, poll] of POLLS.entries()) {
      expect((await see(message)).waiting).toMatchObject([
        { kind: 'RECEIPT', since: TUESDAY, nextCheckAt: inSeconds(poll) },
      ]);
      await at(poll - 0.001);
      expect(polls()).toHaveLength(index);
      await at(poll);
      expect(polls()).toHaveLength(index + 1);
    }
    expect((await see(message)).waiting).toMatchObject([
      { kind: 'RECEIPT', since: TUESDAY, nextCheckAt: inSeconds(END) },
    ]);
  });

  test('by their numbers and the id of their call, those alone of whom nothing was heard yet', async () => {
    const { message, url } = await sent({ to: [ANNE, BOB, CARL] });
    await tell(url, BOB, 'delivered');
    await at(POLLS[0] ?? 0);
    const providerMessageId = await idOf(message);
    const asked = [ANNE, CARL].map(phoneNumber => ({ providerMessageId, phoneNumber }));
    expect(provider.questions).toEqual([{ question: 'statuses', about: asked, credential: null }]);
    await tell(url, CARL, 'not delivered');
    await at(POLLS[1] ?? 0);
    expect(polls()[1]).toEqual([{ providerMessageId, phoneNumber: ANNE }]);
  });

  test('are not asked about where every receipt came: nobody is due for a look', async () => {
    const { message, url } = await sent({ to: [ANNE, BOB] });
    await tell(url, ANNE, 'delivered');
    await tell(url, BOB, 'not delivered');
    expect((await submissionsOf(app, message.id)).map(({ due_at }) => due_at)).toEqual([null]);
    await at(END + HOUR);
    expect(provider.questions).toEqual([]);
    expect(await fatesIn(message)).toEqual(['DELIVERED', 'UNDELIVERED']);
  });

  test('and found delivered or not are so, once; "waiting", "not found" and silence change nothing', async () => {
    const { message, url } = await sent({ to: [ANNE, BOB, CARL, numberOf(3), numberOf(4)] });
    provider.onStatuses = answered([
      ...says('delivered', ANNE.replace('+33', '0')),
      ...says('undelivered', BOB),
      ...says('waiting', CARL),
      ...says('not-found', numberOf(3)),
      ...says('delivered', '+33699999999'),
    ]);
    await at(POLLS[0] ?? 0);
    expect(await fatesIn(message)).toEqual(['DELIVERED', 'UNDELIVERED', 'SENT', 'SENT', 'SENT']);
    expect((await see(message)).waiting).toMatchObject([{ kind: 'RECEIPT', recipients: 3 }]);
    await tell(url, ANNE, 'delivered');
    await at(POLLS[1] ?? 0);
    expect(await fatesIn(message)).toEqual(['DELIVERED', 'UNDELIVERED', 'SENT', 'SENT', 'SENT']);
    expect(await refundsOf(app, message.id)).toEqual([]);
    await expectBooks('99.7750');
  });

  test('are all asked about, more than 500 in several questions', async () => {
    const numbers = pairs(700).map(({ to }) => to);
    const { message } = await sent({ to: numbers });
    await at(POLLS[0] ?? 0);
    const asked = provider.questions.map(({ about }) => (Array.isArray(about) ? about.length : 0));
    expect(asked.toSorted((a, b) => a - b)).toEqual([200, 500]);
    expect(new Set(JSON.stringify(polls()).match(/\+336\d{8}/g))).toEqual(new Set(numbers));
    provider.onStatuses = asks => answered(says('delivered', ...asks.map(({ phoneNumber }) => phoneNumber)));
    await at(POLLS[1] ?? 0);
    expect(await see(message)).toMatchObject({ status: 'COMPLETED', counts: { delivered: 700 } });
  });

  test('whose call has no id of the provider are asked about by its tag', async () => {
    provider.answers(UNKNOWN);
    const message = await accepted(tenant.gql, { to: [ANNE, BOB] });
    await app.tick();
    await post(provider.calls[0]?.sms.receiptUrl ?? '', receipt(ANNE, 'delivered', { msgId: undefined }));
    await app.tick();
    expect(await idOf(message)).toBeNull();
    provider.onFindByTag = answered([...says('delivered', ANNE), ...says('undelivered', BOB)]);
    await at(POLLS[0] ?? 0);
    expect(provider.questions).toMatchObject([{ question: 'findByTag', about: provider.tags[0] }]);
    expect(await fatesIn(message)).toEqual(['DELIVERED', 'UNDELIVERED']);
  });

  test('of a batch are asked about under the id of the call that carried them', async () => {
    const batch = await acceptedBatch(tenant.gql, { messages: pairs(3) });
    await app.tick();
    provider.onStatuses = asks => answered(says('delivered', ...asks.map(({ phoneNumber }) => phoneNumber)));
    await at(POLLS[0] ?? 0);
    expect(await fatesOf(tenant.gql, batch.id)).toEqual(['DELIVERED', 'DELIVERED', 'DELIVERED']);
  });

  test("are asked about on the tenant's own account, and on no other once its key has changed", async () => {
    await setCredential(app, tenant, 'cle-du-client-0123456789');
    const { message } = await sent();
    await at(POLLS[0] ?? 0);
    expect(provider.questions.map(({ credential }) => credential?.apiKey)).toEqual(['cle-du-client-0123456789']);
    await setCredential(app, tenant, 'cle-d-un-autre-0123456789');
    await at(POLLS[1] ?? 0);
    expect(provider.questions).toHaveLength(1);
    expect((await see(message)).waiting).toMatchObject([{ kind: 'RECEIPT', nextCheckAt: inSeconds(POLLS[2] ?? 0) }]);
  });

  test('are not asked about by two processes at once', async () => {
    provider.onStatuses = async () => {
      await nextTurn();
      return answered([]);
    };
    for (let count = 0; count < 8; count += 1) await accepted(tenant.gql, { to: [numberOf(count)] });
    await app.tick();
    const second = await appAt(inSeconds(POLLS[0] ?? 0), { provider, databaseUrl: database.ownerUrl, env: ENV });
    app.clock.set(inSeconds(POLLS[0] ?? 0));
    await Promise.all([app, second, app, second].map(one => one.tick()));
    await second.close();
    expect(polls()).toHaveLength(8);
  });
});

describe('after 48 hours of silence', () => {
  test.for([
    ['nothing', answered([])],
    ['"not found"', answered(says('not-found', ANNE, BOB))],
    ['"waiting"', answered(says('waiting', ANNE, BOB))],
    ['no answer', NO_ANSWER],
  ] as const)(
    'with %s from the provider, it is EXPIRED, charged and COMPLETED; nobody asks any more',
    async ([, answer]) => {
      provider.onStatuses = answer;
      const { message } = await sent({ to: [ANNE, BOB] });
      for (const poll of POLLS) await at(poll);
      await at(END - 0.001);
      expect(await fatesIn(message)).toEqual(['SENT', 'SENT']);
      await at(END);
      expect(await see(message)).toMatchObject({
        status: 'COMPLETED',
        counts: { expired: 2 },
        waiting: [],
        cost: '0.0900',
      });
      const expired = { status: 'EXPIRED', errorCode: 'NO_RECEIPT' };
      expect(await deliveriesOf(tenant.gql, message.id)).toMatchObject([expired, expired]);
      expect(await chargesOf(app, message.id)).toEqual(['CHARGED', 'CHARGED']);
      expect((await submissionsOf(app, message.id)).map(({ due_at }) => due_at)).toEqual([null]);
      const asked = polls().length;
      for (let day = 3; day < 6; day += 1) await at(day * 24 * HOUR);
      expect(polls()).toHaveLength(asked);
      expect((await see(message)).timeline.filter(({ kind }) => kind === 'silent')).toHaveLength(1);
      await expectBooks('99.9100');
    },
  );

  test('the last question is asked at the end, and its answer counts', async () => {
    const { message } = await sent({ to: [ANNE, BOB] });
    for (const poll of POLLS) await at(poll);
    provider.onStatuses = answered(says('delivered', ANNE));
    await at(END);
    expect(await fatesIn(message)).toEqual(['DELIVERED', 'EXPIRED']);
  });

  test('a house that was down for days asks once and then gives up', async () => {
    const { message } = await sent();
    await at(10 * 24 * HOUR);
    expect(polls()).toHaveLength(1);
    expect(await fatesIn(message)).toEqual(['EXPIRED']);
  });

  test('a late receipt still makes it DELIVERED, once; "not delivered" changes nothing', async () => {
    const { message, url } = await sent();
    await at(END);
    await tell(url, ANNE, 'not delivered');
    expect(await fatesIn(message)).toEqual(['EXPIRED']);
    for (let time = 0; time < 2; time += 1) await tell(url, ANNE, 'delivered');
    await tell(url, ANNE, 'not delivered');
    expect(await see(message)).toMatchObject({ status: 'COMPLETED', counts: { delivered: 1, expired: 0 } });
    expect((await submissionsOf(app, message.id)).map(({ due_at }) => due_at)).toEqual([null]);
    await expectBooks('99.9550');
  });

  test('the tenant is told "not delivered" at its receiptUrl, once, and "delivered" if it comes after all', async () => {
    const receiver = await Receiver.start();
    const { message, url } = await sent({ to: [ANNE, BOB] });
    await app.sql('update messages set receipt_url = $2 where id = $1', [message.id, receiver.url('/dlr')]);
    await tell(url, BOB, 'delivered');
    await at(END);
    await at(END + HOUR);
    expect(receiver.bodies).toMatchObject([
      { status: 'delivered', phone: BOB },
      { status: 'not delivered', phone: ANNE },
    ]);
    await tell(url, ANNE, 'delivered');
    expect(receiver.bodies).toHaveLength(3);
    expect(receiver.bodies[2]).toMatchObject({ status: 'delivered', phone: ANNE });
    await receiver.close();
  });

  test('of a suspended tenant it ends as well', async () => {
    const { message } = await sent();
    await app.admin.run('mutation ($id: ID!) { suspendTenant(id: $id, reason: "test") { id } }', { id: tenant.id });
    await at(END);
    await at(END + HOUR);
    const [delivery] = await app.sql('select status from deliveries where message_id = $1', [message.id]);
    expect(delivery).toEqual({ status: 'EXPIRED' });
  });
});
