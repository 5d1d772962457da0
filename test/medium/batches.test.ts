import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  acceptedBatch,
  type BatchInput,
  cancelBatch,
  countBy,
  fatesOf,
  findBatch,
  findBatchByNumber,
  lookBatch,
  messagesOf,
  pageOf,
  type Pair,
  pairs,
  refusedBatch,
  SEND_BATCH,
  sendBatch,
} from '../support/batches.js';
import { booksOf, ledgerOf, rowsOf } from '../support/ledger.js';
import { accepted, balanceOf, schedule, send } from '../support/messages.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 10:00 in Paris. */
const OPEN = '2026-01-06T09:00:00.000Z';
const TOMORROW = '2026-01-07T09:00:00.000Z';
const EVENING = '2026-01-06T20:00:00.000Z';
const MORNING = '2026-01-07T07:00:00.000Z';
const [ANNE, BOB, CARL] = ['+33611111111', '+33622222222', '+33633333333'] as const;
const REUNION = '+262692123456';
/** +49, which the price list does not know. */
const UNPRICED = '+4915112345678';

let app: TestApp;
let tenant: TestTenant;
beforeAll(async () => {
  app = await appAt(OPEN);
});
beforeEach(async () => {
  app.clock.set(OPEN);
  tenant = await app.tenant({ credit: '10.0000' });
});
afterAll(() => app.close());

const THREE: readonly Pair[] = [
  { to: ANNE, text: 'Bonjour Anne' },
  { to: BOB, text: 'Bonjour Bob' },
  { to: CARL, text: 'Bonjour Carl' },
];
const EVERYTHING = ['batches', 'messages', 'submissions', 'deliveries', 'timeline_events', 'idempotency_records'];
const CREDIT_ALONE = { balance: '10.0000', ledger: '10.0000', due: '10.0000' };

const problemsOf = async (input: BatchInput): Promise<(readonly [readonly string[], string])[]> => {
  const refusal = await refusedBatch(tenant.gql, input);
  expect(refusal).toMatchObject({ __typename: 'InvalidSms', code: 'INVALID_SMS' });
  expect(refusal.problems?.every(({ message }) => message.length > 20)).toBe(true);
  return (refusal.problems ?? []).map(({ path, code }) => [path, code]);
};
const territoriesOf = async (id: string) =>
  (await messagesOf(tenant.gql, id)).map(({ deliveries }) => deliveries.nodes[0]?.territory);
const stop = (phoneNumber: string) =>
  tenant.gql.run('mutation ($n: PhoneNumber!) { addOptOut(phoneNumber: $n) { source } }', { n: phoneNumber });

/** Nothing of it was kept: no row, no money, no key. */
async function expectNothingKept(of: TestTenant, balance = '10.0000'): Promise<void> {
  expect(await rowsOf(app, of.id, EVERYTHING)).toEqual(Object.fromEntries(EVERYTHING.map(table => [table, 0])));
  expect(await booksOf(app, of.id)).toMatchObject({ balance, ledger: balance, due: balance, misjudged: 0 });
}

