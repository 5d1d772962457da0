import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashSecret } from '../../src/kernel/index.js';
import { secretOf } from '../support/attempts.js';
import {
  acceptedBatch,
  acceptsBut,
  attemptsOfBatch,
  bareOf,
  type BatchView,
  carriedBy,
  fatesOf,
  inBulk,
  lookBatch,
  messagesOf,
  numberOf,
  type Pair,
  pairs,
  refundsOfBatch,
  statusesOf,
} from '../support/batches.js';
import { booksOf } from '../support/ledger.js';
import { accepted, cancel } from '../support/messages.js';
import {
  acceptBulk,
  BLOCKED,
  NO_ANSWER,
  notSent,
  OUTSIDE_HOURS,
  REFUSED,
  refuseOnly,
  ScriptedProvider,
  UNKNOWN,
  UNREACHABLE,
} from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const EVENING = '2026-01-13T19:30:00.000Z';
const WEDNESDAY_8 = '2026-01-14T07:00:00.000Z';
const THREE = pairs(3);
const [ANNE, BOB] = [numberOf(0), numberOf(1)] as const;

let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;

beforeEach(async () => {
  provider = new ScriptedProvider();
  // No question proves that a call did not go.
  provider.onFindByTag = NO_ANSWER;
  app = await appAt(TUESDAY, { provider });
  tenant = await app.tenant();
});
afterEach(() => app.close());

const see = (batch: BatchView): Promise<BatchView> => lookBatch(tenant.gql, batch.id);
const fates = (batch: BatchView) => fatesOf(tenant.gql, batch.id);
const statuses = (batch: BatchView) => statusesOf(tenant.gql, batch.id);
const outcomes = async (batch: BatchView) => (await attemptsOfBatch(app, batch.id)).map(({ outcome }) => outcome);
const sizes = (): number[] => provider.bulkCalls.map(({ bulk }) => bulk.messages.length).toSorted((a, b) => b - a);
const at = async (instant: string): Promise<void> => {
  app.clock.set(instant);
  await app.tick();
};
/** Less than two days: until then nobody gives up waiting for a receipt. */
const muchLater = async (): Promise<void> => {
  for (let time = 0; time < 5; time += 1) {
    app.clock.advance({ hours: 8 });
    await app.tick();
  }
};
const three = (input: object = {}): Promise<BatchView> => acceptedBatch(tenant.gql, { messages: THREE, ...input });

/** Balance, ledger and what deliveries hold agree. */
async function expectBooks(balance: string): Promise<void> {
  expect(await booksOf(app, tenant.id)).toEqual({ balance, ledger: balance, due: balance, misjudged: 0, overdrawn: 0 });
}

