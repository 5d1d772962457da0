import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApplyReceipts } from '../../src/callbacks/apply-receipts.js';
import { DeliveryStore } from '../../src/messaging/delivery.store.js';
import { ClaimSubmissions } from '../../src/messaging/leaving/claim-submissions.js';
import { PrepareAttempt } from '../../src/messaging/leaving/prepare-attempt.js';
import { RecordOutcome } from '../../src/messaging/leaving/record-outcome.js';
import type { BulkOutcome } from '../../src/providers/index.js';
import {
  acceptedBatch,
  acceptsBut,
  attemptsOfBatch,
  bareOf,
  type BatchView,
  cancelBatch,
  carriedBy,
  countBy,
  fatesOf,
  inBulk,
  lookBatch,
  messagesOf,
  numberOf,
  type Pair,
  pairs,
  refundsOfBatch,
} from '../support/batches.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { booksOf } from '../support/ledger.js';
import { post, receipt } from '../support/receipts.js';
import {
  acceptBulk,
  NO_ANSWER,
  REFUSED,
  ScriptedProvider,
  UNKNOWN,
  UNREACHABLE,
} from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const TOMORROW = '2026-01-14T09:00:00.000Z';
const [ANNE, BOB, CARL] = [numberOf(0), numberOf(1), numberOf(2)] as const;

let database: TestDatabase;
let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;

beforeEach(async () => {
  database = await createDatabase();
  provider = new ScriptedProvider();
  // No question proves that a call did not go.
  provider.onFindByTag = NO_ANSWER;
  app = await appAt(TUESDAY, { provider, databaseUrl: database.ownerUrl });
  tenant = await app.tenant();
});
afterEach(async () => {
  await app.close();
  await database.drop();
});

const three = (input: object = {}): Promise<BatchView> => acceptedBatch(tenant.gql, { messages: pairs(3), ...input });
const see = (batch: BatchView): Promise<BatchView> => lookBatch(tenant.gql, batch.id);
const fates = (batch: BatchView) => fatesOf(tenant.gql, batch.id);
const attempts = async (batch: BatchView) =>
  (await attemptsOfBatch(app, batch.id)).map(({ outcome, submissions }) => [outcome, submissions]);
const after = async (seconds: number): Promise<void> => {
  app.clock.advance({ seconds });
  await app.tick();
};
/** Less than two days: until then nobody gives up waiting for a receipt. */
const muchLater = async (): Promise<void> => {
  for (let time = 0; time < 5; time += 1) await after(8 * 3_600);
};

/** Balance, ledger and what deliveries hold agree. */
async function expectBooks(balance: string): Promise<void> {
  expect(await booksOf(app, tenant.id)).toEqual({ balance, ledger: balance, due: balance, misjudged: 0, overdrawn: 0 });
}

/** The process dies here: the bulk attempt is committed, the call may have been made, nothing is recorded. */
async function prepare() {
  const [claimed] = await app.nest.get(ClaimSubmissions).execute('QUEUED', 1);
  if (claimed === undefined) throw new Error('nothing is due');
  const call = await app.nest.get(PrepareAttempt).execute(claimed);
  if (call?.sms.kind !== 'bulk') throw new Error('it is no bulk call');
  const { bulk } = call.sms;
  return { bulk, record: (outcome: BulkOutcome) => app.nest.get(RecordOutcome).execute(call, outcome) };
}

/** A bulk call whose process did not record its answer in time: doubt has begun for all that it carried. */
async function doubtful() {
  const batch = await three();
  const { bulk, record } = await prepare();
  await after(30);
  expect(await fates(batch)).toEqual(['UNCONFIRMED', 'UNCONFIRMED', 'UNCONFIRMED']);
  return { batch, bulk, record };
}

async function tell(url: string, phone: string, status: string): Promise<void> {
  expect((await post(url, receipt(phone, status))).status).toBe(200);
  await app.tick();
}

