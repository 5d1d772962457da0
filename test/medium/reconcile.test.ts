import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CallbacksWorkers } from '../../src/callbacks/index.js';
import { FIRST_LOOKUP_MS } from '../../src/messaging/leaving/retry-delay.js';
import { attemptsOf, chargesOf, outcomesOf, refundsOf, submissionsOf } from '../support/attempts.js';
import { acceptedBatch, attemptsOfBatch, carriedBy, fatesOf, inBulk, numberOf, pairs } from '../support/batches.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { booksOf } from '../support/ledger.js';
import { accepted, deliveriesOf, look, type MessageView, type SmsInput } from '../support/messages.js';
import { post, receipt } from '../support/receipts.js';
import { answered, NO_ANSWER, ScriptedProvider, UNKNOWN } from '../support/scripted-provider.js';
import { stop } from '../support/stop-lists.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
/** Seconds after the call: when it is looked up first, and how far apart two denials prove that it did not go. */
const FIRST = FIRST_LOOKUP_MS / 1_000;
const GRACE = 600;
const inSeconds = (seconds: number): string => new Date(Date.parse(TUESDAY) + seconds * 1_000).toISOString();
const [ANNE, BOB, CARL] = [numberOf(0), numberOf(1), numberOf(2)] as const;

let database: TestDatabase;
let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;

beforeEach(async () => {
  database = await createDatabase();
  provider = new ScriptedProvider();
  app = await appAt(TUESDAY, { provider, databaseUrl: database.ownerUrl });
  tenant = await app.tenant();
});
afterEach(async () => {
  await app.close();
  await database.drop();
});

const see = (message: MessageView): Promise<MessageView> => look(tenant.gql, message.id);
const waitOf = async (message: MessageView) => (await see(message)).waiting[0];
const looks = (): unknown[] => provider.askedAbout('findByTag');
const after = async (seconds: number): Promise<void> => {
  app.clock.advance({ seconds });
  await app.tick();
};
const toInstant = async (instant: string): Promise<void> => {
  app.clock.set(instant);
  await app.tick();
};
/** Less than two days: nobody gives up waiting for receipts. */
const muchLater = async (): Promise<void> => {
  for (let time = 0; time < 5; time += 1) await after(8 * 3_600);
};
const tell = async (url: string, phone: string, status: string): Promise<void> => {
  expect((await post(url, receipt(phone, status))).status).toBe(200);
  await app.tick();
};
const found = (phoneNumber: string, status: 'delivered' | 'undelivered' | 'waiting', id: string | null = '77') => ({
  phoneNumber,
  status,
  providerMessageId: id,
  at: null,
});

/** A call whose answer nobody knows, just made. */
async function doubtful(input: SmsInput = {}, of = tenant): Promise<{ message: MessageView; url: string }> {
  provider.answers(UNKNOWN);
  const message = await accepted(of.gql, { to: [ANNE], ...input });
  await app.tick();
  expect((await look(of.gql, message.id)).status).toBe('UNCONFIRMED');
  return { message, url: provider.calls.at(-1)?.sms.receiptUrl ?? '' };
}

/** A doubtful call that the provider has denied once. */
async function deniedOnce(input: SmsInput = {}) {
  const doubt = await doubtful(input);
  await after(FIRST);
  expect(looks()).toHaveLength(1);
  return doubt;
}

async function expectBooks(balance: string): Promise<void> {
  expect(await booksOf(app, tenant.id)).toEqual({ balance, ledger: balance, due: balance, misjudged: 0, overdrawn: 0 });
}