describe('an accepted batch', () => {
  test('answers what it is, keeps its texts in the order of the request, and gives each a number of its own', async () => {
    const batch = await acceptedBatch(tenant.gql, { messages: THREE, tag: 'vœux' });
    expect(batch).toMatchObject({
      status: 'QUEUED',
      messageCount: 3,
      counts: { waiting: 3, sent: 0, optedOut: 0 },
      cost: '0.1350',
      currency: 'EUR',
      sandbox: false,
      scheduledFor: null,
      releaseAt: null,
      createdAt: OPEN,
    });
    const messages = await messagesOf(tenant.gql, batch.id);
    expect(messages.map(({ text }) => text)).toEqual(THREE.map(({ text }) => text));
    expect(messages.map(({ deliveries }) => deliveries.nodes.map(({ phoneNumber }) => phoneNumber))).toEqual([
      [ANNE],
      [BOB],
      [CARL],
    ]);
    expect(messages.map(({ batchId }) => batchId)).toEqual([batch.id, batch.id, batch.id]);
    const more = await acceptedBatch(tenant.gql, { messages: THREE });
    const all = [batch, ...messages, more, ...(await messagesOf(tenant.gql, more.id))];
    expect(new Set(all.map(({ number }) => number)).size).toBe(8);
    expect(await findBatchByNumber(tenant.gql, batch.number)).toEqual(batch);
    expect(await findBatchByNumber(tenant.gql, messages[0]?.number ?? 0)).toBeNull();
  });

  test('reserves the price of each text by its own parts: one ledger entry each, and their sum is the balance', async () => {
    const messages = [...THREE, { to: ANNE, text: 'x'.repeat(300) }];
    const batch = await acceptedBatch(tenant.gql, { messages });
    const texts = await messagesOf(tenant.gql, batch.id);
    expect(texts.map(({ parts, cost }) => [parts, cost])).toEqual([
      [1, '0.0450'],
      [1, '0.0450'],
      [1, '0.0450'],
      [3, '0.1350'],
    ]);
    expect(batch.cost).toBe('0.2700');
    const [credit, ...reservations] = await ledgerOf(app, tenant.id);
    expect(credit).toMatchObject({ kind: 'CREDIT' });
    expect(
      reservations.map(({ kind, amount, balance_after, message_id }) => [kind, amount, balance_after, message_id]),
    ).toEqual([
      ['RESERVATION', '-0.0450', '9.9550', texts[0]?.id],
      ['RESERVATION', '-0.0450', '9.9100', texts[1]?.id],
      ['RESERVATION', '-0.0450', '9.8650', texts[2]?.id],
      ['RESERVATION', '-0.1350', '9.7300', texts[3]?.id],
    ]);
    expect(await booksOf(app, tenant.id)).toEqual({
      balance: '9.7300',
      ledger: '9.7300',
      due: '9.7300',
      misjudged: 0,
      overdrawn: 0,
    });
  });

  test('is turned over page by page in the order of the request, whatever happens meanwhile', async () => {
    const messages = pairs(7);
    const { id } = await acceptedBatch(tenant.gql, { messages });
    const first = await pageOf(tenant.gql, id, { first: 3 });
    await app.tick();
    await acceptedBatch(tenant.gql, { messages: THREE });
    const second = await pageOf(tenant.gql, id, { first: 3, after: first.pageInfo.endCursor });
    const third = await pageOf(tenant.gql, id, { first: 3, after: second.pageInfo.endCursor });
    expect([first, second, third].map(({ nodes }) => nodes.map(({ text }) => text))).toEqual([
      messages.slice(0, 3).map(({ text }) => text),
      messages.slice(3, 6).map(({ text }) => text),
      [messages[6]?.text],
    ]);
    expect([first, second, third].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, true, false]);
  });

  test('asked for later is SCHEDULED; asked for in quiet hours it is HELD and says until when', async () => {
    const later = await acceptedBatch(tenant.gql, { messages: THREE, at: TOMORROW });
    expect(later).toMatchObject({ status: 'SCHEDULED', scheduledFor: TOMORROW, releaseAt: null });
    app.clock.set(EVENING);
    const held = await acceptedBatch(tenant.gql, { messages: THREE });
    expect(held).toMatchObject({ status: 'HELD', scheduledFor: null, releaseAt: MORNING, counts: { waiting: 3 } });
  });

  test('in the sandbox costs nothing and has no ledger entry', async () => {
    const batch = await acceptedBatch(tenant.gql, { messages: THREE, sandbox: true });
    expect(batch).toMatchObject({ sandbox: true, cost: '0.1350' });
    expect(await booksOf(app, tenant.id)).toMatchObject(CREDIT_ALONE);
    expect(await ledgerOf(app, tenant.id)).toHaveLength(1);
  });

  test('may be asked for with a key that may only send', async () => {
    const batch = await acceptedBatch(await app.key(tenant.id, ['SEND']), { messages: THREE });
    expect((await lookBatch(tenant.gql, batch.id)).messageCount).toBe(3);
  });

  // In a database without statistics too, where a join of these sizes is planned badly.
  test(
    'takes ten thousand texts, in their order, each with a number and a ledger entry of its own',
    { timeout: 120_000 },
    async () => {
      const rich = await app.tenant({ credit: '450.0000' });
      const messages = pairs(10_000);
      const batch = await acceptedBatch(rich.gql, { messages, at: TOMORROW });
      await app.sql('analyze');
      expect(batch).toMatchObject({ messageCount: 10_000, cost: '450.0000', counts: { waiting: 10_000 } });
      expect(await booksOf(app, rich.id)).toMatchObject({ balance: '0.0000', ledger: '0.0000', due: '0.0000' });
      const [kept] = await app.sql(
        `select count(distinct m.number)::int as numbers, count(distinct d.id)::int as deliveries, count(distinct l.message_id)::int as entries,
              array_agg(m.text order by m.id) = $2 as "inOrder", array_agg(d.phone_number order by m.id) = $3 as "toTheirs"
         from messages m join deliveries d on d.message_id = m.id join ledger_entries l on l.message_id = m.id where m.batch_id = $1`,
        [batch.id, messages.map(({ text }) => text), messages.map(({ to }) => to)],
      );
      expect(kept).toEqual({ numbers: 10_000, deliveries: 10_000, entries: 10_000, inOrder: true, toTheirs: true });
    },
  );
});