describe('a process that dies between a bulk attempt and its record', () => {
  // Several submissions of one attempt are due for doubt at once, and it is told once.
  test('leaves a doubt for all that it carried when the lease ends; nobody calls again while the provider does not say, and each says why', async () => {
    provider.onFindByTag = NO_ANSWER;
    const batch = await three();
    const { bulk } = await prepare();
    expect(bulk.messages).toHaveLength(3);
    await after(29.999);
    expect(await see(batch)).toMatchObject({ status: 'SENDING', counts: { waiting: 3 } });
    await after(0.001);
    expect(await see(batch)).toMatchObject({ status: 'UNCONFIRMED', counts: { unconfirmed: 3 }, cost: '0.1350' });
    await muchLater();
    expect(carriedBy(provider)).toEqual([]);
    expect(await attempts(batch)).toEqual([['unknown', 3]]);
    for (const { waiting, timeline } of await messagesOf(tenant.gql, batch.id)) {
      const explanation = expect.stringContaining('no answer was recorded');
      expect(waiting).toMatchObject([{ kind: 'DOUBT', explanation }]);
      expect(timeline.map(({ kind }) => kind)).toEqual(['accepted', 'attempt', 'unconfirmed']);
    }
    expect(await cancelBatch(tenant.gql, batch.id)).toMatchObject({ __typename: 'TooLate', status: 'UNCONFIRMED' });
    await expectBooks('99.8650');
  });

  test('keeps a receipt that comes before the doubt, and applies it when the doubt begins', async () => {
    const batch = await three();
    const { bulk } = await prepare();
    await tell(bulk.receiptUrl, BOB, 'delivered');
    expect((await see(batch)).status).toBe('SENDING');
    await after(30);
    await after(1);
    expect(await fates(batch)).toEqual(['UNCONFIRMED', 'DELIVERED', 'UNCONFIRMED']);
  });

  test('before the attempt loses nothing: another takes all of it when the lease ends, and calls once', async () => {
    const batch = await three();
    await app.nest.get(ClaimSubmissions).execute('QUEUED', 3);
    await after(29.999);
    expect(carriedBy(provider)).toEqual([]);
    await after(0.001);
    expect(await fates(batch)).toEqual(['SENT', 'SENT', 'SENT']);
    expect(bareOf(carriedBy(provider))).toEqual(bareOf(pairs(3)));
  });
});

describe('an answer to a bulk call that is recorded after the doubt began', () => {
  test('accepted in part: each recipient has its own end, once', async () => {
    const { batch, bulk, record } = await doubtful();
    for (let time = 0; time < 2; time += 1) await record(acceptsBut([ANNE], [BOB])(bulk));
    expect(await fates(batch)).toEqual(['REFUSED', 'UNCONFIRMED', 'SENT']);
    expect(await refundsOfBatch(app, batch.id)).toEqual(['0.0450']);
    await muchLater();
    expect(carriedBy(provider)).toEqual([]);
    await expectBooks('99.9100');
  });

  test('unknown, as it is already: nothing is told twice', async () => {
    const { batch, record } = await doubtful();
    await record(inBulk(UNKNOWN));
    for (const { timeline } of await messagesOf(tenant.gql, batch.id)) {
      expect(timeline.filter(({ kind }) => kind === 'unconfirmed')).toHaveLength(1);
    }
  });

  test('refused: all is paid back, once', async () => {
    const { batch, record } = await doubtful();
    for (let time = 0; time < 2; time += 1) await record(REFUSED);
    expect(await see(batch)).toMatchObject({ status: 'FAILED', counts: { refused: 3 } });
    expect(await refundsOfBatch(app, batch.id)).toEqual(['0.0450', '0.0450', '0.0450']);
    await expectBooks('100.0000');
  });

  test('not sent: all goes in a new attempt, later', async () => {
    const { batch, bulk, record } = await doubtful();
    await record(inBulk(UNREACHABLE));
    expect((await see(batch)).counts).toMatchObject({ waiting: 3 });
    await after(30);
    expect(await fates(batch)).toEqual(['SENT', 'SENT', 'SENT']);
    expect(bareOf(carriedBy(provider))).toEqual(bareOf(pairs(3)));
    expect(carriedBy(provider).map(({ tag }) => tag)).not.toContain(bulk.tag);
  });

  test('not sent, when a receipt has shown that one of them went: only the others go again', async () => {
    const { batch, bulk, record } = await doubtful();
    await tell(bulk.receiptUrl, BOB, 'delivered');
    await record(inBulk(UNREACHABLE));
    await after(30);
    expect(await fates(batch)).toEqual(['SENT', 'DELIVERED', 'SENT']);
    expect(bareOf(carriedBy(provider)).map(({ to }) => to)).toEqual([ANNE, CARL]);
    await expectBooks('99.8650');
  });
});

