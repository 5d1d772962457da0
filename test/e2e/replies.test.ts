import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acceptedBatch, fatesOf } from '../support/batches.js';
import { booksOf } from '../support/ledger.js';
import {
  accepted,
  balanceOf,
  deliveriesOf,
  look,
  type MessageView,
  refused,
  type SmsInput,
} from '../support/messages.js';
import { post } from '../support/receipts.js';
import { Receiver } from '../support/receiver.js';
import { answer, optOutsOf, partsOf, repliesOf, textsOf } from '../support/replies.js';
import { ScriptedProvider, UNREACHABLE } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris; that evening; the next morning. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const EVENING = '2026-01-13T20:00:00.000Z';
const MORNING = '2026-01-14T07:00:00.000Z';
const [ANNE, BOB] = ['+33612345678', '+33612345679'] as const;

let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;
let receiver: Receiver;
beforeEach(async () => {
  provider = new ScriptedProvider();
  app = await appAt(TUESDAY, { provider, env: { WEBHOOK_ALLOW: '127.0.0.0/8' } });
  tenant = await app.tenant();
  receiver = await Receiver.start();
});
afterEach(async () => {
  await receiver.close();
  await app.close();
});

/** A message that the provider has, and where it posts answers to it. */
async function sent(input: SmsInput = {}, by = tenant): Promise<{ message: MessageView; url: string }> {
  const message = await accepted(by.gql, { to: [ANNE], replyUrl: receiver.url('/replies'), ...input });
  await app.tick();
  return { message, url: provider.calls.at(-1)?.sms.replyUrl ?? '' };
}

/** Posts it, insists on a quick plain yes, and lets it be read. */
async function say(url: string, body: unknown): Promise<void> {
  expect(await post(url, body)).toMatchObject({ status: 200, body: 'OK' });
  await app.tick();
}