describe('a batch with something wrong is refused whole', () => {
  test('with every problem and its place, and nothing of it is kept', async () => {
    const messages = [
      { to: ANNE, text: 'Bonjour' },
      { to: '0612', text: 'Bonjour' },
      { to: CARL, text: '' },
      { to: 'Bob', text: '' },
    ];
    const input = { messages, validitySeconds: 5, tag: 'A tag', idempotencyKey: 'k' };
    const found = await problemsOf(input);
    expect(found.map(([path]) => path)).toEqual([
      ['tag'],
      ['validitySeconds'],
      ['messages', '1', 'to'],
      ['messages', '2', 'text'],
      ['messages', '3', 'to'],
      ['messages', '3', 'text'],
    ]);
    await expectNothingKept(tenant);
    expect((await sendBatch(tenant.gql, { messages: THREE, idempotencyKey: 'k' })).__typename).toBe('Batch');
  });

  test.for([
    [{ unicode: true }, 'unicode', 'UNICODE_NOT_ALLOWED'],
    [{ route: 'ECO', stopMention: true }, 'stopMention', 'STOP_MENTION_NOT_FOR_ECO'],
    [{ sender: '12' }, 'sender', 'INVALID_SENDER'],
    [{ category: 'TRANSACTIONAL' }, 'category', 'CATEGORY_NOT_ALLOWED'],
    [{ at: '2026-01-05T09:00:00Z' }, 'at', 'IN_THE_PAST'],
  ] as const)('an option that cannot be is told once, not for each text: %j', async ([option, field, code]) => {
    tenant = await app.tenant({ credit: '10.0000', unicodeAllowed: false, transactionalAllowed: false });
    const texts = THREE.map(({ to }) => ({ to, text: 'Bonjour NoPub=STOP' }));
    expect(await problemsOf({ messages: texts, ...option })).toEqual([[[field], code]]);
    await expectNothingKept(tenant);
  });

  test('without any text', async () => {
    expect(await problemsOf({ messages: [] })).toEqual([[['messages'], 'MESSAGES_REQUIRED']]);
  });

  test('with more than ten thousand, whatever is in them', async () => {
    const messages = [...pairs(10_000), { to: 'nobody', text: '' }];
    expect(await problemsOf({ messages })).toEqual([[['messages'], 'TOO_MANY_MESSAGES']]);
    await expectNothingKept(tenant);
  });

  test('where a number has no price, unless its owner has opted out', async () => {
    const messages = [
      ...THREE,
      { to: UNPRICED, text: 'Hallo' },
      { to: ANNE, text: 'Encore' },
      { to: UNPRICED, text: 'Ja' },
    ];
    expect(await problemsOf({ messages })).toEqual([
      [['messages', '3', 'to'], 'NO_PRICE'],
      [['messages', '5', 'to'], 'NO_PRICE'],
    ]);
    await expectNothingKept(tenant);
    await stop(UNPRICED);
    expect(await acceptedBatch(tenant.gql, { messages })).toMatchObject({ cost: '0.1800', counts: { optedOut: 2 } });
  });

  test('for want of credit, with what it needs and what there is', async () => {
    const poor = await app.tenant({ credit: '0.1349' });
    const input = { messages: THREE, idempotencyKey: 'k' };
    expect(await refusedBatch(poor.gql, input)).toMatchObject({
      __typename: 'InsufficientCredit',
      required: '0.1350',
      balance: '0.1349',
      currency: 'EUR',
    });
    await expectNothingKept(poor, '0.1349');
    expect((await sendBatch(poor.gql, { messages: THREE.slice(1), idempotencyKey: 'k' })).__typename).toBe('Batch');
  });

  test('of a suspended tenant', async () => {
    await app.admin.run('mutation ($id: ID!) { suspendTenant(id: $id, reason: "unpaid") { id } }', { id: tenant.id });
    const { errors } = await tenant.gql.ask(SEND_BATCH, { input: { messages: THREE } });
    expect(errors.map(({ extensions }) => extensions.reason)).toEqual(['TENANT_SUSPENDED']);
    await expectNothingKept(tenant);
  });
});