describe('the texts of a batch', () => {
  test(
    'leave in calls of at most 500, each text to its number, once and in one attempt',
    { timeout: 60_000 },
    async () => {
      const messages = pairs(1_200);
      const batch = await acceptedBatch(tenant.gql, { messages });
      // As autovacuum does within the first minute of new tables.
      await app.sql('analyze');
      await app.tick();
      expect(bareOf(carriedBy(provider))).toEqual(bareOf(messages));
      const attempts = await attemptsOfBatch(app, batch.id);
      expect(attempts.map(({ tag }) => tag).toSorted()).toEqual(provider.bulkTags.toSorted());
      expect(attempts.reduce((sum, { submissions }) => sum + submissions, 0)).toBe(1_200);
      const counted = 'select attempts, count(*)::int as count from submissions group by attempts';
      expect(await app.sql(counted)).toEqual([{ attempts: 1, count: 1_200 }]);
      expect((await see(batch)).counts).toMatchObject({ sent: 1_200, waiting: 0 });
      expect(provider.calls).toHaveLength(0);
      expect(sizes()).toEqual([500, 500, 200]);
    },
  );

  test('are in one call where they are few', async () => {
    const batch = await three({ sender: 'BOUTIQUE', tag: 'vœux' });
    await app.tick();
    expect(await fates(batch)).toEqual(['SENT', 'SENT', 'SENT']);
    expect(provider.calls).toEqual([]);
    expect(provider.bulkCalls.map(({ bulk }) => bulk)).toEqual([
      {
        tag: expect.stringMatching(/^[a-z0-9]{16}$/),
        sender: 'BOUTIQUE',
        route: 'PREMIUM',
        stopMention: true,
        unicode: false,
        receiptUrl: expect.stringContaining('/callbacks/receipts/'),
        replyUrl: expect.stringContaining('/callbacks/replies/'),
        messages: expect.arrayContaining(THREE.map(({ to: phoneNumber, text }) => ({ phoneNumber, text }))),
      },
    ]);
    expect(bareOf(carriedBy(provider))).toEqual(bareOf(THREE));
  });

  test('scheduled or held leave together at their hour', async () => {
    app.clock.set(EVENING);
    const held = await three();
    const scheduled = await acceptedBatch(tenant.gql, { messages: pairs(4, 10), at: '2026-01-14T09:00:00Z' });
    await at(WEDNESDAY_8);
    expect(await fates(held)).toEqual(['SENT', 'SENT', 'SENT']);
    expect((await see(scheduled)).status).toBe('SCHEDULED');
    await at('2026-01-14T09:00:00Z');
    expect((await see(scheduled)).counts).toMatchObject({ sent: 4 });
    expect([provider.calls.length, sizes()]).toEqual([0, [4, 3]]);
  });

  test('that are to have a STOP mention appended are not mixed with those that have their own', async () => {
    const own = pairs(3, 10).map(({ to, text }) => ({ to, text: `${text} STOP 36180` }));
    const messages = THREE.flatMap((pair, index) => [pair, ...own.slice(index, index + 1)]);
    await acceptedBatch(tenant.gql, { messages });
    await app.tick();
    const appended = Map.groupBy(carriedBy(provider), ({ stopMention }) => stopMention);
    expect(bareOf(appended.get(true) ?? [])).toEqual(bareOf(THREE));
    expect(bareOf(appended.get(false) ?? [])).toEqual(bareOf(own));
    expect([provider.calls.length, sizes()]).toEqual([0, [3, 3]]);
  });
});