describe('a doubtful call is looked up', () => {
  test('by its tag, a little after it, and not before; what waits says when', async () => {
    const { message } = await doubtful();
    expect(await waitOf(message)).toMatchObject({ kind: 'DOUBT', since: TUESDAY, nextCheckAt: inSeconds(FIRST) });
    await after(FIRST - 0.001);
    expect(looks()).toEqual([]);
    await after(0.001);
    expect(provider.questions).toEqual([{ question: 'findByTag', about: provider.tags[0], credential: null }]);
    expect(await waitOf(message)).toMatchObject({
      kind: 'DOUBT',
      since: TUESDAY,
      nextCheckAt: inSeconds(FIRST + GRACE),
    });
  });

  test.for([
    ['waiting', 'SENT', 'sent'],
    ['delivered', 'COMPLETED', 'delivered'],
    ['undelivered', 'COMPLETED', 'undelivered'],
  ] as const)('and found %s: it went; %s, charged, and nobody asks or calls again', async ([status, seen, count]) => {
    provider.onFindByTag = answered([found(ANNE, status)]);
    const { message } = await doubtful();
    await after(FIRST);
    expect(await see(message)).toMatchObject({ status: seen, counts: { [count]: 1, unconfirmed: 0 } });
    expect(await chargesOf(app, message.id)).toEqual(['CHARGED']);
    expect(await attemptsOf(app, message.id)).toMatchObject([{ outcome: 'accepted', provider_message_id: '77' }]);
    await muchLater();
    expect(looks()).toHaveLength(1);
    expect(provider.calls).toHaveLength(1);
    await expectBooks('99.9550');
  });

  test('and found with one of its three recipients: one text went whole, so all three are SENT', async () => {
    provider.onFindByTag = answered([found(BOB, 'delivered')]);
    const { message } = await doubtful({ to: [ANNE, BOB, CARL] });
    await after(FIRST);
    expect((await deliveriesOf(tenant.gql, message.id)).map(({ status }) => status)).toEqual([
      'SENT',
      'DELIVERED',
      'SENT',
    ]);
    await muchLater();
    expect(provider.calls).toHaveLength(1);
    await expectBooks('99.8650');
  });

  test('with the number as the provider spells it', async () => {
    provider.onFindByTag = answered([found(ANNE.replace('+33', '0'), 'delivered')]);
    const { message } = await doubtful();
    await after(FIRST);
    expect((await see(message)).status).toBe('COMPLETED');
  });

  test('for a suspended tenant too: the question sends nothing', async () => {
    provider.onFindByTag = answered([found(ANNE, 'delivered')]);
    const { message } = await doubtful();
    await app.admin.run('mutation ($id: ID!) { suspendTenant(id: $id, reason: "test") { id } }', { id: tenant.id });
    await after(FIRST);
    const [delivery] = await app.sql('select status from deliveries where message_id = $1', [message.id]);
    expect(delivery).toEqual({ status: 'DELIVERED' });
  });
});

/** A bulk call of three texts whose answer nobody knows, just made. */
async function threeInDoubt() {
  provider.answersBulk(inBulk(UNKNOWN));
  const batch = await acceptedBatch(tenant.gql, { messages: pairs(3) });
  await app.tick();
  expect(await fatesOf(tenant.gql, batch.id)).toEqual(['UNCONFIRMED', 'UNCONFIRMED', 'UNCONFIRMED']);
  return batch;
}

describe('a bulk call in doubt', () => {
  test('is looked up once for all that it carried', async () => {
    const batch = await threeInDoubt();
    await after(FIRST);
    await after(1);
    await after(31);
    expect(looks()).toEqual(provider.bulkTags);
    const due = await app.sql(
      'select distinct s.due_at, s.lease from submissions s join messages m on m.id = s.message_id where m.batch_id = $1',
      [batch.id],
    );
    expect(due).toEqual([{ due_at: new Date(inSeconds(FIRST + GRACE)), lease: null }]);
  });

  test('and found in part: those went; the others are denied, and go again once that is proved', async () => {
    const batch = await threeInDoubt();
    provider.onFindByTag = tag => answered(tag === provider.bulkTags[0] ? [found(BOB, 'delivered')] : []);
    await after(FIRST);
    expect(await fatesOf(tenant.gql, batch.id)).toEqual(['UNCONFIRMED', 'DELIVERED', 'UNCONFIRMED']);
    expect((await attemptsOfBatch(app, batch.id)).map(({ outcome }) => outcome)).toEqual(['unknown']);
    await after(GRACE);
    expect(await fatesOf(tenant.gql, batch.id)).toEqual(['SENT', 'DELIVERED', 'SENT']);
    expect((await attemptsOfBatch(app, batch.id)).map(({ outcome }) => outcome)).toContain('absent');
    await muchLater();
    const again = carriedBy(provider).filter(({ tag }) => tag !== provider.bulkTags[0]);
    expect(again.map(({ to }) => to).toSorted()).toEqual([ANNE, CARL]);
    expect(looks()).toHaveLength(2);
    await expectBooks('99.8650');
  });
});