describe('a territory given for a batch', () => {
  test('applies to the numbers that permit it, and the others keep their own', async () => {
    const messages = [...THREE.slice(0, 2), { to: REUNION, text: 'Bonjour' }];
    const mayotte = await acceptedBatch(tenant.gql, { messages, territory: 'MAYOTTE' });
    expect(await territoriesOf(mayotte.id)).toEqual(['METROPOLE', 'METROPOLE', 'MAYOTTE']);
    const alsace = await acceptedBatch(tenant.gql, { messages, territory: 'ALSACE_MOSELLE' });
    expect(await territoriesOf(alsace.id)).toEqual(['ALSACE_MOSELLE', 'ALSACE_MOSELLE', 'REUNION']);
  });

  test('that no number permits is refused once', async () => {
    expect(await problemsOf({ messages: THREE, territory: 'GUYANE' })).toEqual([
      [['territory'], 'TERRITORY_NOT_PERMITTED'],
    ]);
  });

  test('is not blamed where a number permits it whose text is at fault', async () => {
    const messages = [
      { to: ANNE, text: 'Bonjour' },
      { to: REUNION, text: '' },
    ];
    expect((await problemsOf({ messages, territory: 'MAYOTTE' })).map(([path]) => path)).toEqual([
      ['messages', '1', 'text'],
    ]);
  });
});

describe('who has opted out', () => {
  test('gets nothing and costs nothing, and the others of the batch get theirs', async () => {
    await stop(BOB);
    const batch = await acceptedBatch(tenant.gql, { messages: THREE });
    expect(batch).toMatchObject({ status: 'QUEUED', cost: '0.0900', counts: { optedOut: 1, waiting: 2 } });
    expect((await ledgerOf(app, tenant.id)).map(({ amount }) => amount)).toEqual(['10.0000', '-0.0450', '-0.0450']);
    await app.tick();
    expect(await fatesOf(tenant.gql, batch.id)).toEqual(['SENT', 'OPTED_OUT', 'SENT']);
    const tags = new Set(
      (await app.sql<{ tag: string }>('select tag from attempts where tenant_id = $1', [tenant.id])).map(
        ({ tag }) => tag,
      ),
    );
    const reached = app.simulator.accepted.filter(({ sms }) => tags.has(sms.tag)).flatMap(({ sms }) => sms.recipients);
    expect(reached.toSorted()).toEqual([ANNE, CARL]);
    expect(await booksOf(app, tenant.id)).toMatchObject({ balance: '9.9100', ledger: '9.9100', due: '9.9100' });
  });

  test('all of them, leaves no recipient: nothing is kept', async () => {
    for (const { to } of THREE) await stop(to);
    const refusal = await refusedBatch(tenant.gql, { messages: THREE, idempotencyKey: 'k' });
    expect(refusal).toMatchObject({ __typename: 'NoRecipient', code: 'NO_RECIPIENT' });
    await expectNothingKept(tenant);
  });

  test('still gets transactional texts', async () => {
    await stop(BOB);
    const batch = await acceptedBatch(tenant.gql, { messages: THREE, category: 'TRANSACTIONAL' });
    expect(batch).toMatchObject({ counts: { optedOut: 0, waiting: 3 } });
  });
});