describe('a receipt for a doubtful bulk call', () => {
  test('settles the one that it names and leaves the others in doubt', async () => {
    const { batch, bulk } = await doubtful();
    await tell(bulk.receiptUrl, BOB, 'not delivered');
    await tell(bulk.receiptUrl, '+33699999999', 'delivered');
    await muchLater();
    expect(await fates(batch)).toEqual(['UNCONFIRMED', 'UNDELIVERED', 'UNCONFIRMED']);
    expect(await attempts(batch)).toEqual([['unknown', 3]]);
    const charges = 'select charge from deliveries where tenant_id = $1 order by id';
    const [first, second, third] = await app.sql(charges, [tenant.id]);
    expect([first, second, third].map(row => row?.['charge'])).toEqual(['RESERVED', 'CHARGED', 'RESERVED']);
    expect(carriedBy(provider)).toEqual([]);
    await expectBooks('99.8650');
  });

  test('for each of them settles the call; doubled ones change nothing, and the ledger follows once', async () => {
    const { batch, bulk } = await doubtful();
    for (const phone of [CARL, ANNE, CARL, BOB]) await tell(bulk.receiptUrl, phone, 'delivered');
    expect(await see(batch)).toMatchObject({ status: 'COMPLETED', counts: { delivered: 3, unconfirmed: 0 } });
    expect(await attempts(batch)).toEqual([['accepted', 3]]);
    for (const { timeline } of await messagesOf(tenant.gql, batch.id)) {
      const kinds = timeline.map(({ kind }) => kind);
      expect(kinds).toEqual(['accepted', 'attempt', 'unconfirmed', 'confirmed', 'receipt']);
    }
    await expectBooks('99.8650');
  });

  test('for each of them, applied by two workers at the same moment, settles the call as well', async () => {
    const { batch, bulk } = await doubtful();
    await tell(bulk.receiptUrl, ANNE, 'delivered');
    const applying = app.nest.get(ApplyReceipts);
    const claimed = [];
    for (const phone of [BOB, CARL]) {
      await post(bulk.receiptUrl, receipt(phone, 'delivered'));
      claimed.push(...(await applying.claim()));
    }
    bothCount();
    await Promise.all(claimed.map(receipts => applying.apply(receipts)));
    expect(await fates(batch)).toEqual(['DELIVERED', 'DELIVERED', 'DELIVERED']);
    expect(await attempts(batch)).toEqual([['accepted', 3]]);
  });

  test('of whom an accepted call said nothing, settles that one', async () => {
    provider.otherwiseBulk = acceptsBut([], [ANNE, CARL]);
    const batch = await three();
    await app.tick();
    expect(await fates(batch)).toEqual(['UNCONFIRMED', 'SENT', 'UNCONFIRMED']);
    await tell(provider.bulkCalls[0]?.bulk.receiptUrl ?? '', CARL, 'delivered');
    expect(await fates(batch)).toEqual(['UNCONFIRMED', 'SENT', 'DELIVERED']);
    await expectBooks('99.8650');
  });
});

/** Until one transaction waits for another's lock, or need not be waited for any more. */
async function lockAwaited(isOver: () => boolean): Promise<void> {
  const waits = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while (!isOver() && (await app.sql(waits)).length === 0) await nextTurn();
}

/** Two at once have each marked their own before either counts what is still in doubt, unless a lock keeps them apart. */
function bothCount(): void {
  const deliveries = app.nest.get(DeliveryStore);
  const count = deliveries.countUnconfirmed.bind(deliveries);
  const both = Promise.withResolvers<void>();
  let counting = 0;
  Object.assign(deliveries, {
    countUnconfirmed: async (...of: Parameters<DeliveryStore['countUnconfirmed']>) => {
      counting += 1;
      if (counting === 2) both.resolve();
      await Promise.race([both.promise, lockAwaited(() => counting === 2)]);
      return count(...of);
    },
  });
}