describe('a bulk call', () => {
  test('is written down before it is made, with all that it carries, and holds no lock while it lasts', async () => {
    const messages = pairs(40);
    provider.answersBulk(async bulk => {
      const [attempt] = await app.sql(
        `select a.outcome, a.secret_hash, count(*)::int as carried, count(*) filter (where s.state = 'SENDING')::int as sending
           from attempts a join attempt_submissions c on c.attempt_id = a.id join submissions s on s.id = c.submission_id
          where a.tag = $1 group by a.id, a.outcome, a.secret_hash`,
        [bulk.tag],
      );
      const carried = bulk.messages.length;
      expect(attempt).toEqual({
        outcome: null,
        secret_hash: hashSecret(secretOf(bulk.receiptUrl)),
        carried,
        sending: carried,
      });
      expect(secretOf(bulk.replyUrl)).toBe(secretOf(bulk.receiptUrl));
      const numbers = bulk.messages.map(({ phoneNumber }) => phoneNumber);
      const mine = await app.sql('select 1 from deliveries where phone_number = any($1) for update nowait', [numbers]);
      expect(mine).toHaveLength(carried);
      return acceptBulk(bulk);
    });
    const batch = await acceptedBatch(tenant.gql, { messages });
    await app.tick();
    expect(provider.bulkCalls.length).toBeGreaterThan(0);
    // What an expectation above threw would have left the call in doubt.
    expect((await see(batch)).counts).toMatchObject({ sent: 40, unconfirmed: 0 });
  });

  test('never carries a number twice: its other texts go in later calls, all of them once', async () => {
    const again = ['un', 'deux', 'trois'].map((text): Pair => ({ to: ANNE, text }));
    const messages = [...again, ...pairs(30, 1), ...again.map(({ to, text }) => ({ to, text: `${text} encore` }))];
    const batch = await acceptedBatch(tenant.gql, { messages });
    await app.tick();
    for (const { bulk } of provider.bulkCalls) {
      const numbers = bulk.messages.map(({ phoneNumber }) => phoneNumber);
      expect(new Set(numbers).size).toBe(numbers.length);
    }
    expect(bareOf(carriedBy(provider))).toEqual(bareOf(messages));
    expect((await see(batch)).counts).toMatchObject({ sent: 36 });
  });

  test('carries nothing of another batch, of another tenant or from outside of the batch', async () => {
    const other = await app.tenant();
    const groups = [pairs(30), pairs(30, 100), pairs(30, 200)] as const;
    await acceptedBatch(tenant.gql, { messages: groups[0] });
    await acceptedBatch(other.gql, { messages: groups[1] });
    await acceptedBatch(tenant.gql, { messages: groups[2] });
    for (const gql of [tenant.gql, other.gql]) await accepted(gql, { to: [numberOf(300)], text: 'Seul' });
    await app.tick();
    expect(provider.bulkCalls.length).toBeGreaterThanOrEqual(3);
    for (const { bulk } of provider.bulkCalls) {
      const texts = new Set(bulk.messages.map(({ text }) => text));
      const whose = groups.filter(group => group.some(({ text }) => texts.has(text)));
      expect([whose.length, texts.has('Seul')]).toEqual([1, false]);
    }
    const alone = [1, 2].map(() => ({ to: numberOf(300), text: 'Seul' }));
    expect(bareOf(carriedBy(provider))).toEqual(bareOf([...groups.flat(), ...alone]));
  });

  test('is not made for what opted out, was cancelled or was of a suspended tenant before; the others go', async () => {
    const batch = await three();
    await tenant.gql.run('mutation ($n: PhoneNumber!) { addOptOut(phoneNumber: $n) { source } }', { n: ANNE });
    const [, second] = await messagesOf(tenant.gql, batch.id);
    await cancel(tenant.gql, second?.id ?? '');
    const status = 'update tenants set status = $2, suspended_at = null where id = $1';
    await app.sql(status, [tenant.id, 'SUSPENDED']);
    await app.tick();
    expect(carriedBy(provider)).toEqual([]);
    await app.sql(status, [tenant.id, 'ACTIVE']);
    await app.tick();
    expect(carriedBy(provider)).toMatchObject([THREE[2]]);
    expect(await fates(batch)).toEqual(['OPTED_OUT', 'CANCELLED', 'SENT']);
    expect(await refundsOfBatch(app, batch.id)).toEqual(['0.0450', '0.0450']);
    await expectBooks('99.9550');
  });
});

describe('the provider answers for each number', () => {
  test('refused: that one is REFUSED with its code and paid back once, the others are SENT and charged', async () => {
    provider.answersBulk(acceptsBut([BOB]));
    const batch = await three();
    await app.tick();
    expect(await fates(batch)).toEqual(['SENT', 'REFUSED', 'SENT']);
    expect(await statuses(batch)).toEqual(['SENT', 'FAILED', 'SENT']);
    const texts = await messagesOf(tenant.gql, batch.id);
    expect(texts[1]).toMatchObject({ cost: '0.0000', deliveries: { nodes: [{ errorCode: '13' }] } });
    expect(texts.map(({ timeline }) => timeline.at(-1)?.kind)).toEqual(['sent', 'refused', 'sent']);
    expect(await see(batch)).toMatchObject({ status: 'SENT', cost: '0.0900', counts: { sent: 2, refused: 1 } });
    await muchLater();
    expect(await refundsOfBatch(app, batch.id)).toEqual(['0.0450']);
    expect(await outcomes(batch)).toEqual(['accepted']);
    expect(carriedBy(provider)).toHaveLength(3);
    await expectBooks('99.9100');
  });

  test('nothing: that one is UNCONFIRMED, its money stays reserved, and it is never called for again', async () => {
    provider.answersBulk(acceptsBut([BOB], [ANNE]));
    const batch = await three();
    await app.tick();
    await muchLater();
    expect(await fates(batch)).toEqual(['UNCONFIRMED', 'REFUSED', 'SENT']);
    expect((await messagesOf(tenant.gql, batch.id))[0]?.waiting).toMatchObject([{ kind: 'DOUBT' }]);
    expect(await see(batch)).toMatchObject({ status: 'UNCONFIRMED', counts: { unconfirmed: 1, refused: 1, sent: 1 } });
    expect(carriedBy(provider)).toHaveLength(3);
    const charges = 'select charge from deliveries where tenant_id = $1 order by id';
    expect(await app.sql(charges, [tenant.id])).toMatchObject([
      { charge: 'RESERVED' },
      { charge: 'RETURNED' },
      { charge: 'CHARGED' },
    ]);
    await expectBooks('99.9100');
  });

  test('all refused: everything ends and is paid back', async () => {
    provider.answersBulk(acceptsBut(THREE.map(({ to }) => to)));
    const batch = await three();
    await app.tick();
    expect(await see(batch)).toMatchObject({ status: 'FAILED', cost: '0.0000', counts: { refused: 3 } });
    expect(await refundsOfBatch(app, batch.id)).toEqual(['0.0450', '0.0450', '0.0450']);
    await expectBooks('100.0000');
  });
});

