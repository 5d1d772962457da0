import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CallbacksWorkers } from '../../src/callbacks/index.js';
import { chargesOf, secretOf } from '../support/attempts.js';
import { accepted, balanceOf, deliveriesOf, look, type MessageView } from '../support/messages.js';
import { post, receipt } from '../support/receipts.js';
import { accept, refuseOnly, ScriptedProvider } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const PHONE = '+33612345678';

let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;

beforeEach(async () => {
  provider = new ScriptedProvider();
  app = await appAt(TUESDAY, { provider });
  tenant = await app.tenant();
});
afterEach(() => app.close());

/** A message that the provider has, and the URL it was given for its receipts. */
async function sent(to: readonly string[] = [PHONE], by = tenant): Promise<{ message: MessageView; url: string }> {
  const message = await accepted(by.gql, { to });
  await app.tick();
  return { message, url: provider.calls.at(-1)?.sms.receiptUrl ?? '' };
}

/** Posts it, insists on 200, and lets it be applied a second later. */
async function tell(url: string, body: unknown, contentType?: string | null): Promise<void> {
  expect(await post(url, body, contentType)).toMatchObject({ status: 200, body: 'OK' });
  app.clock.advance({ seconds: 1 });
  await app.tick();
}

const see = (message: MessageView, by = tenant): Promise<MessageView> => look(by.gql, message.id);
const statusesOf = async (message: MessageView, by = tenant): Promise<string[]> =>
  (await deliveriesOf(by.gql, message.id)).map(({ status }) => status);
const updatedAt = async (message: MessageView): Promise<string[]> =>
  (
    await app.sql<{ at: Date }>('select updated_at as at from deliveries where message_id = $1 order by id', [
      message.id,
    ])
  ).map(({ at }) => at.toISOString());
const storedReceipts = (): Promise<{ state: string; raw: string; due_at: Date | null }[]> =>
  app.sql('select state, raw, due_at from receipts order by id');
const statesOf = async (): Promise<string[]> => (await storedReceipts()).map(({ state }) => state);

describe('a receipt moves its delivery', () => {
  test.each([
    ['delivered', 'DELIVERED', 'COMPLETED', null],
    ['not delivered', 'UNDELIVERED', 'COMPLETED', 'NOT_DELIVERED'],
    ['ko', 'UNDELIVERED', 'COMPLETED', 'ko'],
    ['Delivered', 'DELIVERED', 'COMPLETED', null],
    ['waiting', 'SENT', 'SENT', null],
  ])('"%s": the delivery is %s, the message %s', async (word, status, messageStatus, errorCode) => {
    const { message, url } = await sent();
    await tell(url, receipt(PHONE, word));
    expect(await deliveriesOf(tenant.gql, message.id)).toMatchObject([{ status, errorCode }]);
    expect((await see(message)).status).toBe(messageStatus);
    expect(await chargesOf(app, message.id)).toEqual(['CHARGED']);
    expect(await balanceOf(tenant.gql)).toBe('99.9550');
  });

  test('each its own: the message is COMPLETED when the last has come', async () => {
    const to = [PHONE, '+33612345679', '+33612345680'];
    const { message, url } = await sent(to);
    await tell(url, receipt('+33612345680', 'delivered'));
    expect(await statusesOf(message)).toEqual(['SENT', 'SENT', 'DELIVERED']);
    expect(await see(message)).toMatchObject({ status: 'SENT', waiting: [{ kind: 'RECEIPT', recipients: 2 }] });
    await tell(url, receipt(PHONE, 'not delivered'));
    await tell(url, receipt('+33612345679', 'delivered'));
    expect(await statusesOf(message)).toEqual(['UNDELIVERED', 'DELIVERED', 'DELIVERED']);
    expect(await see(message)).toMatchObject({ status: 'COMPLETED', waiting: [] });
  });

  test.each(['33612345678', '0033612345678', '0612345678', '+33 6 12 34 56 78'])(
    'whose number is spelt %s',
    async spelling => {
      const { message, url } = await sent();
      await tell(url, receipt(spelling, 'delivered'));
      expect(await statusesOf(message)).toEqual(['DELIVERED']);
    },
  );
});

