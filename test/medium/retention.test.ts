import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EraseOld, type Erased } from '../../src/messaging/retention/erase-old.js';
import { acceptedBatch, pairs } from '../support/batches.js';
import { everythingStored } from '../support/everything-stored.js';
import { booksOf, ledgerOf } from '../support/ledger.js';
import { accepted, acceptedFor, cancel, deliveriesOf, look, type MessageView, send } from '../support/messages.js';
import { post, receipt } from '../support/receipts.js';
import { SmsPartnerClient } from '../support/smspartner-client.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris; the simulator's receipts have come at two seconds past. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const ENDED = '2026-01-13T10:00:02.000Z';
const [ANNE, BOB, SILENT] = ['+33612345678', '+33612345679', '+33612340003'] as const;
const TEXT = 'Le code du coffre est sept';
/** Nobody listens there. */
const RECEIPT_URL = 'http://127.0.0.1:9/receipts?secret=hush';

let app: TestApp;
/** Erases after seven days. */
let brief: TestTenant;
/** Keeps for as long as the platform says, a year. */
let patient: TestTenant;
beforeEach(async () => {
  app = await appAt(TUESDAY, { env: { WEBHOOK_ALLOW: '127.0.0.0/8', CALLBACK_DAYS: '365' } });
  brief = await app.tenant({ retentionDays: 7 });
  patient = await app.tenant();
});
afterEach(() => app.close());

const erase = (): Promise<Erased> => app.nest.get(EraseOld).execute();
const after = (instant: string, { days = 0, hours = 0, ms = 0 }): string =>
  new Date(Date.parse(instant) + (days * 24 + hours) * 3_600_000 + ms).toISOString();
const eraseAt = (instant: string): Promise<Erased> => {
  app.clock.set(instant);
  return erase();
};

/** Sent, delivered and told of, all by 10:00:02. */
async function gone(tenant: TestTenant, input: Record<string, unknown> = {}): Promise<MessageView> {
  const message = await accepted(tenant.gql, { to: [ANNE, BOB], text: TEXT, ...input });
  await app.tick();
  app.clock.set(ENDED);
  await app.tick();
  return look(tenant.gql, message.id);
}

/** Ten times in vain, two days apart. */
async function callsGivenUp(): Promise<void> {
  for (let call = 0; call < 10; call += 1) {
    await app.tick();
    app.clock.advance({ days: 2 });
  }
}

/** Which of these stand anywhere in the database. */
const stored = async (...hints: readonly string[]): Promise<string[]> => {
  const all = await everythingStored(app);
  return hints.filter(hint => all.includes(hint));
};

const kept = ({ status, counts, cost, parts, recipientCount, timeline, number }: MessageView): unknown => ({
  status,
  counts,
  cost,
  parts,
  recipientCount,
  timeline,
  number,
});

