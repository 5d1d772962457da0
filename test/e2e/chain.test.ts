import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { acceptedBatch, fatesOf, lookBatch, numberOf } from '../support/batches.js';
import { customerOf, type Customer, House, keyOf, seen, setPrices } from '../support/chain.js';
import {
  accepted,
  acceptedFor,
  balanceOf,
  cancel,
  deliveriesOf,
  look,
  type MessageView,
  refused,
  type SmsInput,
} from '../support/messages.js';
import { post } from '../support/receipts.js';
import { optOutsOf, repliesOf } from '../support/replies.js';
import { Receiver } from '../support/receiver.js';
import { SmsPartnerClient } from '../support/smspartner-client.js';

/**
 * Two Relais as processes of their own: what the tenants of the one send goes by its SMS Partner adapter to the other one's
 * drop-in API, whose SMS go to the simulator; receipts come back the same way. All by the real clock, so what is sent is
 * transactional wherever the hour would matter.
 */
let shop: House;
let provider: House;
let tenant: Customer;
/** The shop, as a customer of the provider's. */
let account: Customer;

beforeAll(async () => {
  provider = await House.build({ SMS_PROVIDER: 'simulator', SIMULATOR_RECEIPT_DELAY_MS: '200' });
  await provider.start();
  account = await customerOf(provider, 'Shop');
  await setPrices(provider, '0.0400');
  shop = await House.build({
    SMS_PROVIDER: 'smspartner',
    SMSPARTNER_BASE_URL: provider.address,
    SMSPARTNER_API_KEY: account.key,
  });
  await shop.start();
  await setPrices(shop, '0.0600');
});
afterAll(async () => {
  await shop.remove();
  await provider.remove();
});

beforeEach(async () => {
  tenant = await customerOf(shop, 'Customer of the shop');
});
afterEach(() => {
  expect([...shop.errors, ...provider.errors]).toEqual([]);
});

const sent = (input: SmsInput, from = tenant): Promise<MessageView> =>
  accepted(from.gql, { category: 'TRANSACTIONAL', ...input });

const isOver = ({ status }: { readonly status: string }): boolean =>
  ['COMPLETED', 'CANCELLED', 'FAILED'].includes(status);

const settled = (id: string, wanted: (message: MessageView) => boolean = isOver): Promise<MessageView> =>
  seen(() => look(tenant.gql, id), wanted);

interface Attempt extends Record<string, unknown> {
  readonly tag: string;
  readonly provider_message_id: string;
  readonly provider_cost: string;
}

/** The shop's call that carried a message. */
async function attemptOf(messageId: string): Promise<Attempt> {
  const [attempt, ...others] = await shop.sql<Attempt>(
    `select a.tag, a.provider_message_id, a.provider_cost from attempts a
       join attempt_submissions c on c.attempt_id = a.id join submissions s on s.id = c.submission_id
      where s.message_id = $1 and a.outcome = 'accepted'`,
    [messageId],
  );
  if (attempt === undefined || others.length > 0) throw new Error('not carried by one call');
  return attempt;
}

interface AtProvider extends Record<string, unknown> {
  readonly number: string;
  readonly tag: string;
  readonly status: string;
  readonly reply_url: string;
  readonly batch_number: string | null;
}

/** What the provider has of a text: its own messages. */
const atProvider = (text: string): Promise<AtProvider[]> =>
  provider.sql<AtProvider>(
    'select number, tag, status, reply_url, batch_number from messages where text = $1 order by id',
    [text],
  );

test('an SMS goes the whole way, and its receipt comes back', async () => {
  const before = await balanceOf(account.gql);
  const message = await sent({ to: [numberOf(10)], text: 'Votre code : 4711' });
  expect(await settled(message.id)).toMatchObject({ status: 'COMPLETED', counts: { delivered: 1 }, cost: '0.0600' });
  const attempt = await attemptOf(message.id);
  expect(await atProvider('Votre code : 4711')).toMatchObject([
    { tag: attempt.tag, number: attempt.provider_message_id, status: 'COMPLETED' },
  ]);
  // Each house has its own prices: the tenant pays the shop's, the shop the provider's.
  expect(attempt.provider_cost).toBe('0.0400');
  expect(Number(before) - Number(await balanceOf(account.gql))).toBeCloseTo(0.04, 4);
});

