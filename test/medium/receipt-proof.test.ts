import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApplyReceipts } from '../../src/callbacks/apply-receipts.js';
import type { ClaimedReceipts } from '../../src/callbacks/claimed-receipts.js';
import { ReceiptStore } from '../../src/callbacks/receipt.store.js';
import { PrepareAttempt } from '../../src/messaging/leaving/prepare-attempt.js';
import { attemptsOf, chargesOf, outcomesOf, refundsOf } from '../support/attempts.js';
import { booksOf } from '../support/ledger.js';
import { accepted, balanceOf, deliveriesOf, look, type MessageView } from '../support/messages.js';
import { post, receipt } from '../support/receipts.js';
import { ScriptedProvider, UNREACHABLE } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const PHONE = '+33612345678';
const OTHER = '+33612345679';

let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;

beforeEach(async () => {
  provider = new ScriptedProvider();
  app = await appAt(TUESDAY, { provider });
  tenant = await app.tenant();
});
afterEach(() => app.close());

const see = (message: MessageView): Promise<MessageView> => look(tenant.gql, message.id);
const statusesOf = async (message: MessageView): Promise<string[]> =>
  (await deliveriesOf(tenant.gql, message.id)).map(({ status }) => status);

/** Posts it and lets it be applied, at this instant. */
async function tell(url: string, body: unknown): Promise<void> {
  expect((await post(url, body)).status).toBe(200);
  await app.tick();
}

async function daysLater(): Promise<void> {
  for (let day = 0; day < 3; day += 1) {
    app.clock.advance({ days: 1 });
    await app.tick();
  }
}

/** The provider says that the call did not go; its receipts go to this URL. */
async function notSentTo(to: readonly string[]): Promise<{ message: MessageView; url: string }> {
  provider.answers(UNREACHABLE);
  const message = await accepted(tenant.gql, { to });
  await app.tick();
  expect(await outcomesOf(app, message.id)).toEqual(['not-sent']);
  return { message, url: provider.calls.at(-1)?.sms.receiptUrl ?? '' };
}

/** The attempt was committed, its process froze, so it was abandoned; the call is due anew, and not made yet. */
async function abandonedTo(to: readonly string[]): Promise<{ message: MessageView; url: string }> {
  const preparing = app.nest.get(PrepareAttempt);
  const execute = preparing.execute.bind(preparing);
  let url = '';
  Object.assign(preparing, {
    execute: async (...claimed: Parameters<PrepareAttempt['execute']>) => {
      if (url !== '') return null;
      const call = await execute(...claimed);
      url = call?.sms.kind === 'one' ? call.sms.sms.receiptUrl : '';
      app.clock.advance({ seconds: 5 });
      return call;
    },
  });
  const message = await accepted(tenant.gql, { to });
  await app.tick();
  Object.assign(preparing, { execute });
  expect(await outcomesOf(app, message.id)).toEqual(['abandoned']);
  expect((await see(message)).status).toBe('QUEUED');
  return { message, url };
}

