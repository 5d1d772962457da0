import fc from 'fast-check';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CallbacksWorkers } from '../../src/callbacks/index.js';
import { ReceiptStore } from '../../src/callbacks/receipt.store.js';
import { attemptsOf, chargesOf } from '../support/attempts.js';
import { booksOf } from '../support/ledger.js';
import { accepted, deliveriesOf, look, type MessageView } from '../support/messages.js';
import { post, receipt } from '../support/receipts.js';
import { accept, ScriptedProvider, UNKNOWN, UNREACHABLE } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const RECEIPT_URL = 'https://shop.example/receipts';
const RECIPIENTS = ['+33612345678', '+33612345679', '+33612345680'];
const STRANGER = '+33612345699';

let app: TestApp;
let tenant: TestTenant;
let other: TestTenant;
let provider: ScriptedProvider;
/** How many receipts each transaction held, in order. */
let heldTogether: number[];

beforeEach(async () => {
  provider = new ScriptedProvider();
  app = await appAt(TUESDAY, { provider });
  [tenant, other] = [await app.tenant(), await app.tenant()];
  heldTogether = [];
  const receipts = app.nest.get(ReceiptStore);
  const held = receipts.held.bind(receipts);
  Object.assign(receipts, {
    held: async (...of: Parameters<ReceiptStore['held']>) => {
      const rows = await held(...of);
      heldTogether.push(rows.length);
      return rows;
    },
  });
});
afterEach(() => app.close());

/** To whom, and where the provider says what becomes of it. */
type Called = Pick<Sent, 'phone' | 'url'>;

interface Sent {
  readonly message: MessageView;
  readonly by: TestTenant;
  readonly phone: string;
  readonly url: string;
}

let lastNumber = 612_340_000;

/** A message that the provider has, by a call of its own. */
async function sent(by = tenant): Promise<Sent> {
  lastNumber += 1;
  const phone = `+33${lastNumber}`;
  const message = await accepted(by.gql, { to: [phone] });
  await app.tick();
  return { message, by, phone, url: provider.calls.at(-1)?.sms.receiptUrl ?? '' };
}

async function several(count: number, by = tenant): Promise<Sent[]> {
  const all: Sent[] = [];
  for (let index = 0; index < count; index += 1) all.push(await sent(by));
  return all;
}

/** Stored and answered; applied at the next look. */
async function tell({ url, phone }: Called, status: string): Promise<void> {
  expect((await post(url, receipt(phone, status))).status).toBe(200);
}

const applyAll = (): Promise<void> => app.nest.get(CallbacksWorkers).settle();

const statusOf = async ({ message, by }: Sent): Promise<string | undefined> =>
  (await deliveriesOf(by.gql, message.id))[0]?.status;

/** The states of a message's receipts, as they came. */
async function statesOf({ phone, url }: Called): Promise<string[]> {
  const rows = await app.sql<{ state: string }>(
    `select r.state from receipts r join attempts a on a.tenant_id = r.tenant_id and a.id = r.attempt_id
      where a.secret_hash = sha256(convert_to($1, 'UTF8')) and (r.raw like '%' || $2 || '%' or r.state = 'UNREADABLE')
      order by r.received_at, r.id`,
    [url.split('/').at(-1) ?? '', phone],
  );
  return rows.map(({ state }) => state);
}

/** From now on the database takes no last word on this recipient. */
async function poison({ phone }: Sent): Promise<void> {
  await app.sql(`
    create function poisoned() returns trigger language plpgsql as $$
      begin raise exception 'it is out of range' using errcode = '22003'; end $$`);
  await app.sql(`
    create trigger poisoned before update on deliveries for each row
      when (new.phone_number = '${phone}' and new.status = 'DELIVERED') execute function poisoned()`);
}

/** A call that the provider answers with nothing that can be understood, for now. */
async function doubtful(): Promise<Sent> {
  provider.answers(UNKNOWN);
  const one = await sent();
  expect((await look(tenant.gql, one.message.id)).status).toBe('UNCONFIRMED');
  return one;
}