describe('a bulk call that is', () => {
  test('refused whole ends all of it: REFUSED with the code, paid back once each', async () => {
    provider.answersBulk(REFUSED);
    const batch = await three();
    await app.tick();
    await muchLater();
    expect(await see(batch)).toMatchObject({ status: 'FAILED', cost: '0.0000', counts: { refused: 3 } });
    for (const { deliveries } of await messagesOf(tenant.gql, batch.id)) {
      expect(deliveries.nodes).toMatchObject([{ status: 'REFUSED', errorCode: '44', errorMessage: REFUSED.reason }]);
    }
    expect(await refundsOfBatch(app, batch.id)).toEqual(['0.0450', '0.0450', '0.0450']);
    expect(carriedBy(provider)).toHaveLength(3);
    await expectBooks('100.0000');
  });

  test('refused for one number goes again without it, under a new tag', async () => {
    provider.answersBulk(inBulk(refuseOnly(BOB)));
    const batch = await three();
    await app.tick();
    expect(await fates(batch)).toEqual(['SENT', 'REFUSED', 'SENT']);
    expect(sizes()).toEqual([3, 2]);
    expect(new Set(provider.bulkTags).size).toBe(2);
    expect(await outcomes(batch)).toEqual(['refused', 'accepted']);
    await expectBooks('99.9100');
  });

  test('refused for somebody it did not carry is in doubt, and nobody is paid back or called for again', async () => {
    provider.answersBulk(inBulk(refuseOnly('+33699999999')));
    const batch = await three();
    await app.tick();
    await muchLater();
    expect((await see(batch)).counts).toMatchObject({ unconfirmed: 3 });
    expect(carriedBy(provider)).toHaveLength(3);
    await expectBooks('99.8650');
  });

  test.for([
    ['unreachable', UNREACHABLE, 'PROVIDER_DOWN'],
    ['turned away', notSent('rate-limited', 300_000), 'RATE_LIMIT'],
    ['blocked', BLOCKED, 'PROVIDER_ACCOUNT'],
  ] as const)('%s leaves all of it waiting, and all of it goes later in a new attempt', async ([, answer, kind]) => {
    provider.answersBulk(inBulk(answer));
    const batch = await three();
    await app.tick();
    expect(await see(batch)).toMatchObject({ status: 'QUEUED', counts: { waiting: 3 } });
    const waits = (await messagesOf(tenant.gql, batch.id)).flatMap(({ waiting }) => waiting);
    expect(waits).toMatchObject([{ kind }, { kind }, { kind }]);
    const again = waits[0]?.nextCheckAt ?? '';
    expect(waits.map(({ nextCheckAt }) => nextCheckAt)).toEqual([again, again, again]);
    await at(new Date(Date.parse(again) - 1).toISOString());
    expect(provider.bulkCalls).toHaveLength(1);
    await at(again);
    expect(await fates(batch)).toEqual(['SENT', 'SENT', 'SENT']);
    expect([provider.calls.length, sizes()]).toEqual([0, [3, 3]]);
    expect(new Set(provider.bulkTags).size).toBe(2);
    await expectBooks('99.8650');
  });

  test('outside the hours of the provider holds commercial texts and leaves transactional ones to the operators', async () => {
    provider.answersBulk(inBulk(OUTSIDE_HOURS), inBulk(OUTSIDE_HOURS));
    const commercial = await three();
    await app.tick();
    const transactional = await three({ category: 'TRANSACTIONAL' });
    await app.tick();
    expect(await see(commercial)).toMatchObject({ status: 'HELD', releaseAt: '2026-01-13T10:10:00.000Z' });
    const kinds = (await messagesOf(tenant.gql, transactional.id)).map(({ waiting }) => waiting[0]?.kind);
    expect(kinds).toEqual(['PROVIDER_ACCOUNT', 'PROVIDER_ACCOUNT', 'PROVIDER_ACCOUNT']);
    await at('2026-01-13T10:10:00.000Z');
    expect([...(await fates(commercial)), ...(await fates(transactional))]).toEqual(
      Array.from({ length: 6 }, () => 'SENT'),
    );
  });

  test.for([
    ['of unknown outcome', inBulk(UNKNOWN)],
    ['broken off by its adapter', () => Promise.reject(new Error('a bug in an adapter'))],
  ] as const)('%s is never made again, and its money stays reserved', async ([, answer]) => {
    provider.answersBulk(answer);
    const batch = await three();
    await app.tick();
    await muchLater();
    expect(await fates(batch)).toEqual(['UNCONFIRMED', 'UNCONFIRMED', 'UNCONFIRMED']);
    expect(carriedBy(provider)).toHaveLength(3);
    expect(await outcomes(batch)).toEqual(['unknown']);
    await expectBooks('99.8650');
  });
});