describe('receipts that tell nothing new', () => {
  test('doubled, they change nothing the second time, not even when it was last changed', async () => {
    const { message, url } = await sent();
    await tell(url, receipt(PHONE, 'delivered'));
    const before = await updatedAt(message);
    const timeline = (await see(message)).timeline;
    await tell(url, receipt(PHONE, 'delivered'));
    await tell(url, receipt(PHONE, 'delivered'));
    expect(await updatedAt(message)).toEqual(before);
    expect((await see(message)).timeline).toEqual(timeline);
    expect(await statesOf()).toEqual(['APPLIED', 'REDUNDANT', 'REDUNDANT']);
  });

  test('reordered, the last word counts: waiting after delivered changes nothing', async () => {
    const { message, url } = await sent();
    await tell(url, receipt(PHONE, 'delivered'));
    const before = await updatedAt(message);
    await tell(url, receipt(PHONE, 'waiting'));
    expect(await statusesOf(message)).toEqual(['DELIVERED']);
    expect(await updatedAt(message)).toEqual(before);
  });

  test('what is not delivered may still be delivered', async () => {
    const { message, url } = await sent();
    await tell(url, receipt(PHONE, 'not delivered'));
    await tell(url, receipt(PHONE, 'delivered'));
    expect(await deliveriesOf(tenant.gql, message.id)).toMatchObject([
      { status: 'DELIVERED', errorCode: null, errorMessage: null },
    ]);
    expect(await statesOf()).toEqual(['APPLIED', 'APPLIED']);
  });

  test('what is delivered stays delivered', async () => {
    const { message, url } = await sent();
    await tell(url, receipt(PHONE, 'delivered'));
    const before = await updatedAt(message);
    await tell(url, receipt(PHONE, 'not delivered'));
    await tell(url, receipt(PHONE, 'ko'));
    expect(await statusesOf(message)).toEqual(['DELIVERED']);
    expect(await updatedAt(message)).toEqual(before);
  });

  test('fifty of them at once leave one change', async () => {
    const { message, url } = await sent();
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(url, receipt(PHONE, 'delivered'))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await app.tick();
    expect((await statesOf()).filter(state => state === 'APPLIED')).toHaveLength(1);
    expect((await statesOf()).filter(state => state === 'REDUNDANT')).toHaveLength(49);
    expect(await statusesOf(message)).toEqual(['DELIVERED']);
  });
});

describe('a receipt that comes early', () => {
  test('during the call itself, is kept and applied once the answer is recorded', async () => {
    provider.answers(async sms => {
      await post(sms.receiptUrl, receipt(PHONE, 'delivered'));
      await app.nest.get(CallbacksWorkers).settle();
      expect(await statesOf()).toEqual(['NEW']);
      return accept(sms);
    });
    const message = await accepted(tenant.gql);
    await app.tick();
    expect((await see(message)).status).toBe('SENT');
    app.clock.advance({ seconds: 1 });
    await app.tick();
    expect((await see(message)).status).toBe('COMPLETED');
    expect(await statesOf()).toEqual(['APPLIED']);
    expect((await see(message)).timeline.map(({ kind }) => kind)).toEqual(['accepted', 'attempt', 'sent', 'receipt']);
  });
});