describe('an answer that the provider knows nothing of the tag', () => {
  test('is not enough, given once', async () => {
    const { message } = await deniedOnce();
    await toInstant(inSeconds(FIRST + GRACE - 0.001));
    expect(looks()).toHaveLength(1);
    expect(provider.calls).toHaveLength(1);
    expect((await see(message)).status).toBe('UNCONFIRMED');
    expect(await chargesOf(app, message.id)).toEqual(['RESERVED']);
  });

  test('is not enough, given as often as one likes within the grace', async () => {
    const { message } = await deniedOnce();
    for (let minute = 1; minute < 10; minute += 1) {
      app.clock.advance({ seconds: 60 });
      await app.sql('update submissions set due_at = $2 where message_id = $1', [message.id, app.clock.now()]);
      await app.tick();
    }
    expect(looks()).toHaveLength(10);
    expect(provider.calls).toHaveLength(1);
    expect(await waitOf(message)).toMatchObject({ kind: 'DOUBT', nextCheckAt: inSeconds(FIRST + GRACE) });
    await after(60);
    expect(provider.calls).toHaveLength(2);
  });

  test('twice, a grace apart: it did not go, so it goes in a new attempt with another tag, once', async () => {
    const { message } = await deniedOnce();
    await after(GRACE);
    expect(provider.calls).toHaveLength(2);
    expect(new Set(provider.tags).size).toBe(2);
    expect(await outcomesOf(app, message.id)).toEqual(['absent', 'accepted']);
    expect((await see(message)).status).toBe('SENT');
    expect((await see(message)).timeline.map(({ kind }) => kind)).toEqual([
      'accepted',
      'attempt',
      'unconfirmed',
      'absent',
      'attempt',
      'sent',
    ]);
    await muchLater();
    expect(provider.calls).toHaveLength(2);
    expect(looks()).toHaveLength(2);
    expect(await refundsOf(app, message.id)).toEqual([]);
    await expectBooks('99.9550');
  });

  test('counts anew for the new attempt, when that one is in doubt as well', async () => {
    const { message } = await deniedOnce();
    provider.answers(UNKNOWN);
    await after(GRACE);
    await after(FIRST);
    expect(looks()).toEqual([provider.tags[0], provider.tags[0], provider.tags[1]]);
    expect(provider.calls).toHaveLength(2);
    await after(GRACE);
    expect(await outcomesOf(app, message.id)).toEqual(['absent', 'absent', 'accepted']);
    await expectBooks('99.9550');
  });

  test('sends nothing again for a tenant that will not have it: it waits for an administrator and says so', async () => {
    tenant = await app.tenant({ resendWhenAbsent: false });
    const { message } = await deniedOnce();
    await after(GRACE);
    await muchLater();
    expect(provider.calls).toHaveLength(1);
    expect(looks()).toHaveLength(2);
    expect(await see(message)).toMatchObject({
      status: 'UNCONFIRMED',
      waiting: [
        { kind: 'DOUBT', nextCheckAt: null, explanation: expect.stringMatching(/knows nothing.*administrator/) },
      ],
    });
    expect((await submissionsOf(app, message.id))[0]).toMatchObject({ due_at: null, lease: null });
    expect(await chargesOf(app, message.id)).toEqual(['RESERVED']);
  });

  test('sends nothing again once the validity is over: FAILED, and paid back once', async () => {
    const { message } = await deniedOnce({ validitySeconds: 300 });
    await after(GRACE);
    await muchLater();
    expect(provider.calls).toHaveLength(1);
    expect(await outcomesOf(app, message.id)).toEqual(['absent']);
    expect((await see(message)).status).toBe('FAILED');
    expect(await deliveriesOf(tenant.gql, message.id)).toMatchObject([
      { status: 'REFUSED', errorCode: 'VALIDITY_EXPIRED' },
    ]);
    expect(await refundsOf(app, message.id)).toEqual(['0.0450']);
    await expectBooks('100.0000');
  });

  test('in the evening: a commercial SMS is held to the morning before it goes again', async () => {
    app.clock.set('2026-01-13T18:55:00Z');
    const { message } = await deniedOnce();
    await after(GRACE);
    const morning = '2026-01-14T07:00:00.000Z';
    expect(await see(message)).toMatchObject({ status: 'HELD', releaseAt: morning });
    expect(provider.calls).toHaveLength(1);
    await toInstant(morning);
    expect(provider.calls).toHaveLength(2);
  });

  test('about one who said STOP meanwhile: it is not sent again, and paid back', async () => {
    const { message } = await deniedOnce();
    await stop(tenant.gql, ANNE);
    await after(GRACE);
    expect(provider.calls).toHaveLength(1);
    expect(await deliveriesOf(tenant.gql, message.id)).toMatchObject([{ status: 'OPTED_OUT' }]);
    await expectBooks('100.0000');
  });
});