describe('at closing time', () => {
  /** 20:00 in Réunion, 17:00 in Paris. */
  const CLOSING = '2026-01-13T16:00:00.000Z';
  const overseas = Array.from({ length: 2 }, (_, index) => ({ to: `+26269212345${index}`, text: 'Bonsoir' }));

  test('what is still queued for a closed territory is held, and the rest of the batch leaves', async () => {
    app.clock.set('2026-01-13T15:59:00Z');
    const batch = await acceptedBatch(tenant.gql, { messages: [...overseas, ...THREE] });
    await at(CLOSING);
    expect(await statuses(batch)).toEqual(['HELD', 'HELD', 'SENT', 'SENT', 'SENT']);
    expect(bareOf(carriedBy(provider))).toEqual(bareOf(THREE));
    expect(await see(batch)).toMatchObject({ status: 'HELD', releaseAt: '2026-01-14T04:00:00.000Z' });
    await at('2026-01-14T04:00:00.000Z');
    expect(sizes()).toEqual([3, 2]);
    await expectBooks('99.7750');
  });

  test('a call that carries one text for a closing territory does not start any more', async () => {
    app.clock.set('2026-01-13T15:59:58Z');
    const told: boolean[] = [];
    provider.answersBulk((bulk, call) => {
      app.clock.set(CLOSING);
      told.push(call.mayStart());
      return call.mayStart() ? acceptBulk(bulk) : inBulk(UNREACHABLE);
    });
    const batch = await acceptedBatch(tenant.gql, { messages: [...THREE, ...overseas] });
    await app.tick();
    expect(told).toEqual([false]);
    expect((await see(batch)).counts).toMatchObject({ waiting: 5 });
    app.clock.advance({ seconds: 30 });
    await app.tick();
    expect(await statuses(batch)).toEqual(['SENT', 'SENT', 'SENT', 'HELD', 'HELD']);
  });
});