test('receipts of many attempts and two tenants, applied as one set, end each as it would alone', async () => {
  const fine = [...(await several(4)), ...(await several(2, other))];
  const [twice, turned, unread] = [await sent(), await sent(), await sent()];
  const doubted = await doubtful();
  await app.sql(`update messages set receipt_url = $2 where id = $1`, [turned.message.id, RECEIPT_URL]);
  provider.answers(async sms => {
    const early = { phone: sms.recipients[0] ?? '', url: sms.receiptUrl };
    for (const one of [...fine, early, doubted]) await tell(one, 'delivered');
    for (const word of ['delivered', 'delivered', 'not delivered']) await tell(twice, word);
    for (const word of ['waiting', 'not delivered', 'delivered', 'ko']) await tell(turned, word);
    expect((await post(unread.url, 'not JSON')).status).toBe(200);
    heldTogether = [];
    await applyAll();
    expect(heldTogether).toEqual([16]);
    expect(await statesOf(early)).toEqual(['NEW']);
    return accept(sms);
  });
  const last = await sent();
  for (const one of fine) {
    expect([await statusOf(one), await statesOf(one)]).toEqual(['DELIVERED', ['APPLIED']]);
    expect((await look(one.by.gql, one.message.id)).status).toBe('COMPLETED');
  }
  expect([await statusOf(twice), await statesOf(twice)]).toEqual(['DELIVERED', ['APPLIED', 'REDUNDANT', 'REDUNDANT']]);
  expect([await statusOf(turned), await statesOf(turned)]).toEqual([
    'DELIVERED',
    ['REDUNDANT', 'APPLIED', 'APPLIED', 'REDUNDANT'],
  ]);
  const told = await app.sql<{ payload: string }>('select payload from webhook_deliveries order by id');
  expect(told.map(({ payload }) => JSON.parse(payload))).toMatchObject([
    { status: 'not delivered', phone: turned.phone },
    { status: 'delivered', phone: turned.phone },
  ]);
  expect([await statusOf(unread), await statesOf(unread)]).toEqual(['SENT', ['UNREADABLE']]);
  expect([await statusOf(doubted), await statesOf(doubted)]).toEqual(['DELIVERED', ['APPLIED']]);
  expect(await statusOf(last)).toBe('SENT');
  app.clock.advance({ seconds: 1 });
  await app.tick();
  expect([await statusOf(last), await statesOf(last)]).toEqual(['DELIVERED', ['APPLIED']]);
  for (const { id } of [tenant, other]) {
    const { balance, ledger, due } = await booksOf(app, id);
    expect([ledger, due]).toEqual([balance, balance]);
  }
});

test('one that the database refuses does not keep the others, and is applied when its lease ends and it is no more', async () => {
  const fine = [...(await several(5)), ...(await several(2, other))];
  const [poisoned, after] = [await sent(), await sent()];
  await poison(poisoned);
  for (const one of [...fine, poisoned, after]) await tell(one, 'delivered');
  await tell(poisoned, 'not delivered');
  heldTogether = [];
  await applyAll();
  expect(heldTogether[0]).toBe(10);
  for (const one of [...fine, after])
    expect([await statusOf(one), await statesOf(one)]).toEqual(['DELIVERED', ['APPLIED']]);
  // The second word on it is another receipt, and is heard.
  expect([await statusOf(poisoned), await statesOf(poisoned)]).toEqual(['UNDELIVERED', ['NEW', 'APPLIED']]);
  await app.sql('drop trigger poisoned on deliveries');
  app.clock.advance({ seconds: 29 });
  await app.tick();
  expect(await statesOf(poisoned)).toEqual(['NEW', 'APPLIED']);
  app.clock.advance({ seconds: 1 });
  await app.tick();
  expect([await statusOf(poisoned), await statesOf(poisoned)]).toEqual(['DELIVERED', ['APPLIED', 'APPLIED']]);
});

const WORDS = ['delivered', 'not delivered', 'ko', 'waiting'] as const;
const reportsOf = (calls: number): readonly (readonly [call: number, recipient: number, word: string])[] =>
  fc.sample(fc.tuple(fc.nat(calls - 1), fc.nat(3), fc.constantFrom(...WORDS)), { numRuns: 60, seed: 20_260_113 });

/** The same for each tenant: two calls that went, two that nobody knows of, one that is said not to have gone. */
async function callsOf(by: TestTenant): Promise<{ readonly message: MessageView; readonly url: string }[]> {
  const calls: { message: MessageView; url: string }[] = [];
  for (const answer of [accept, accept, UNKNOWN, UNKNOWN, UNREACHABLE]) {
    provider.answers(answer);
    const message = await accepted(by.gql, { to: RECIPIENTS });
    await app.sql('update messages set receipt_url = $2 where id = $1', [message.id, RECEIPT_URL]);
    await app.tick();
    calls.push({ message, url: provider.calls.at(-1)?.sms.receiptUrl ?? '' });
  }
  return calls;
}