describe("when a tenant's time is over", () => {
  test('texts, numbers, addresses and what was posted are gone from every table, and not an hour before', async () => {
    await gone(brief, { receiptUrl: RECEIPT_URL, replyUrl: RECEIPT_URL, idempotencyKey: 'k' });
    const hints = [TEXT, ANNE, BOB, ANNE.slice(3), 'hush'];
    await eraseAt(after(ENDED, { days: 7, hours: -1 }));
    expect(await stored(...hints)).toEqual(hints);
    // The calls to its address, failed at last, go with it.
    app.clock.set(ENDED);
    for (let quarter = 0; quarter < 27; quarter += 1) {
      app.clock.advance({ hours: 6 });
      await app.tick();
    }
    expect((await eraseAt(after(ENDED, { days: 7 }))).messages).toBe(0);
    expect((await eraseAt(after(ENDED, { days: 7, ms: 1 }))).messages).toBe(1);
    expect(await stored(...hints)).toEqual([]);
    expect((await erase()).messages).toBe(0);
  });

  test('status, counts, cost, timeline and the ledger stay as they were', async () => {
    const before = await gone(brief);
    const books = await booksOf(app, brief.id);
    const ledger = await ledgerOf(app, brief.id);
    await eraseAt(after(ENDED, { days: 40 }));
    const erased = await look(brief.gql, before.id);
    expect(erased).toMatchObject({ text: null, sentText: null });
    expect(kept(erased)).toEqual(kept(before));
    expect(erased.timeline).toContainEqual(expect.objectContaining({ kind: 'receipt', detail: '2 delivered' }));
    expect(await deliveriesOf(brief.gql, before.id)).toEqual([
      expect.objectContaining({ phoneNumber: null, status: 'DELIVERED', cost: '0.0450' }),
      expect.objectContaining({ phoneNumber: null, status: 'DELIVERED', cost: '0.0450' }),
    ]);
    expect(await booksOf(app, brief.id)).toEqual({ ...books, misjudged: 0, overdrawn: 0 });
    expect(await ledgerOf(app, brief.id)).toEqual(ledger);
  });

  test("another tenant's stay for its own time, which is the platform's where it has none", async () => {
    const other = await gone(patient);
    await eraseAt(after(ENDED, { days: 365 }));
    const whole = await look(patient.gql, other.id);
    expect({ ...whole, timeline: [] }).toEqual({ ...other, timeline: [] });
    expect(whole.timeline).toEqual(other.timeline);
    await eraseAt(after(ENDED, { days: 365, ms: 1 }));
    expect((await look(patient.gql, other.id)).text).toBeNull();
  });

  test('an administrator who shortens it has what is older erased', async () => {
    const message = await gone(patient);
    await eraseAt(after(ENDED, { days: 30 }));
    const shorten =
      'mutation ($id: ID!, $days: Int) { updateTenant(id: $id, input: { retentionDays: $days }) { retentionDays } }';
    const { errors } = await app.admin.ask(shorten, { id: patient.id, days: 6 });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
    expect(await app.admin.run(shorten, { id: patient.id, days: 7 })).toEqual({ updateTenant: { retentionDays: 7 } });
    await erase();
    expect((await look(patient.gql, message.id)).text).toBeNull();
    expect(await app.admin.run(shorten, { id: patient.id, days: null })).toEqual({
      updateTenant: { retentionDays: null },
    });
  });

  test('opt-outs stay: they are the proof that somebody said STOP', async () => {
    await brief.gql.run('mutation ($n: PhoneNumber!) { addOptOut(phoneNumber: $n) { source } }', { n: ANNE });
    await eraseAt(after(ENDED, { days: 4_000 }));
    expect((await send(brief.gql, { to: [ANNE] })).__typename).toBe('NoRecipient');
  });
});

describe('what is not over', () => {
  test('is left alone however old it is: scheduled, queued, or sent without a receipt; its time counts from its end', async () => {
    const scheduled = await acceptedFor(brief.gql, '2026-03-10T10:00:00Z', { text: TEXT });
    const silent = await accepted(brief.gql, { to: [SILENT], text: TEXT });
    await app.tick();
    const queued = await accepted(brief.gql, { text: TEXT });
    await eraseAt('2026-03-02T10:00:00Z');
    const texts = async (): Promise<(string | null)[]> => {
      const looked = [scheduled, silent, queued].map(({ id }) => look(brief.gql, id));
      return (await Promise.all(looked)).map(({ status, text }) => `${status} ${text === null ? 'erased' : 'whole'}`);
    };
    expect(await texts()).toEqual(['SCHEDULED whole', 'SENT whole', 'QUEUED whole']);
    // The receipt is given up, and the validity of what was queued is over.
    await app.tick();
    expect(await texts()).toEqual(['SCHEDULED whole', 'COMPLETED whole', 'FAILED whole']);
    await eraseAt('2026-03-09T10:00:00Z');
    expect(await texts()).toEqual(['SCHEDULED whole', 'COMPLETED whole', 'FAILED whole']);
    await eraseAt('2026-03-09T10:00:00.001Z');
    expect(await texts()).toEqual(['SCHEDULED whole', 'COMPLETED erased', 'FAILED erased']);
    await cancel(brief.gql, scheduled.id);
    await eraseAt('2026-03-15T10:00:00Z');
    expect(await texts()).toEqual(['CANCELLED whole', 'COMPLETED erased', 'FAILED erased']);
    await eraseAt('2026-03-17T10:00:00Z');
    expect(await texts()).toEqual(['CANCELLED erased', 'COMPLETED erased', 'FAILED erased']);
  });

  test('what an older version of Relais ended, without keeping when, counts from its acceptance', async () => {
    const { id } = await gone(brief);
    await app.sql('update messages set ended_at = null where id = $1', [id]);
    await eraseAt(after(TUESDAY, { days: 7 }));
    expect((await look(brief.gql, id)).text).toBe(TEXT);
    await eraseAt(after(TUESDAY, { days: 7, ms: 1 }));
    expect((await look(brief.gql, id)).text).toBeNull();
  });
});

const bodyOf = async (answer: Promise<{ body: string }>): Promise<unknown> => JSON.parse((await answer).body);