describe('cancelling a batch', () => {
  test('stops all of it, pays each text back once, and is too late the second time', async () => {
    const batch = await three({ at: TOMORROW });
    const cancelled = await cancelBatch(tenant.gql, batch.id);
    expect(cancelled).toMatchObject({
      __typename: 'Batch',
      status: 'CANCELLED',
      cost: '0.0000',
      counts: { cancelled: 3 },
    });
    expect(await cancelBatch(tenant.gql, batch.id)).toMatchObject({ __typename: 'TooLate', status: 'CANCELLED' });
    app.clock.set(TOMORROW);
    await app.tick();
    expect(carriedBy(provider)).toEqual([]);
    expect(await refundsOfBatch(app, batch.id)).toEqual(['0.0450', '0.0450', '0.0450']);
    await expectBooks('100.0000');
  });

  test('stops what is held or waits, leaves what has gone, and refuses once nothing is left', async () => {
    app.clock.set('2026-01-13T16:00:00.000Z');
    const overseas: Pair = { to: '+262692123456', text: 'Bonsoir' };
    const batch = await acceptedBatch(tenant.gql, { messages: [...pairs(2), overseas] });
    await app.tick();
    expect(await cancelBatch(tenant.gql, batch.id)).toMatchObject({
      status: 'SENT',
      counts: { sent: 2, cancelled: 1 },
    });
    expect(await cancelBatch(tenant.gql, batch.id)).toMatchObject({ __typename: 'TooLate', status: 'SENT' });
    await muchLater();
    expect(bareOf(carriedBy(provider))).toEqual(bareOf(pairs(2)));
    expect(await refundsOfBatch(app, batch.id)).toEqual(['0.0450']);
    await expectBooks('99.9100');
  });

  test('takes nothing back while the call is under way, nor once its answer is in doubt', async () => {
    const batch = await three();
    provider.answersBulk(async () => {
      expect(await cancelBatch(tenant.gql, batch.id)).toMatchObject({ __typename: 'TooLate', status: 'SENDING' });
      return inBulk(UNREACHABLE);
    }, inBulk(UNKNOWN));
    await app.tick();
    // What an expectation above threw would have left the call in doubt.
    expect((await see(batch)).counts).toMatchObject({ waiting: 3 });
    await after(30);
    expect(await cancelBatch(tenant.gql, batch.id)).toMatchObject({ __typename: 'TooLate', status: 'UNCONFIRMED' });
    await expectBooks('99.8650');
  });

  test('between two tries stops all of it', async () => {
    provider.answersBulk(inBulk(UNREACHABLE));
    const batch = await three();
    await app.tick();
    expect(await cancelBatch(tenant.gql, batch.id)).toMatchObject({ status: 'CANCELLED' });
    await after(60);
    expect(carriedBy(provider)).toHaveLength(3);
    await expectBooks('100.0000');
  });

  test('eight times at once while it leaves: each text either went or was paid back, once', async () => {
    const batches = [];
    for (let index = 0; index < 6; index += 1) {
      batches.push(await acceptedBatch(tenant.gql, { messages: pairs(40, index * 40) }));
    }
    const cancelling = batches.flatMap(({ id }) => Array.from({ length: 8 }, () => cancelBatch(tenant.gql, id)));
    const [answers] = await Promise.all([Promise.all(cancelling), app.tick()]);
    await app.tick();
    const called = carriedBy(provider).map(({ to }) => to);
    expect(new Set(called).size).toBe(called.length);
    for (const [index, batch] of batches.entries()) {
      const ends = await fates(batch);
      for (const [place, end] of ends.entries()) {
        expect([place, end]).toEqual([place, called.includes(numberOf(index * 40 + place)) ? 'SENT' : 'CANCELLED']);
      }
      const refunds = await refundsOfBatch(app, batch.id);
      expect(countBy(refunds)['0.0450'] ?? 0).toBe(ends.filter(end => end === 'CANCELLED').length);
    }
    expect(answers.filter(({ __typename }) => __typename === 'Batch').length).toBeLessThanOrEqual(6);
    const balance = (100 - called.length * 0.045).toFixed(4);
    await expectBooks(balance);
  });
});

test('two processes on one database call for each text of a batch exactly once', async () => {
  provider.otherwiseBulk = async bulk => {
    await nextTurn();
    const numbers = bulk.messages.map(({ phoneNumber }) => phoneNumber);
    return { ...acceptBulk(bulk), ...acceptsBut(numbers.filter(number => number.endsWith('7')))(bulk) };
  };
  const second = await appAt(TUESDAY, { provider, databaseUrl: database.ownerUrl });
  const messages = pairs(700);
  const batch = await acceptedBatch(tenant.gql, { messages });
  // As autovacuum does within the first minute of new tables.
  await app.sql('analyze');
  await Promise.all([app, second, app, second].map(one => one.tick()));
  await second.close();
  expect(bareOf(carriedBy(provider))).toEqual(bareOf(messages));
  const { counts } = await see(batch);
  expect(counts).toMatchObject({ sent: 630, refused: 70, waiting: 0, unconfirmed: 0 });
  expect(countBy(await refundsOfBatch(app, batch.id))).toEqual({ '0.0450': 70 });
  expect((await attempts(batch)).reduce((sum, [, carried]) => sum + Number(carried), 0)).toBe(700);
  await expectBooks('71.6500');
});