describe('no answer to the question', () => {
  test('is never a denial, however often; it is asked again with back-off, up to ten minutes', async () => {
    provider.onFindByTag = NO_ANSWER;
    const { message } = await doubtful();
    for (const ceiling of [2 * FIRST, 60, 120, 240, 480, 600, 600, 600, 600, 600, 600]) {
      const next = new Date((await waitOf(message))?.nextCheckAt ?? 0);
      const seconds = (next.getTime() - app.clock.now().getTime()) / 1_000;
      expect(seconds).toBeGreaterThanOrEqual(ceiling / 2);
      expect(seconds).toBeLessThanOrEqual(ceiling);
      await toInstant(next.toISOString());
    }
    expect(looks()).toHaveLength(11);
    expect(provider.calls).toHaveLength(1);
    const [attempt] = await app.sql('select absent_since, outcome from attempts');
    expect(attempt).toEqual({ absent_since: null, outcome: 'unknown' });
  });

  test('in the place of the second denial proves nothing, and does not undo the first', async () => {
    const { message } = await deniedOnce();
    provider.onFindByTag = NO_ANSWER;
    await after(GRACE);
    expect((await see(message)).status).toBe('UNCONFIRMED');
    expect(provider.calls).toHaveLength(1);
    provider.onFindByTag = answered([]);
    await after(GRACE);
    expect(await outcomesOf(app, message.id)).toEqual(['absent', 'accepted']);
  });
});

describe('a receipt', () => {
  test('between the two denials settles the doubt: nothing is asked or sent again', async () => {
    const { message, url } = await deniedOnce();
    await tell(url, ANNE, 'waiting');
    expect((await see(message)).status).toBe('SENT');
    await after(GRACE);
    expect(looks()).toHaveLength(1);
    expect(provider.calls).toHaveLength(1);
    expect(await outcomesOf(app, message.id)).toEqual(['accepted']);
    await expectBooks('99.9550');
  });

  test('that comes while the provider denies it for the second time counts for more', async () => {
    const { message, url } = await deniedOnce();
    provider.onFindByTag = async () => {
      await post(url, receipt(ANNE, 'delivered'));
      await app.nest.get(CallbacksWorkers).settle();
      return answered([]);
    };
    await after(GRACE);
    expect((await see(message)).status).toBe('COMPLETED');
    expect(provider.calls).toHaveLength(1);
    expect(await outcomesOf(app, message.id)).toEqual(['accepted']);
  });

  test('after the proof, before the new attempt, stops it', async () => {
    app.clock.set('2026-01-13T18:55:00Z');
    const { message, url } = await deniedOnce();
    await after(GRACE);
    expect((await see(message)).status).toBe('HELD');
    await tell(url, ANNE, 'delivered');
    await muchLater();
    expect(provider.calls).toHaveLength(1);
    expect(await see(message)).toMatchObject({ status: 'COMPLETED', counts: { delivered: 1 } });
    await expectBooks('99.9550');
  });

  test('of the old attempt after the new one: it went all the same; nothing breaks, charged once', async () => {
    const { message, url } = await deniedOnce();
    await after(GRACE);
    await tell(url, ANNE, 'delivered');
    await tell(provider.calls[1]?.sms.receiptUrl ?? '', ANNE, 'delivered');
    await tell(url, ANNE, 'not delivered');
    expect(await see(message)).toMatchObject({ status: 'COMPLETED', counts: { delivered: 1 } });
    expect(await outcomesOf(app, message.id)).toEqual(['absent', 'accepted']);
    expect(await chargesOf(app, message.id)).toEqual(['CHARGED']);
    await muchLater();
    expect(provider.calls).toHaveLength(2);
    await expectBooks('99.9550');
  });

  test('of the old attempt while the new one is called for, and in doubt: settled, charged once, not sent a third time', async () => {
    const { message, url } = await deniedOnce();
    provider.answers(async () => {
      await post(url, receipt(ANNE, 'delivered'));
      await app.nest.get(CallbacksWorkers).settle();
      return UNKNOWN;
    });
    await after(GRACE);
    await after(FIRST);
    await after(GRACE);
    await muchLater();
    expect(provider.calls).toHaveLength(2);
    expect(await see(message)).toMatchObject({ status: 'COMPLETED', counts: { delivered: 1 }, waiting: [] });
    await expectBooks('99.9550');
  });
});