test('what the handset did not get, the tenant learns', async () => {
  const message = await sent({ to: ['+33620000002', numberOf(11)], text: 'Pour deux' });
  expect(await settled(message.id)).toMatchObject({ status: 'COMPLETED', counts: { delivered: 1, undelivered: 1 } });
  expect(await deliveriesOf(tenant.gql, message.id)).toMatchObject([
    { phoneNumber: '+33620000002', status: 'UNDELIVERED', errorCode: 'NOT_DELIVERED' },
    { phoneNumber: numberOf(11), status: 'DELIVERED' },
  ]);
});

test.each<[string, SmsInput]>([
  ['in the alphabet of SMS', { text: `Prêt ? «Ça, c’est [sûr]» à l’été, pour 5 € : ${'é'.repeat(120)}` }],
  ['with line breaks', { text: 'Un\r\nDeux\nTrois' }],
  ['in Unicode', { text: `Дорогой клиент\nс «уважением» 😀 ${'ж'.repeat(80)}`, unicode: true }],
  ['with a STOP mention, of the cheaper range', { text: 'Bonjour NoPub=STOP', route: 'ECO' }],
  ['with a STOP mention that is asked for', { text: 'x'.repeat(150), stopMention: true, sender: 'BOUTIQUE' }],
])('what arrives is the SMS that was asked for, and as many parts: %s', async (_, input) => {
  const message = await sent({ to: [numberOf(12)], ...input });
  const { status, sentText, parts } = await settled(message.id);
  expect(status).toBe('COMPLETED');
  const { provider_message_id: number } = await attemptOf(message.id);
  const there = await provider.sql('select sent_text, parts, route, sender from messages where number = $1', [number]);
  expect(there).toEqual([
    { sent_text: sentText, parts, route: input['route'] ?? 'PREMIUM', sender: input['sender'] ?? null },
  ]);
});