describe('once erased', () => {
  test("a message is still found by its number and tag, through SMS Partner's API too, and nobody by his number", async () => {
    const { id, number } = await gone(brief, { tag: 'hiver' });
    await eraseAt(after(ENDED, { days: 8 }));
    const byPhone = 'query ($n: PhoneNumber!) { messages(filter: { phoneNumber: $n }) { nodes { id } } }';
    expect(await brief.gql.run(byPhone, { n: ANNE })).toEqual({ messages: { nodes: [] } });
    const byTag = '{ messages(filter: { tag: "hiver" }) { nodes { id text } } }';
    expect(await brief.gql.run(byTag)).toEqual({ messages: { nodes: [{ id, text: null }] } });
    const client = new SmsPartnerClient(app.url, brief.key);
    const entry = { phoneNumber: '', status: 'Delivered', stopSMS: false, date: expect.stringMatching(/^[0-9]+$/) };
    expect(await bodyOf(client.get('/v1/bulk-status', { messageId: number }))).toMatchObject({
      success: true,
      StatutResponse_List: [entry, entry],
    });
    expect(await bodyOf(client.get('/v1/bulk-status-by-tag', { tag: 'hiver' }))).toMatchObject({ total: 2 });
    const asked = { phoneNumber: ANNE, messageId: number };
    expect(await bodyOf(client.get('/v1/message-status', asked))).toMatchObject({ success: false, code: 4 });
    expect(await bodyOf(client.post('/v1/multi-status', { SMSStatut_List: [asked] }))).toMatchObject({
      StatutResponse_List: [{ success: false, code: 4 }],
    });
    expect(await bodyOf(client.get('/v1/message-cancel', { messageId: number }))).toMatchObject({ code: 7 });
  });

  test('a late receipt still tells better of whom its call carried alone, and nobody is called', async () => {
    const { id } = await accepted(brief.gql, { to: [SILENT], text: TEXT, receiptUrl: RECEIPT_URL });
    await app.tick();
    app.clock.set(after(TUESDAY, { days: 3 }));
    await app.tick();
    expect((await look(brief.gql, id)).counts).toMatchObject({ expired: 1 });
    await callsGivenUp();
    await eraseAt(after(TUESDAY, { days: 40 }));
    const url = app.simulator.accepted[0]?.sms.receiptUrl ?? '';
    const calls = 'select count(*)::int as count from webhook_deliveries';
    const called = await app.sql(calls);
    expect((await post(url, receipt(SILENT, 'delivered'))).status).toBe(200);
    await app.tick();
    expect((await look(brief.gql, id)).counts).toMatchObject({ delivered: 1, expired: 0 });
    expect(await deliveriesOf(brief.gql, id)).toMatchObject([{ phoneNumber: null, status: 'DELIVERED' }]);
    expect(await app.sql(calls)).toEqual(called);
    await eraseAt(after(TUESDAY, { days: 50 }));
    expect(await stored(SILENT)).toEqual([]);
  });

  test('a late receipt of a call that carried several finds nobody and harms nothing', async () => {
    const before = await gone(brief);
    await eraseAt(after(ENDED, { days: 8 }));
    const url = app.simulator.accepted[0]?.sms.receiptUrl ?? '';
    await post(url, receipt(ANNE, 'not_delivered'));
    await app.tick();
    expect(kept(await look(brief.gql, before.id))).toEqual(kept(before));
    expect(await app.sql('select state from receipts where state <> $1', ['APPLIED'])).toEqual([{ state: 'UNKNOWN' }]);
    await eraseAt(after(ENDED, { days: 16 }));
    expect(await stored(ANNE)).toEqual([]);
  });

  test('an answer that comes later is kept for as long, from its own day on', async () => {
    const { id } = await gone(brief, { to: [ANNE] });
    await eraseAt(after(ENDED, { days: 8 }));
    const url = app.simulator.accepted[0]?.sms.replyUrl ?? '';
    await post(url, { type: 'response', phone_number: ANNE, text: 'Merci', message_id: 1 });
    await app.tick();
    const replies = (): Promise<unknown> =>
      app.sql('select message_id, phone_number, text from replies where tenant_id = $1', [brief.id]);
    const whole = [{ message_id: id, phone_number: ANNE, text: 'Merci' }];
    expect(await replies()).toEqual(whole);
    await eraseAt(after(ENDED, { days: 15 }));
    expect(await replies()).toEqual(whole);
    await eraseAt(after(ENDED, { days: 15, ms: 1 }));
    expect(await replies()).toEqual([{ message_id: id, phone_number: null, text: null }]);
  });
});