describe.for([
  ['not-sent', notSentTo, 1],
  ['abandoned', abandonedTo, 0],
] as const)('a receipt for an attempt that was recorded as %s', ([outcome, recordedTo, calls]) => {
  test('delivered: it went all the same; DELIVERED, charged, and not called for again', async () => {
    const { message, url } = await recordedTo([PHONE]);
    await tell(url, receipt(PHONE, 'delivered'));
    await daysLater();
    expect(await see(message)).toMatchObject({
      status: 'COMPLETED',
      counts: { delivered: 1, waiting: 0 },
      waiting: [],
    });
    expect(await chargesOf(app, message.id)).toEqual(['CHARGED']);
    expect(await refundsOf(app, message.id)).toEqual([]);
    expect(await balanceOf(tenant.gql)).toBe('99.9550');
    expect(provider.calls).toHaveLength(calls);
    // What was recorded of the call stays: it is what the provider, or the clock, said then.
    expect(await outcomesOf(app, message.id)).toEqual([outcome]);
    expect((await see(message)).timeline.filter(({ kind }) => kind === 'confirmed')).toHaveLength(1);
  });

  test('not delivered: it went as well, is charged, and is not called for again', async () => {
    const { message, url } = await recordedTo([PHONE]);
    await tell(url, receipt(PHONE, 'not delivered'));
    await daysLater();
    expect(await see(message)).toMatchObject({ status: 'COMPLETED', counts: { undelivered: 1 } });
    expect(await chargesOf(app, message.id)).toEqual(['CHARGED']);
    expect(provider.calls).toHaveLength(calls);
  });

  test('waiting: the operator has it, so it is SENT', async () => {
    const { message, url } = await recordedTo([PHONE]);
    await tell(url, receipt(PHONE, 'waiting'));
    expect(await see(message)).toMatchObject({ counts: { sent: 1 } });
    await daysLater();
    expect(await see(message)).toMatchObject({ status: 'COMPLETED', counts: { expired: 1 } });
    expect(provider.calls).toHaveLength(calls);
  });

  test('of one of two: only the other is called for again', async () => {
    const { message, url } = await recordedTo([PHONE, OTHER]);
    await tell(url, receipt(PHONE, 'delivered'));
    await daysLater();
    expect(provider.recipients.slice(calls)).toEqual([[OTHER]]);
    expect(await statusesOf(message)).toEqual(['DELIVERED', 'EXPIRED']);
    expect(await chargesOf(app, message.id)).toEqual(['CHARGED', 'CHARGED']);
    expect(await outcomesOf(app, message.id)).toEqual([outcome, 'accepted']);
  });

  test('twice, and once more after the other went, changes nothing twice', async () => {
    const { message, url } = await recordedTo([PHONE, OTHER]);
    for (let time = 0; time < 2; time += 1) await tell(url, receipt(PHONE, 'delivered'));
    await daysLater();
    await tell(url, receipt(PHONE, 'delivered'));
    expect(await statusesOf(message)).toEqual(['DELIVERED', 'EXPIRED']);
    expect((await see(message)).timeline.filter(({ kind }) => kind === 'confirmed')).toHaveLength(1);
    expect(await booksOf(app, tenant.id)).toMatchObject({ balance: '99.9100', ledger: '99.9100', due: '99.9100' });
  });
});

interface StoredReceipt extends Record<string, unknown> {
  readonly raw: string;
  readonly state: string;
  readonly status: string | null;
  readonly delivery_id: string | null;
  readonly due_at: Date | null;
}

const receiptsOf = (attemptId: string): Promise<StoredReceipt[]> =>
  app.sql<StoredReceipt>(
    'select raw, state, status, delivery_id, due_at from receipts where attempt_id = $1 order by received_at, id',
    [attemptId],
  );

/** As the provider's posts are stored before they are understood, in this order. */
async function store(attemptId: string, raws: readonly string[]): Promise<void> {
  await app.sql(
    `insert into receipts (tenant_id, id, attempt_id, raw, state, received_at, due_at)
     select $1, gen_random_uuid(), $2, r.raw, 'NEW', $4::timestamptz - interval '1 hour' + r.place * interval '1 millisecond', $4
       from unnest($3::text[]) with ordinality as r (raw, place)`,
    [tenant.id, attemptId, raws, TUESDAY],
  );
}

/** A message that the provider has, and its one attempt. */
async function sentTo(to: readonly string[]): Promise<{ message: MessageView; attemptId: string }> {
  const message = await accepted(tenant.gql, { to });
  await app.tick();
  const [attempt] = await attemptsOf(app, message.id);
  if (attempt?.outcome !== 'accepted') throw new Error('it was not sent');
  return { message, attemptId: attempt.id };
}

const told = (phone: string, status: string): string => JSON.stringify(receipt(phone, status));
const countBy = (values: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(Object.groupBy(values, value => value)).map(([key, all]) => [key, all?.length ?? 0]),
  );

