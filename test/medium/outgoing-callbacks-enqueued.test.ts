import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeliveryNews, type DeliveryStatus, FindMessage } from '../../src/messaging/index.js';
import { Transactions } from '../../src/kernel/index.js';
import { accepted, type MessageView, type SmsInput } from '../support/messages.js';
import { post } from '../support/receipts.js';
import { Receiver } from '../support/receiver.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const [ANNE, BOB] = ['+33612345678', '+33612345679'] as const;

let app: TestApp;
let tenant: TestTenant;
let receiver: Receiver;

async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
  app = await appAt(TUESDAY, { env: { WEBHOOK_ALLOW: '127.0.0.0/8', ...env } });
  tenant = await app.tenant();
  receiver = await Receiver.start();
}
beforeEach(() => start());
afterEach(async () => {
  await receiver.close();
  await app.close();
});

/** A message that asks to be told, whichever way it was asked for. */
async function asked(input: SmsInput, urls: { receipts?: string; replies?: string }): Promise<MessageView> {
  const message = await accepted(tenant.gql, input);
  await app.sql('update messages set receipt_url = $2, reply_url = $3 where id = $1', [
    message.id,
    urls.receipts ?? null,
    urls.replies ?? null,
  ]);
  return message;
}

/** Tells the news in a transaction of its own, which then fails if it is to. */
const tell = (message: MessageView, statuses: readonly DeliveryStatus[], fail = false): Promise<void> =>
  app.nest.get(Transactions).run(tenant.id, async tx => {
    const found = await app.nest.get(FindMessage).find(tx, tenant.id, message.id);
    if (found === null) throw new Error('no such message');
    const deliveries = statuses.map((status, index) => ({
      id: message.id,
      phoneNumber: `+3361234567${index}`,
      status,
      errorCode: null,
      cost: '0.0450',
    }));
    await app.nest.get(DeliveryNews).announce(tx, { message: found, at: app.clock.now(), deliveries });
    if (fail) throw new Error('rolled back');
  });

const enqueued = () =>
  app.sql('select event_type, url, payload, message_id, state, attempts, due_at from webhook_deliveries order by id');

describe('receipts', () => {
  test('are posted to the receiptUrl, query string and all, one for each recipient', async () => {
    const message = await asked(
      { to: [ANNE, BOB], tag: 'spring' },
      { receipts: receiver.url('/dlr.php?key=1&x=a%20b') },
    );
    await app.tick();
    app.clock.advance({ seconds: 2 });
    await app.tick();
    const told = (phone: string) => ({
      status: 'delivered',
      msgId: String(message.number),
      date: Date.parse('2026-01-13T10:00:02Z') / 1_000,
      phone,
      cost: '0.045',
      currency: 'EUR',
      tag: 'spring',
    });
    expect(receiver.bodies).toHaveLength(2);
    expect(receiver.bodies).toEqual(expect.arrayContaining([told(ANNE), told(BOB)]));
    expect(new Set(receiver.received.map(({ path }) => path))).toEqual(new Set(['/dlr.php?key=1&x=a%20b']));
  });

  test('are written down all at once, each with its word; what is not final is left out', async () => {
    const url = receiver.url('/dlr');
    const message = await asked({}, { receipts: url });
    await tell(message, ['DELIVERED', 'SENT', 'UNDELIVERED', 'CANCELLED', 'REFUSED', 'UNCONFIRMED', 'WAITING']);
    const rows = await enqueued();
    const one = { event_type: 'receipt', url, message_id: message.id, state: 'PENDING', due_at: new Date(TUESDAY) };
    expect(rows).toMatchObject([one, one, one]);
    expect(rows.map(({ payload }) => JSON.parse(String(payload)))).toMatchObject([
      { status: 'delivered', phone: '+33612345670' },
      { status: 'not delivered', phone: '+33612345672' },
      { status: 'ko', phone: '+33612345674' },
    ]);
  });

  test('are not written down where the change they tell of is not, nor where nobody asked', async () => {
    const message = await asked({}, { receipts: receiver.url() });
    await expect(tell(message, ['DELIVERED'], true)).rejects.toThrow('rolled back');
    await tell(await asked({}, { replies: receiver.url() }), ['DELIVERED']);
    await tell(message, ['SENT']);
    expect(await enqueued()).toEqual([]);
  });

  test('leave by themselves once they are committed', async () => {
    await receiver.close();
    await app.close();
    await start({ ROLE: 'all' });
    await tell(await asked({}, { receipts: receiver.url() }), ['DELIVERED']);
    await receiver.has(1);
    expect(receiver.bodies).toMatchObject([{ status: 'delivered' }]);
  });
});

/** Where the provider was told to post answers to this message. */
function replyUrlOf(message: MessageView): string {
  const call = app.simulator.accepted.find(({ sms }) => sms.recipients.includes(ANNE));
  if (call === undefined) throw new Error(`${message.id} was not sent`);
  return call.sms.replyUrl;
}

const answerOf = (type: string, text: string) => ({ type, phone_number: '33612345678', text, message_id: 1 });

describe('replies', () => {
  test.each(['response', 'stop'])('of type %s are passed on to the replyUrl', async type => {
    const message = await asked({ to: [ANNE, BOB] }, { replies: receiver.url('/r?a=1') });
    await app.tick();
    expect(await post(replyUrlOf(message), answerOf(type, 'Oui "déjà"'))).toMatchObject({ status: 200, body: 'OK' });
    await app.tick();
    expect(receiver.received).toMatchObject([
      {
        path: '/r?a=1',
        body: `{"type":"${type}","phone_number":"${ANNE}","text":"Oui \\"déjà\\"","message_id":${message.number}}`,
      },
    ]);
    expect(await app.sql('select event_type, message_id from webhook_deliveries')).toEqual([
      { event_type: 'reply', message_id: message.id },
    ]);
    const stopped = await app.sql('select phone_number from opt_outs where tenant_id = $1', [tenant.id]);
    expect(stopped).toEqual(type === 'stop' ? [{ phone_number: ANNE }] : []);
  });

  test('are kept, and passed on to nobody, where nobody asked or they cannot be read', async () => {
    const silent = await asked({ to: [ANNE] }, { receipts: receiver.url() });
    await app.tick();
    await post(replyUrlOf(silent), answerOf('stop', 'STOP'));
    await post(replyUrlOf(silent), 'nonsense');
    await app.tick();
    await app.sql('update messages set reply_url = $1', [receiver.url()]);
    await post(replyUrlOf(silent), '{"type":"perhaps"}');
    await app.tick();
    expect(await app.sql('select kind, message_id from replies')).toEqual([{ kind: 'stop', message_id: silent.id }]);
    const states = await app.sql<{ state: string }>('select state from reply_posts order by id');
    expect(states.map(({ state }) => state)).toEqual(['READ', 'UNREADABLE', 'UNREADABLE']);
    expect(await app.sql(`select 1 from webhook_deliveries where event_type = 'reply'`)).toEqual([]);
  });
});