describe('records of the way', () => {
  test('receipts as they came go after a month, and the timeline tells them still', async () => {
    const before = await gone(patient);
    const url = app.simulator.accepted[0]?.sms.receiptUrl ?? '';
    await post(url, receipt(ANNE, 'delivered'));
    await post(url, 'not JSON');
    await app.tick();
    const raws = (): Promise<unknown> => app.sql('select state, raw is null as trimmed from receipts order by state');
    const whole = await raws();
    await eraseAt(after(ENDED, { days: 29 }));
    expect(await raws()).toEqual(whole);
    expect((await eraseAt(after(ENDED, { days: 31 }))).receipts).toBe(4);
    expect(await raws()).toEqual([
      { state: 'APPLIED', trimmed: true },
      { state: 'APPLIED', trimmed: true },
    ]);
    expect((await look(patient.gql, before.id)).timeline).toEqual(before.timeline);
    expect((await look(patient.gql, before.id)).text).toBe(TEXT);
  });

  test('calls to the tenant go a month after the last attempt; those still to be made stay', async () => {
    await gone(patient, { receiptUrl: RECEIPT_URL });
    const states = (): Promise<unknown> => app.sql('select state from webhook_deliveries');
    expect((await eraseAt(after(ENDED, { days: 60 }))).webhookDeliveries).toBe(0);
    expect(await states()).toEqual([{ state: 'PENDING' }, { state: 'PENDING' }]);
    await callsGivenUp();
    expect(await states()).toEqual([{ state: 'FAILED' }, { state: 'FAILED' }]);
    app.clock.advance({ days: 10 });
    expect((await erase()).webhookDeliveries).toBe(0);
    app.clock.advance({ days: 20 });
    expect((await erase()).webhookDeliveries).toBe(2);
    expect(await states()).toEqual([]);
  });

  test('an idempotency key stands for its message for a week; then it is free', async () => {
    const first = await accepted(patient.gql, { idempotencyKey: 'k' });
    expect((await eraseAt(after(TUESDAY, { days: 7 }))).idempotencyKeys).toBe(0);
    expect((await accepted(patient.gql, { idempotencyKey: 'k' })).id).toBe(first.id);
    expect((await eraseAt(after(TUESDAY, { days: 7, ms: 1 }))).idempotencyKeys).toBe(1);
    expect((await accepted(patient.gql, { idempotencyKey: 'k' })).id).not.toBe(first.id);
  });

  test('a key whose sandbox message was purged is as good as new from its next use on', async () => {
    await accepted(patient.gql, { idempotencyKey: 'k', sandbox: true });
    await app.sql('delete from messages where tenant_id = $1', [patient.id]).catch(() => undefined);
    await app.sql('update idempotency_records set message_id = gen_random_uuid()');
    app.clock.advance({ days: 6 });
    const { id } = await accepted(patient.gql, { idempotencyKey: 'k', sandbox: true });
    app.clock.advance({ days: 2 });
    await erase();
    expect((await accepted(patient.gql, { idempotencyKey: 'k', sandbox: true })).id).toBe(id);
  });
});

const numbers = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `+3361${String(first + index).padStart(7, '0')}`);

describe('a great deal of it', () => {
  test('is worked off in small batches, by several workers at once, tenants in turn, each message once', async () => {
    const tenants = [brief, await app.tenant({ retentionDays: 7 }), await app.tenant({ retentionDays: 7 })];
    for (const { gql } of tenants) await acceptedBatch(gql, { messages: pairs(450) });
    await acceptedBatch(patient.gql, { messages: pairs(10) });
    await app.tick();
    app.clock.set(ENDED);
    await app.tick();
    app.clock.set(after(ENDED, { days: 8 }));
    const done = await Promise.all([erase(), erase(), erase()]);
    expect(done.reduce((sum, { messages }) => sum + messages, 0)).toBe(1_350);
    const left = 'select tenant_id, count(*)::int as count from deliveries where phone_number is not null group by 1';
    expect(await app.sql(left)).toEqual([{ tenant_id: patient.id, count: 10 }]);
  });

  test('a batch is bounded by recipients too: a large message goes by itself', async () => {
    const large = await accepted(brief.gql, { to: numbers(0, 1_500) });
    await accepted(brief.gql, { to: numbers(5_000, 10) });
    await app.sql(
      `update messages set status = 'CANCELLED', ended_at = created_at + (recipient_count - 1500) * interval '-1 s'`,
    );
    app.clock.advance({ days: 8 });
    const statements = await app.sql<{ count: number }>(
      'select count(*)::int as count from messages where erased_at is null',
    );
    expect(statements).toEqual([{ count: 2 }]);
    expect(await erase()).toMatchObject({ messages: 2 });
    expect((await deliveriesOf(brief.gql, large.id)).every(({ phoneNumber }) => phoneNumber === null)).toBe(true);
  });
});