describe('an answer from a handset', () => {
  test('is answered before it is read, shows in replies with its message, and is passed on once', async () => {
    const { message, url } = await sent();
    expect(await post(url, answer(ANNE, 'Oui, merci'))).toMatchObject({ status: 200, body: 'OK' });
    expect(await textsOf(tenant.gql)).toEqual([]);
    await app.tick();
    const { nodes } = await repliesOf(tenant.gql);
    expect(nodes).toMatchObject([{ from: ANNE, text: 'Oui, merci', messageId: message.id, receivedAt: TUESDAY }]);
    await app.tick();
    expect(receiver.bodies).toEqual([
      { type: 'response', phone_number: ANNE, text: 'Oui, merci', message_id: message.number },
    ]);
    expect(await optOutsOf(tenant.gql)).toEqual([]);
  });

  test('in three parts, out of order and one of them twice, is one reply with the whole text', async () => {
    const { message, url } = await sent();
    const [one, two, three] = partsOf(ANNE, ['Bonjour, je voudrais ', 'déplacer le rendez-vous ', 'à jeudi. Merci !']);
    await say(url, three);
    await say(url, one);
    await say(url, three);
    await say(url, { ...one, 'message-timestamp': 'another' });
    expect(await textsOf(tenant.gql)).toEqual([]);
    await say(url, two);
    await say(url, two);
    app.clock.advance({ hours: 1 });
    await app.tick();
    const text = 'Bonjour, je voudrais déplacer le rendez-vous à jeudi. Merci !';
    expect((await repliesOf(tenant.gql)).nodes).toMatchObject([{ from: ANNE, text, messageId: message.id }]);
    expect(receiver.bodies).toMatchObject([{ text }]);
    expect(await app.sql('select long_number, keyword, provider_message_id, provider_timestamp from replies')).toEqual([
      {
        long_number: '33757900000',
        keyword: 'BONJOUR,',
        provider_message_id: '0A000000001081',
        provider_timestamp: '2026-01-13 10:00:00',
      },
    ]);
  });

  test('whose parts do not all come is shown with what came, ten minutes later', async () => {
    const { url } = await sent();
    const [one, , three] = partsOf(ANNE, ['Je voudrais ', 'le prix ', 'du grand.']);
    await say(url, one);
    await say(url, three);
    app.clock.advance({ minutes: 9 });
    await app.tick();
    expect(await textsOf(tenant.gql)).toEqual([]);
    app.clock.advance({ minutes: 1 });
    await app.tick();
    expect(await textsOf(tenant.gql)).toEqual(['Je voudrais  […] du grand.']);
    app.clock.advance({ hours: 1 });
    await app.tick();
    expect(await textsOf(tenant.gql)).toHaveLength(1);
  });

  test('in parts is not mixed up with that of another handset, nor with a later one under the same mark', async () => {
    const { url } = await sent({ to: [ANNE, BOB] });
    const [annes, bobs] = [partsOf(ANNE, ['Anne ', 'dit oui']), partsOf(BOB, ['Bob ', 'dit non'])];
    for (const body of [annes[1], bobs[0], bobs[1], annes[0]]) await say(url, body);
    app.clock.advance({ hours: 2 });
    for (const body of partsOf(ANNE, ['Finalement ', 'non'])) await say(url, { ...body, messageId: 'later' });
    expect(await textsOf(tenant.gql)).toEqual(['Finalement non', 'Anne dit oui', 'Bob dit non']);
  });

  test('posted again and again by the provider is one; the same word hours later is a second one', async () => {
    const { url } = await sent();
    await Promise.all(Array.from({ length: 20 }, () => post(url, answer(ANNE, 'Oui'))));
    await app.tick();
    for (const minutes of [1, 5, 10]) {
      app.clock.advance({ minutes });
      await say(url, answer(ANNE, 'Oui'));
    }
    expect(await textsOf(tenant.gql)).toEqual(['Oui']);
    app.clock.advance({ hours: 2 });
    await say(url, answer(ANNE, 'Oui'));
    expect(await textsOf(tenant.gql)).toEqual(['Oui', 'Oui']);
    await say(url, answer(BOB, 'Oui'));
    await app.tick();
    expect(await textsOf(tenant.gql)).toEqual(['Oui', 'Oui', 'Oui']);
    expect(receiver.bodies).toHaveLength(3);
  });

  test('to a long number has an id of its own, so that a repeat is one whenever it comes', async () => {
    const { url } = await sent();
    const [part] = partsOf(ANNE, ['Oui']);
    const { concat: _, ...whole } = part ?? { concat: '' };
    await say(url, whole);
    app.clock.advance({ hours: 30 });
    await say(url, whole);
    await say(url, { ...whole, messageId: 'another' });
    expect(await textsOf(tenant.gql)).toEqual(['Oui', 'Oui']);
  });

  test('is linked to the one text of a bulk call that went to this number', async () => {
    await acceptedBatch(tenant.gql, {
      messages: [
        { to: ANNE, text: 'Bonjour Anne' },
        { to: BOB, text: 'Bonjour Bob' },
      ],
    });
    await app.tick();
    await say(provider.bulkCalls[0]?.bulk.replyUrl ?? '', answer(BOB, 'Bonjour'));
    const [reply] = (await repliesOf(tenant.gql)).nodes;
    expect(await look(tenant.gql, reply?.messageId ?? '')).toMatchObject({ text: 'Bonjour Bob' });
  });

  test('is its own tenant’s, and its pages stay where they are while answers come in', async () => {
    const { url } = await sent();
    for (const text of ['un', 'deux', 'trois']) await say(url, answer(ANNE, text));
    const first = await repliesOf(tenant.gql, { first: 2 });
    expect(first.nodes.map(({ text }) => text)).toEqual(['trois', 'deux']);
    expect(first.pageInfo.hasNextPage).toBe(true);
    await say(url, answer(ANNE, 'quatre'));
    const second = await repliesOf(tenant.gql, { first: 2, after: first.pageInfo.endCursor });
    expect(second.nodes.map(({ text }) => text)).toEqual(['un']);
    expect(second.pageInfo.hasNextPage).toBe(false);
    const other = await app.tenant();
    expect(await repliesOf(other.gql)).toMatchObject({ nodes: [] });
    expect(await repliesOf(other.gql, { after: first.pageInfo.endCursor })).toMatchObject({ nodes: [] });
    const sender = await app.key(tenant.id, ['SEND', 'MANAGE']);
    expect((await sender.ask('{ replies { nodes { id } } }')).errors[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

const fates = async (message: MessageView): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await deliveriesOf(tenant.gql, message.id)).map(delivery => [delivery.phoneNumber, delivery.status]),
  );

describe('a STOP', () => {
  test.each([
    ['STOP', 'response'],
    ['stop.', 'response'],
    ['ARRÊT', 'response'],
    ['Stop merci', 'response'],
    ['stop 36180', 'response'],
    ['ce que le fournisseur en dit', 'stop'],
    ['', 'stop'],
  ])('"%s" of the type "%s" opts out, shows in replies and is passed on as a stop', async (text, type) => {
    const { message, url } = await sent({ to: [ANNE, BOB] });
    await say(url, answer(ANNE, text, { type }));
    await app.tick();
    expect(await optOutsOf(tenant.gql)).toEqual([{ phoneNumber: ANNE, source: 'reply' }]);
    expect((await repliesOf(tenant.gql)).nodes).toMatchObject([{ from: ANNE, text: text || null }]);
    expect(receiver.bodies).toEqual([{ type: 'stop', phone_number: ANNE, text, message_id: message.number }]);
    expect((await refused(tenant.gql, { to: [ANNE] })).__typename).toBe('NoRecipient');
  });

  test('said anew after it was lifted is heard, though it may look like the first one repeated', async () => {
    const { url } = await sent();
    await say(url, answer(ANNE, 'STOP'));
    await tenant.gql.run('mutation ($n: PhoneNumber!) { removeOptOut(phoneNumber: $n) }', { n: ANNE });
    app.clock.advance({ minutes: 5 });
    await say(url, answer(ANNE, 'STOP'));
    expect(await optOutsOf(tenant.gql)).toEqual([{ phoneNumber: ANNE, source: 'reply' }]);
    expect(await textsOf(tenant.gql)).toEqual(['STOP']);
  });

  test('is none in "ne vous arrêtez pas"', async () => {
    const { url } = await sent();
    await say(url, answer(ANNE, 'ne vous arrêtez pas'));
    expect(await optOutsOf(tenant.gql)).toEqual([]);
    expect(await textsOf(tenant.gql)).toEqual(['ne vous arrêtez pas']);
  });

  test('in parts counts when it is whole, and at once where the provider calls a part so', async () => {
    const { url } = await sent({ to: [ANNE, BOB] });
    const [st, op] = partsOf(ANNE, ['ST', 'OP']);
    await say(url, op);
    await say(url, st);
    expect(await optOutsOf(tenant.gql)).toEqual([{ phoneNumber: ANNE, source: 'reply' }]);
    const [part] = partsOf(BOB, ['Stop, et ', '…']);
    await say(url, { ...part, type: 'stop' });
    expect((await optOutsOf(tenant.gql)).map(({ phoneNumber }) => phoneNumber)).toEqual([BOB, ANNE]);
  });

  test('to a transactional SMS ends commercial ones, and not transactional ones', async () => {
    const { url } = await sent({ category: 'TRANSACTIONAL' });
    await say(url, answer(ANNE, 'STOP'));
    expect((await refused(tenant.gql, { to: [ANNE] })).__typename).toBe('NoRecipient');
    const { message } = await sent({ category: 'TRANSACTIONAL' });
    expect(await fates(message)).toEqual({ [ANNE]: 'SENT' });
  });

  test('between hold and release: what is held for him does not leave and is paid back, and the others get theirs', async () => {
    const { url } = await sent({ to: [ANNE, BOB] });
    app.clock.set(EVENING);
    const held = await accepted(tenant.gql, { to: [ANNE, BOB] });
    const alone = await accepted(tenant.gql, { to: [ANNE] });
    const batch = await acceptedBatch(tenant.gql, {
      messages: [
        { to: ANNE, text: 'Soldes' },
        { to: BOB, text: 'Soldes' },
      ],
    });
    expect([held.status, alone.status, batch.status]).toEqual(['HELD', 'HELD', 'HELD']);
    await say(url, answer(ANNE, 'Stop !'));
    app.clock.set(MORNING);
    await app.tick();
    expect(await fates(held)).toEqual({ [ANNE]: 'OPTED_OUT', [BOB]: 'SENT' });
    expect(await fates(alone)).toEqual({ [ANNE]: 'OPTED_OUT' });
    expect(await look(tenant.gql, alone.id)).toMatchObject({ cost: '0.0000', waiting: [] });
    expect(await fatesOf(tenant.gql, batch.id)).toEqual(['OPTED_OUT', 'SENT']);
    const inBulk = provider.bulkCalls.flatMap(({ bulk }) => bulk.messages.map(({ phoneNumber }) => phoneNumber));
    const inCalls = provider.calls.slice(1).flatMap(({ sms }) => sms.recipients);
    expect([...inCalls, ...inBulk]).toEqual([BOB, BOB]);
    // Two before the STOP, and one each of what was held.
    expect(await balanceOf(tenant.gql)).toBe('99.8200');
    expect(await booksOf(app, tenant.id)).toMatchObject({ ledger: '99.8200', due: '99.8200', misjudged: 0 });
  });

  test('between release and the call: the same', async () => {
    const { url } = await sent({ to: [ANNE, BOB] });
    provider.answers(UNREACHABLE);
    const waiting = await accepted(tenant.gql, { to: [ANNE, BOB] });
    await app.tick();
    expect(await look(tenant.gql, waiting.id)).toMatchObject({
      status: 'QUEUED',
      waiting: [{ kind: 'PROVIDER_DOWN' }],
    });
    await say(url, answer(ANNE, 'STOP'));
    app.clock.advance({ minutes: 10 });
    await app.tick();
    expect(await fates(waiting)).toEqual({ [ANNE]: 'OPTED_OUT', [BOB]: 'SENT' });
    expect(provider.calls.at(-1)?.sms.recipients).toEqual([BOB]);
    expect(await balanceOf(tenant.gql)).toBe('99.8650');
  });

  test('that came while nobody read answers goes before what was held: commercial SMS wait for it, codes do not', async () => {
    const { url } = await sent({ to: [ANNE, BOB] });
    app.clock.set(EVENING);
    const held = await accepted(tenant.gql, { to: [ANNE, BOB] });
    expect(await post(url, answer(ANNE, 'STOP'))).toMatchObject({ status: 200 });
    app.clock.set(MORNING);
    const code = await accepted(tenant.gql, { to: [BOB], category: 'TRANSACTIONAL' });
    // The workers begin with what is held, and read answers after it.
    await app.tick();
    expect(await fates(code)).toEqual({ [BOB]: 'SENT' });
    expect(await look(tenant.gql, held.id)).toMatchObject({
      status: 'QUEUED',
      waiting: [{ kind: 'QUEUE', explanation: expect.stringContaining('one may be a STOP') }],
    });
    app.clock.advance({ seconds: 1 });
    await app.tick();
    expect(await fates(held)).toEqual({ [ANNE]: 'OPTED_OUT', [BOB]: 'SENT' });
  });

  test('said by nobody, in the sandbox, opts nobody out', async () => {
    await accepted(tenant.gql, { to: [ANNE], sandbox: true });
    await app.tick();
    await say(app.simulator.accepted.at(-1)?.sms.replyUrl ?? '', answer(ANNE, 'STOP'));
    expect(await textsOf(tenant.gql)).toEqual(['STOP']);
    expect(await optOutsOf(tenant.gql)).toEqual([]);
  });
});