/** All that there is to see of them, without what is each one's own. */
async function seen(calls: readonly { readonly message: MessageView }[], by: TestTenant): Promise<unknown[]> {
  const views = [];
  for (const { message } of calls) {
    const { status, counts, timeline, waiting } = await look(by.gql, message.id);
    const deliveries = await deliveriesOf(by.gql, message.id);
    const told = await app.sql<{ payload: string }>(
      `select payload::jsonb - 'msgId' as payload from webhook_deliveries where message_id = $1 order by id`,
      [message.id],
    );
    const attempts = await attemptsOf(app, message.id);
    const receipts = await app.sql(
      `select r.state, r.status, r.reason, d.phone_number from receipts r left join deliveries d on d.id = r.delivery_id
        where r.attempt_id = any($1::uuid[]) order by r.received_at, r.id`,
      [attempts.map(({ id }) => id)],
    );
    const outcomes = attempts.map(({ outcome }) => outcome);
    const ends = deliveries.map(({ phoneNumber, ...end }) => [phoneNumber, end.status, end.errorCode]);
    const history = timeline.flatMap(({ kind, detail }) => {
      return kind === 'confirmed' ? [] : [[kind, detail.replace(/, tag \w+$/, '')]];
    });
    // In a set they are told together.
    const confirmed = timeline.reduce((sum, { kind, detail }) => {
      return kind === 'confirmed' ? sum + Number.parseInt(detail, 10) : sum;
    }, 0);
    views.push({
      status,
      counts,
      history,
      confirmed,
      waiting,
      ends,
      told,
      outcomes,
      receipts,
      charges: await chargesOf(app, message.id),
    });
  }
  return views;
}

test('whatever comes, a set makes of it what one after the other would', async () => {
  const oneByOne = await callsOf(other);
  const inOneSet = await callsOf(tenant);
  const reports = reportsOf(oneByOne.length);
  for (const [call, recipient, word] of reports) {
    await tell({ url: oneByOne[call]?.url ?? '', phone: RECIPIENTS[recipient] ?? STRANGER }, word);
    await applyAll();
  }
  for (const [call, recipient, word] of reports) {
    await tell({ url: inOneSet[call]?.url ?? '', phone: RECIPIENTS[recipient] ?? STRANGER }, word);
  }
  heldTogether = [];
  await applyAll();
  expect(heldTogether).toEqual([60]);
  const views = await seen(inOneSet, tenant);
  expect(views).toEqual(await seen(oneByOne, other));
  // Something of every kind has happened.
  const all = JSON.stringify(views);
  for (const what of ['APPLIED', 'REDUNDANT', 'UNKNOWN', 'DELIVERED', 'UNDELIVERED', '"confirmed":3'])
    expect(all).toContain(what);
  const { balance } = await booksOf(app, other.id);
  expect(await booksOf(app, tenant.id)).toMatchObject({ balance, ledger: balance, due: balance });
});

test('more than one set holds are all applied, tenant by tenant', async () => {
  const tenants = [tenant, other];
  while (tenants.length < 18) tenants.push(await app.tenant());
  const all: Sent[] = [];
  for (const by of tenants) all.push(await sent(by));
  for (const one of all) await tell(one, 'delivered');
  heldTogether = [];
  await applyAll();
  expect(heldTogether).toEqual([16, 2]);
  for (const one of all) expect([await statusOf(one), await statesOf(one)]).toEqual(['DELIVERED', ['APPLIED']]);
});

test('a message that somebody keeps locked keeps only its own receipt waiting', { timeout: 30_000 }, async () => {
  const [kept, free] = [await sent(), await sent(other)];
  for (const one of [kept, free]) await tell(one, 'delivered');
  const locker = new pg.Client({ connectionString: app.databaseUrl });
  await locker.connect();
  await locker.query('begin');
  await locker.query('select 1 from messages where id = $1 for update', [kept.message.id]);
  await applyAll();
  expect([await statusOf(kept), await statusOf(free)]).toEqual(['SENT', 'DELIVERED']);
  await locker.query('rollback');
  await locker.end();
  app.clock.advance({ seconds: 30 });
  await applyAll();
  expect(await statusOf(kept)).toBe('DELIVERED');
});