describe('an idempotency key', () => {
  const conflict = { __typename: 'IdempotencyConflict', code: 'IDEMPOTENCY_CONFLICT' };

  test('used again with the same input answers the same batch, as it stands, and sends nothing more', async () => {
    const first = await acceptedBatch(tenant.gql, { messages: THREE, idempotencyKey: 'k' });
    await app.tick();
    const again = await acceptedBatch(tenant.gql, { idempotencyKey: 'k', route: null, sender: null, messages: THREE });
    expect(again).toEqual({ ...first, status: 'SENT', counts: { ...first.counts, waiting: 0, sent: 3 } });
    expect(await rowsOf(app, tenant.id, ['batches', 'messages'])).toEqual({ batches: 1, messages: 3 });
    expect(await balanceOf(tenant.gql)).toBe('9.8650');
  });

  test.for<[Partial<BatchInput>]>([
    [{ messages: THREE.toReversed() }],
    [{ messages: THREE.slice(1) }],
    [{ messages: THREE.map(({ to, text }) => ({ to, text: `${text}.` })) }],
    [{ at: TOMORROW }],
    [{ sandbox: true }],
    [{ category: 'TRANSACTIONAL' }],
  ])('used for something else is a conflict: %j', async ([change]) => {
    await acceptedBatch(tenant.gql, { messages: THREE, idempotencyKey: 'k' });
    expect(await sendBatch(tenant.gql, { messages: THREE, idempotencyKey: 'k', ...change })).toMatchObject(conflict);
    expect(await balanceOf(tenant.gql)).toBe('9.8650');
  });

  test('of another operation is a conflict, whichever came first', async () => {
    await accepted(tenant.gql, { idempotencyKey: 'sms' });
    expect(await sendBatch(tenant.gql, { messages: THREE, idempotencyKey: 'sms' })).toMatchObject(conflict);
    await acceptedBatch(tenant.gql, { messages: THREE, idempotencyKey: 'batch' });
    expect(await send(tenant.gql, { idempotencyKey: 'batch' })).toMatchObject(conflict);
    expect(await schedule(tenant.gql, TOMORROW, { idempotencyKey: 'batch' })).toMatchObject(conflict);
  });

  test('used ten times at once makes one batch and one reservation', async () => {
    const input = { messages: THREE, idempotencyKey: 'k' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => acceptedBatch(tenant.gql, input)));
    expect(countBy(answers.map(({ id }) => id))).toEqual({ [answers[0]?.id ?? '']: 10 });
    expect(await rowsOf(app, tenant.id, ['batches', 'messages'])).toEqual({ batches: 1, messages: 3 });
    expect(await booksOf(app, tenant.id)).toMatchObject({ balance: '9.8650', ledger: '9.8650', due: '9.8650' });
  });
});

test("another tenant's batch is not found, nor are its messages, and it is not cancelled", async () => {
  const batch = await acceptedBatch(tenant.gql, { messages: THREE, at: TOMORROW });
  const { gql: theirs } = await app.tenant();
  expect(await findBatch(theirs, batch.id)).toBeNull();
  expect(await findBatchByNumber(theirs, batch.number)).toBeNull();
  for (const id of [batch.id, '0197a1b2-0000-7000-8000-000000000000', 'no id']) {
    await expect(cancelBatch(theirs, id)).rejects.toThrow('NOT_FOUND');
  }
  const [message] = await messagesOf(tenant.gql, batch.id);
  expect(await theirs.run('query ($id: ID!) { message(id: $id) { id } }', { id: message?.id })).toEqual({
    message: null,
  });
  expect(await lookBatch(tenant.gql, batch.id)).toEqual(batch);
  const document = 'query ($id: ID!, $tenant: ID) { batch(id: $id, tenantId: $tenant) { id } }';
  const named = { id: batch.id, tenant: tenant.id };
  expect(await app.admin.run(document, named)).toEqual({ batch: { id: batch.id } });
  expect((await theirs.ask(document, named)).errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
});

test('numbers are as given in any way that reads, and stored in one way', async () => {
  const { id } = await acceptedBatch(tenant.gql, { messages: [{ to: '06 11 11 11 11', text: 'Bonjour' }] });
  expect((await messagesOf(tenant.gql, id))[0]?.deliveries.nodes[0]?.phoneNumber).toBe(ANNE);
});