test('a batch of five travels as one, and each text has a fate of its own', async () => {
  const texts = ['un', 'deux', 'trois', 'quatre', 'cinq'].map(word => `Lot : ${word}`);
  // The third is refused where the provider itself sends.
  const numbers = [numberOf(20), numberOf(21), '+33620000001', numberOf(23), numberOf(24)];
  const messages = texts.map((text, index) => ({ to: numbers[index] ?? '', text }));
  const batch = await acceptedBatch(tenant.gql, { messages, category: 'TRANSACTIONAL' });
  await seen(() => lookBatch(tenant.gql, batch.id), isOver);
  expect(await fatesOf(tenant.gql, batch.id)).toEqual([
    'DELIVERED',
    'DELIVERED',
    'UNDELIVERED',
    'DELIVERED',
    'DELIVERED',
  ]);
  const there = (await Promise.all(texts.map(atProvider))).flat();
  expect(there.map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED', 'FAILED', 'COMPLETED', 'COMPLETED']);
  const calls = await shop.sql<Attempt>(
    'select distinct a.tag, a.provider_message_id from attempts a join messages m on m.id = a.message_id where m.batch_id = $1',
    [batch.id],
  );
  expect(calls).toHaveLength(1);
  const [{ tag, provider_message_id: number } = { tag: '', provider_message_id: '' }] = calls;
  for (const row of there) expect(row).toMatchObject({ tag, batch_number: number });
});

test("a client of the shop's drop-in API gets its receipt, and its STOP, as SMS Partner posts them", async () => {
  const receiver = await Receiver.start();
  const client = new SmsPartnerClient(shop.address, tenant.key);
  const callbacks = { urlDlr: receiver.url('/dlr?secret=1'), urlResponse: receiver.url('/reply?secret=2') };
  const fields = { phoneNumbers: '06 20 00 10 30', message: 'Un client', tag: 'printemps', ...callbacks };
  const number = await client.accepted(fields);
  await receiver.has(1);
  const phone = numberOf(30);
  expect(receiver.received[0]).toMatchObject({ method: 'POST', path: '/dlr?secret=1' });
  expect(receiver.bodies[0]).toEqual({
    status: 'delivered',
    msgId: String(number),
    date: expect.any(Number),
    phone,
    cost: '0.06',
    currency: 'EUR',
    tag: 'printemps',
  });
  // As the provider would pass on what a handset answers.
  const [there] = await atProvider('Un client');
  const stop = { type: 'stop', phone_number: phone, text: 'STOP', message_id: Number(there?.number) };
  expect(await post(there?.reply_url ?? '', stop)).toMatchObject({ status: 200 });
  await receiver.has(2);
  expect(receiver.received[1]).toMatchObject({ path: '/reply?secret=2' });
  expect(receiver.bodies[1]).toEqual({ ...stop, message_id: number });
  expect(JSON.parse((await client.get('/v1/stop-sms/list')).body)).toMatchObject({ data: [{ phoneNumber: phone }] });
  await receiver.close();
});

test('what the handset answers goes the whole way back to the tenant of the first, and a STOP ends what it would send', async () => {
  const receiver = await Receiver.start();
  const [talks, stops] = ['+33620000010', '+33620000011'];
  const replyUrl = receiver.url('/replies');
  const message = await sent({ to: [talks, stops], text: 'Venez-vous demain ?', replyUrl });
  await receiver.has(2);
  expect(receiver.bodies).toHaveLength(2);
  expect(receiver.bodies).toEqual(
    expect.arrayContaining([
      { type: 'response', phone_number: talks, text: 'Oui', message_id: message.number },
      { type: 'stop', phone_number: stops, text: 'STOP', message_id: message.number },
    ]),
  );
  const { nodes } = await seen(
    () => repliesOf(tenant.gql),
    replies => replies.nodes.length === 2,
  );
  expect(Object.fromEntries(nodes.map(({ from, text, messageId }) => [from, [text, messageId]]))).toEqual({
    [talks]: ['Oui', message.id],
    [stops]: ['STOP', message.id],
  });
  // Both houses have heard it: the tenant's list, and the shop's own with its provider.
  expect(await optOutsOf(tenant.gql)).toEqual([{ phoneNumber: stops, source: 'reply' }]);
  expect((await optOutsOf(account.gql)).map(({ phoneNumber }) => phoneNumber)).toContain(stops);
  expect(await refused(tenant.gql, { to: [stops], category: 'COMMERCIAL' })).toMatchObject({
    __typename: 'NoRecipient',
  });
  await receiver.close();
});

test('what is scheduled leaves at its time, and not before', async () => {
  const at = new Date(Date.now() + 3_000);
  const input = { to: [numberOf(40)], text: 'Plus tard', category: 'TRANSACTIONAL' };
  const message = await acceptedFor(tenant.gql, at.toISOString(), input);
  expect(message.status).toBe('SCHEDULED');
  await settled(message.id);
  const rows = await provider.sql<{ created_at: Date }>(`select created_at from messages where text = 'Plus tard'`);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.created_at.getTime()).toBeGreaterThanOrEqual(at.getTime());
});

test('what is cancelled before its time never reaches the provider', async () => {
  const input = { to: [numberOf(50)], text: 'Jamais', category: 'TRANSACTIONAL' };
  const message = await acceptedFor(tenant.gql, new Date(Date.now() + 3_000).toISOString(), input);
  // Leaves after the other one would have.
  const later = await acceptedFor(tenant.gql, new Date(Date.now() + 4_000).toISOString(), { ...input, text: 'Après' });
  expect(await cancel(tenant.gql, message.id)).toMatchObject({ __typename: 'Message', status: 'CANCELLED' });
  await settled(later.id);
  expect(await atProvider('Jamais')).toEqual([]);
  expect(await balanceOf(tenant.gql)).toBe('9.9400');
});