describe('what nobody can place', () => {
  test.each([
    ['a secret that nobody has', () => randomBytes(32).toString('base64url')],
    ['no secret worth the name', () => 'x'],
    ['something much too long', () => 'a'.repeat(90)],
    ['a hash instead of the secret', () => randomBytes(32).toString('hex')],
    ['text that does not belong into a path', () => encodeURIComponent("' or 1=1 --\u0000/../")],
  ])('%s is answered 404, plainly, and nothing is stored', async (_, forged) => {
    const { message } = await sent();
    const answer = await post(`${app.url}/callbacks/receipts/${forged()}`, receipt(PHONE, 'delivered'));
    expect(answer.status).toBe(404);
    expect(answer.body.length).toBeLessThan(200);
    expect(answer.body).not.toMatch(/[<{]html|stack|postgres|at \//i);
    await app.tick();
    expect(await storedReceipts()).toEqual([]);
    expect(await statusesOf(message)).toEqual(['SENT']);
  });

  test('a number that is not in the call is kept as UNKNOWN, and nothing moves', async () => {
    const { message, url } = await sent();
    await tell(url, receipt('+33699999999', 'delivered'));
    expect(await statusesOf(message)).toEqual(['SENT']);
    expect(await statesOf()).toEqual(['UNKNOWN']);
  });

  test("an attempt's URL moves deliveries of its own tenant and message only, though others have the same number", async () => {
    const other = await app.tenant();
    const mine = await sent();
    const mineToo = await sent();
    const theirs = await sent([PHONE], other);
    await tell(theirs.url, receipt(PHONE, 'delivered'));
    expect(await statusesOf(theirs.message, other)).toEqual(['DELIVERED']);
    expect(await statusesOf(mine.message)).toEqual(['SENT']);
    await tell(mine.url, receipt(PHONE, 'not delivered'));
    expect(await statusesOf(mine.message)).toEqual(['UNDELIVERED']);
    expect(await statusesOf(mineToo.message)).toEqual(['SENT']);
    expect(await statusesOf(theirs.message, other)).toEqual(['DELIVERED']);
  });

  test('one who was refused is not raised from the dead by a receipt', async () => {
    provider.answers(refuseOnly(PHONE));
    const { message, url } = await sent([PHONE, '+33612345679']);
    await tell(url, receipt(PHONE, 'delivered'));
    expect(await statusesOf(message)).toEqual(['REFUSED', 'SENT']);
    expect(await balanceOf(tenant.gql)).toBe('99.9550');
  });

  test('the URL for receipts takes no replies, and its secret opens nothing else', async () => {
    const { url } = await sent();
    const reply = { type: 'stop', phone_number: PHONE, text: 'STOP', message_id: 1 };
    await tell(url, reply);
    expect(await statesOf()).toEqual(['UNREADABLE']);
    const answer = await post(`${app.url}/callbacks/${secretOf(url)}`, receipt(PHONE, 'delivered'));
    expect(answer.status).toBe(404);
  });
});

describe('a body in any shape is kept as it came and answered 200', () => {
  test.each([
    ['application/json'],
    ['application/json; charset=utf-8'],
    ['application/x-www-form-urlencoded'],
    ['text/plain'],
    ['text/html'],
    ['application/octet-stream'],
    ['multipart/form-data'],
    ['nonsense'],
    [''],
    [null],
  ])('a receipt that says it is %s is read all the same', async contentType => {
    const { message, url } = await sent();
    await tell(url, receipt(PHONE, 'delivered'), contentType);
    expect(await statusesOf(message)).toEqual(['DELIVERED']);
  });

  const UNREADABLE: readonly (readonly [string, string | Buffer])[] = [
    ['half a JSON', '{"status":"delivered","phone":"+336'],
    ['a form', 'status=delivered&phone=%2B33612345678'],
    ['nothing', ''],
    ['a list', '[1,2,3]'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['a status that is not known', '{"status":"perhaps","phone":"+33612345678"}'],
    ['a prototype', '{"__proto__":{"status":"delivered"},"phone":"+33612345678"}'],
    ['a character that PostgreSQL does not store', 'a\u0000b'],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x80, 0x00, 0x41])],
  ];
  test.each(
    UNREADABLE.flatMap(([name, body]) => [[name, 'application/json', body] as const, [name, null, body] as const]),
  )('%s (Content-Type %s) is kept as UNREADABLE', async (_, contentType, body) => {
    const { message, url } = await sent();
    await tell(url, body, contentType);
    expect(await storedReceipts()).toMatchObject([{ state: 'UNREADABLE', due_at: null }]);
    expect(await statusesOf(message)).toEqual(['SENT']);
  });

  test('the raw receipt is what came, to the byte', async () => {
    const { url } = await sent();
    const raw =
      '{ "msgId":95415616123456789012, "phone" : "+33612345678","phone": "+33612345678", "status":"delivered" }\n';
    await tell(url, raw);
    expect(await storedReceipts()).toMatchObject([{ raw, state: 'APPLIED' }]);
  });

  test('a reply with a character that PostgreSQL does not store is kept without it', async () => {
    await sent();
    const reply = { type: 'response', phone_number: PHONE, text: 'a\u0000b', message_id: 1 };
    const answer = await post(provider.calls[0]?.sms.replyUrl ?? '', reply);
    expect(answer).toMatchObject({ status: 200, body: 'OK' });
    await app.tick();
    expect(await app.sql('select kind, phone_number, text from replies')).toEqual([
      { kind: 'response', phone_number: PHONE, text: 'ab' },
    ]);
  });

  test('what is much too large is refused plainly, and nothing is stored', async () => {
    const { url } = await sent();
    const answer = await post(url, 'x'.repeat(3 * 1024 * 1024)).catch((error: unknown) => error);
    expect(answer).toMatchObject({ status: 413 });
    expect(answer).toMatchObject({ body: expect.stringMatching(/^.{0,200}$/s) });
    expect(await storedReceipts()).toEqual([]);
    await tell(url, receipt(PHONE, 'delivered'));
    expect(await statesOf()).toEqual(['APPLIED']);
  });

  test('only POST is taken', async () => {
    const { url } = await sent();
    expect((await fetch(url)).status).toBe(404);
    expect((await fetch(url, { method: 'PUT', body: '{}' })).status).toBe(404);
  });
});