describe('receipts of one attempt', () => {
  test('to 500 recipients are applied together: right counts, and each stored receipt its own end', async () => {
    const numbers = Array.from({ length: 500 }, (_, index) => `+336${String(20_000_000 + index)}`);
    const { message, attemptId } = await sentTo(numbers);
    const raws = [
      ...numbers.slice(0, 300).map(number => told(number, 'delivered')),
      ...numbers.slice(300, 400).map(number => told(number, 'not delivered')),
      ...numbers.slice(400, 450).map(number => told(number, 'waiting')),
      // Doubled, and contradicted: the first one stands.
      ...numbers.slice(0, 40).map(number => told(number, 'delivered')),
      ...numbers.slice(40, 60).map(number => told(number, 'not delivered')),
      ...Array.from({ length: 7 }, (_, index) => told(`+3369999999${index}`, 'delivered')),
      'not JSON',
      '',
      '[]',
      told(numbers[499] ?? '', 'exploded'),
      JSON.stringify({ status: 'delivered' }),
    ];
    // One after the other but mixed, as they would come.
    const order = raws.map((raw, index) => ({ raw, at: index < 450 ? (index * 7) % 450 : index }));
    await store(
      attemptId,
      order.toSorted((a, b) => a.at - b.at).map(({ raw }) => raw),
    );
    await app.tick();
    expect(await see(message)).toMatchObject({
      status: 'SENT',
      counts: { delivered: 300, undelivered: 100, sent: 100, waiting: 0, unconfirmed: 0 },
    });
    const stored = await receiptsOf(attemptId);
    expect(countBy(stored.map(({ state }) => state))).toEqual({
      APPLIED: 400,
      REDUNDANT: 110,
      UNKNOWN: 7,
      UNREADABLE: 5,
    });
    expect(stored.every(({ due_at }) => due_at === null)).toBe(true);
    const deliveries = await app.sql<{ id: string; phone_number: string }>(
      'select id, phone_number from deliveries where message_id = $1',
      [message.id],
    );
    const phoneOf = new Map(deliveries.map(({ id, phone_number }) => [id, phone_number]));
    for (const { raw, delivery_id, state } of stored) {
      if (delivery_id === null) expect(['UNKNOWN', 'UNREADABLE']).toContain(state);
      else expect(raw).toContain(`"${phoneOf.get(delivery_id)}"`);
    }
    expect(new Set(stored.filter(({ state }) => state === 'APPLIED').map(row => row.delivery_id)).size).toBe(400);
  });

  test('more than one look takes in are all applied', async () => {
    const { message, attemptId } = await sentTo([PHONE]);
    await store(attemptId, [...Array.from({ length: 1_300 }, () => told(PHONE, 'waiting')), told(PHONE, 'delivered')]);
    await app.tick();
    expect((await see(message)).status).toBe('COMPLETED');
    expect(countBy((await receiptsOf(attemptId)).map(({ state }) => state))).toEqual({ REDUNDANT: 1_300, APPLIED: 1 });
  });
});

const claim = async (): Promise<ClaimedReceipts> => {
  const [claimed, ...others] = await app.nest.get(ApplyReceipts).claim();
  if (claimed === undefined || others.length > 0) throw new Error('expected one set of receipts');
  return claimed;
};

/** Both read what they hold before either goes on. */
function bothHold(): void {
  const receipts = app.nest.get(ReceiptStore);
  const held = receipts.held.bind(receipts);
  const both = Promise.withResolvers<void>();
  let readers = 0;
  Object.assign(receipts, {
    held: async (...of: Parameters<ReceiptStore['held']>) => {
      const rows = await held(...of);
      readers += 1;
      if (readers === 2) both.resolve();
      await both.promise;
      return rows;
    },
  });
}

describe('receipts whose worker outlived its lease', () => {
  test('and were applied by another meanwhile stay as they are', async () => {
    const { message, attemptId } = await sentTo([PHONE, OTHER]);
    await store(attemptId, [told(PHONE, 'delivered'), told(OTHER, 'not delivered')]);
    const late = await claim();
    expect(late.receipts).toHaveLength(2);
    app.clock.advance({ seconds: 30 });
    await app.nest.get(ApplyReceipts).apply(await claim());
    const applied = await receiptsOf(attemptId);
    expect(applied.map(({ state }) => state)).toEqual(['APPLIED', 'APPLIED']);
    await app.nest.get(ApplyReceipts).apply(late);
    expect(await receiptsOf(attemptId)).toEqual(applied);
    expect(await statusesOf(message)).toEqual(['DELIVERED', 'UNDELIVERED']);
  });

  test('and are in two hands at the same moment are APPLIED by the first and left so by the second', async () => {
    const { message, attemptId } = await sentTo([PHONE, OTHER]);
    await store(attemptId, [told(PHONE, 'delivered'), told(OTHER, 'not delivered')]);
    const claimed = await claim();
    bothHold();
    const applying = app.nest.get(ApplyReceipts);
    await Promise.all([applying.apply(claimed), applying.apply(claimed)]);
    expect((await receiptsOf(attemptId)).map(({ state }) => state)).toEqual(['APPLIED', 'APPLIED']);
    expect(await statusesOf(message)).toEqual(['DELIVERED', 'UNDELIVERED']);
    expect(await booksOf(app, tenant.id)).toMatchObject({ balance: '99.9100', ledger: '99.9100', due: '99.9100' });
  });
});