const CLOCKS_ROUND_THE_WORLD = [
  ['METROPOLE', '+33620001060'],
  ['NOUVELLE_CALEDONIE', '+687750060'],
  ['GUYANE', '+594694200060'],
] as const;
/** The provider calls nothing back that leaves within five minutes. */
const NOTICE_MS = 10 * 60_000;

/** A number whose quiet hours at the provider last; it is never day on all three clocks. */
async function numberOfNight(): Promise<string> {
  for (const [territory, number] of CLOCKS_ROUND_THE_WORLD) {
    const { sendWindow } = await account.gql.run<{ sendWindow: { open: boolean; opensAt: string } }>(
      'query ($territory: Territory!) { sendWindow(territory: $territory) { open opensAt } }',
      { territory },
    );
    if (!sendWindow.open && Date.parse(sendWindow.opensAt) - Date.now() > NOTICE_MS) return number;
  }
  throw new Error('it is day everywhere');
}

test('a cancellation travels to the provider, where it still keeps the SMS, and both pay back', async () => {
  const apiKey = await keyOf(provider, account.id, 'COMMERCIAL');
  await shop.admin.run(
    'mutation ($id: ID!, $apiKey: String!) { setProviderCredential(tenantId: $id, apiKey: $apiKey) { id } }',
    { id: tenant.id, apiKey },
  );
  const before = await balanceOf(account.gql);
  const message = await sent({ to: [await numberOfNight()], text: 'En pause' });
  await settled(message.id, ({ status }) => status === 'SENT');
  expect(await atProvider('En pause')).toMatchObject([{ status: 'HELD' }]);
  expect(await cancel(tenant.gql, message.id)).toMatchObject({ __typename: 'Message', status: 'CANCELLED' });
  expect(await atProvider('En pause')).toMatchObject([{ status: 'CANCELLED' }]);
  expect((await look(tenant.gql, message.id)).timeline.map(({ kind }) => kind)).toContain('called-back');
  expect([await balanceOf(tenant.gql), await balanceOf(account.gql)]).toEqual(['10.0000', before]);
});

test('what the provider has sent is not called back', async () => {
  const message = await sent({ to: ['+33620000003'], text: 'Sans nouvelles' });
  await settled(message.id, ({ status }) => status === 'SENT');
  await seen(
    () => atProvider('Sans nouvelles'),
    ([there]) => there?.status === 'SENT',
  );
  expect(await cancel(tenant.gql, message.id)).toMatchObject({ __typename: 'TooLate', status: 'SENT' });
  expect(await balanceOf(tenant.gql)).toBe('9.9400');
});

test("an administrator sees what is left on the platform's account with the provider", async () => {
  const { providerAccount } = await shop.admin.run<{ providerAccount: { balance: string } }>(
    '{ providerAccount { provider owner balance currency problem } }',
  );
  expect(providerAccount).toMatchObject({ provider: 'smspartner', owner: 'platform', currency: 'EUR', problem: null });
  // The vendor shows three places where the fourth is 0.
  expect(Number(providerAccount.balance)).toBe(Number(await balanceOf(account.gql)));
});

test('while the provider is down an SMS waits and says so; once it is back, the SMS goes, once', async () => {
  await provider.stop();
  const message = await sent({ to: [numberOf(70)], text: 'Patience' });
  const waiting = await settled(message.id, ({ waiting: reasons }) => reasons[0]?.kind === 'PROVIDER_DOWN');
  expect(waiting.status).toBe('QUEUED');
  expect(waiting.waiting[0]?.nextCheckAt).not.toBeNull();
  await provider.start();
  // It asks again after half a minute; the test does not wait for it.
  await shop.sql('update submissions set due_at = now() where message_id = $1', [message.id]);
  expect(await settled(message.id)).toMatchObject({ status: 'COMPLETED', counts: { delivered: 1 } });
  expect(await atProvider('Patience')).toHaveLength(1);
});
