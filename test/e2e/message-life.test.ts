import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GraphqlClient } from '../support/graphql-client.js';
import { accepted, balanceOf, deliveriesOf, look, type MessageView, refused } from '../support/messages.js';
import { appAt, type TestApp } from '../support/test-app.js';

let app: TestApp;
let gql: GraphqlClient;
beforeEach(async () => {
  // Monday 12 January 2026, 11:00 in Paris: open.
  app = await appAt('2026-01-12T10:00:00Z');
  ({ gql } = await app.tenant());
});
afterEach(() => app.close());

const NOTHING = {
  waiting: 0,
  sent: 0,
  delivered: 0,
  undelivered: 0,
  expired: 0,
  refused: 0,
  optedOut: 0,
  cancelled: 0,
  unconfirmed: 0,
};

const kinds = (message: MessageView): string[] => message.timeline.map(event => event.kind);

/** Time for the simulator's receipts to come and be applied. */
async function receipts(): Promise<void> {
  app.clock.advance({ seconds: 2 });
  await app.tick();
}

describe('from acceptance to the handset', () => {
  test('an SMS is QUEUED, then SENT, then COMPLETED with its delivery DELIVERED, and its timeline tells all of it', async () => {
    const queued = await accepted(gql, { text: 'Votre colis est arrivé', sender: 'Boutique' });
    expect(queued).toMatchObject({
      status: 'QUEUED',
      recipientCount: 1,
      counts: { ...NOTHING, waiting: 1 },
      cost: '0.0450',
      currency: 'EUR',
      scheduledFor: null,
      releaseAt: null,
    });
    expect(app.simulator.accepted).toHaveLength(0);
    expect(await balanceOf(gql)).toBe('99.9550');

    app.clock.advance({ seconds: 1 });
    await app.tick();
    const sent = await look(gql, queued.id);
    expect(sent).toMatchObject({ status: 'SENT', counts: { ...NOTHING, sent: 1 } });
    expect(app.simulator.accepted.map(({ sms }) => sms)).toEqual([
      expect.objectContaining({
        recipients: ['+33612345678'],
        text: 'Votre colis est arrivé',
        sender: 'Boutique',
        route: 'PREMIUM',
        stopMention: true,
        unicode: false,
      }),
    ]);

    await receipts();
    const done = await look(gql, queued.id);
    expect(done).toMatchObject({ status: 'COMPLETED', counts: { ...NOTHING, delivered: 1 }, waiting: [], holds: [] });
    expect(await deliveriesOf(gql, queued.id)).toEqual([
      {
        phoneNumber: '+33612345678',
        territory: 'METROPOLE',
        status: 'DELIVERED',
        errorCode: null,
        errorMessage: null,
        cost: '0.0450',
      },
    ]);
    expect(done.timeline.map(({ at, kind }) => [at, kind])).toEqual([
      ['2026-01-12T10:00:00.000Z', 'accepted'],
      ['2026-01-12T10:00:01.000Z', 'attempt'],
      ['2026-01-12T10:00:01.000Z', 'sent'],
      ['2026-01-12T10:00:03.000Z', 'receipt'],
    ]);
    expect(done.timeline[1]?.detail).toContain(app.simulator.accepted[0]?.sms.tag);
    expect(JSON.stringify(done.timeline)).not.toMatch(/612345678|colis/);
    expect(await balanceOf(gql)).toBe('99.9550');
  });

  test('nothing more happens to a completed message, whatever time passes', async () => {
    const { id } = await accepted(gql);
    await app.tick();
    await receipts();
    const done = await look(gql, id);
    app.clock.advance({ days: 3 });
    await app.tick();
    expect(await look(gql, id)).toEqual(done);
    expect(app.simulator.accepted).toHaveLength(1);
  });

  test('an SMS that the operator could not deliver is COMPLETED and UNDELIVERED with its error, and charged', async () => {
    const { id } = await accepted(gql, { to: ['+33612340002', '+33612345678'] });
    await app.tick();
    await receipts();
    expect(await look(gql, id)).toMatchObject({
      status: 'COMPLETED',
      counts: { ...NOTHING, delivered: 1, undelivered: 1 },
    });
    expect(await deliveriesOf(gql, id)).toEqual([
      expect.objectContaining({
        phoneNumber: '+33612340002',
        status: 'UNDELIVERED',
        errorCode: expect.stringMatching(/./),
        errorMessage: expect.stringMatching(/./),
        cost: '0.0450',
      }),
      expect.objectContaining({ phoneNumber: '+33612345678', status: 'DELIVERED', errorCode: null }),
    ]);
    expect(await balanceOf(gql)).toBe('99.9100');
  });

  test('an SMS of which no receipt comes stays SENT and says that it waits for the RECEIPT', async () => {
    const { id } = await accepted(gql, { to: ['+33612340003', '+33612345678'] });
    await app.tick();
    await receipts();
    app.clock.advance({ hours: 6 });
    await app.tick();
    const silent = await look(gql, id);
    expect(silent).toMatchObject({ status: 'SENT', counts: { ...NOTHING, sent: 1, delivered: 1 } });
    expect(silent.waiting).toEqual([expect.objectContaining({ kind: 'RECEIPT', recipients: 1 })]);
    expect(app.simulator.accepted).toHaveLength(1);
  });

  test('a refused recipient is REFUSED and paid back; the others of the call go in a new one, none twice', async () => {
    const { id } = await accepted(gql, { to: ['+33612345678', '+33612340001', '+33687654321'] });
    expect(await balanceOf(gql)).toBe('99.8650');
    await app.tick();
    await receipts();
    expect(await look(gql, id)).toMatchObject({
      status: 'COMPLETED',
      cost: '0.0900',
      counts: { ...NOTHING, delivered: 2, refused: 1 },
    });
    expect(app.simulator.accepted.map(({ sms }) => sms.recipients)).toEqual([['+33612345678', '+33687654321']]);
    const [, wrong] = await deliveriesOf(gql, id);
    expect(wrong).toMatchObject({ status: 'REFUSED', errorCode: '9', cost: '0.0000' });
    expect(wrong?.errorMessage).not.toBeNull();
    expect(await balanceOf(gql)).toBe('99.9100');
  });

  test('an SMS that the provider refuses altogether is FAILED and paid back', async () => {
    const { id } = await accepted(gql, { to: ['+33612340001'] });
    await app.tick();
    expect(await look(gql, id)).toMatchObject({ status: 'FAILED', cost: '0.0000', waiting: [] });
    expect(await balanceOf(gql)).toBe('100.0000');
  });

  test('an SMS that cannot leave within its validity is FAILED and paid back once', async () => {
    const { id } = await accepted(gql, { to: ['+33612340005'], validitySeconds: 600 });
    await app.tick();
    app.clock.advance({ minutes: 10 });
    await app.tick();
    expect(await look(gql, id)).toMatchObject({ status: 'FAILED', counts: { ...NOTHING, refused: 1 }, waiting: [] });
    expect(await deliveriesOf(gql, id)).toEqual([
      expect.objectContaining({ status: 'REFUSED', errorCode: 'VALIDITY_EXPIRED', cost: '0.0000' }),
    ]);
    expect(await balanceOf(gql)).toBe('100.0000');
    app.clock.advance({ days: 1 });
    await app.tick();
    expect(await balanceOf(gql)).toBe('100.0000');
  });

  test('nights do not prolong the 48 hours of a commercial SMS beyond the hours they take', async () => {
    const { id } = await accepted(gql, { to: ['+33612340005'] });
    // 9 hours are left of Monday, then 12 a day: the last 3 on Friday.
    while (app.clock.now() < new Date('2026-01-16T10:00:00Z')) {
      await app.tick();
      expect((await look(gql, id)).status).toMatch(/^(QUEUED|HELD)$/);
      app.clock.advance({ hours: 1 });
    }
    await app.tick();
    expect(await look(gql, id)).toMatchObject({ status: 'FAILED', counts: { ...NOTHING, refused: 1 } });
    expect(await balanceOf(gql)).toBe('100.0000');
  });

  test('a short validity is not eaten by the night: what was left of it begins again in the morning', async () => {
    app.clock.set('2026-01-12T18:55:00Z');
    const { id } = await accepted(gql, { to: ['+33612340005'], validitySeconds: 600 });
    for (const [at, status] of [
      ['2026-01-12T18:55:00Z', 'QUEUED'],
      ['2026-01-12T19:00:00Z', 'HELD'],
      ['2026-01-13T07:00:00Z', 'QUEUED'],
      ['2026-01-13T07:04:59Z', 'QUEUED'],
      ['2026-01-13T07:05:00Z', 'FAILED'],
    ] as const) {
      app.clock.set(at);
      await app.tick();
      expect([at, (await look(gql, id)).status]).toEqual([at, status]);
    }
  });

  test('a doubtful call is UNCONFIRMED and never repeated; a receipt settles it', async () => {
    const { id } = await accepted(gql, { to: ['+33612340009'] });
    await app.tick();
    expect((await look(gql, id)).status).toBe('UNCONFIRMED');
    await receipts();
    const done = await look(gql, id);
    expect(done).toMatchObject({ status: 'COMPLETED', counts: { ...NOTHING, delivered: 1 } });
    expect(kinds(done)).toEqual(['accepted', 'attempt', 'unconfirmed', 'confirmed', 'receipt']);
    app.clock.advance({ days: 1 });
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(1);
    expect(await balanceOf(gql)).toBe('99.9550');
  });

  test('one who says STOP while the SMS is held gets nothing and is paid back; the others get it', async () => {
    app.clock.set('2026-01-12T21:00:00Z');
    const { id } = await accepted(gql, { to: ['+33612345678', '+33687654321'] });
    await gql.run('mutation { addOptOut(phoneNumber: "06 12 34 56 78") { phoneNumber } }');
    app.clock.set('2026-01-13T07:00:00Z');
    await app.tick();
    await receipts();
    expect(app.simulator.accepted.map(({ sms }) => sms.recipients)).toEqual([['+33687654321']]);
    expect(await look(gql, id)).toMatchObject({
      status: 'COMPLETED',
      counts: { ...NOTHING, delivered: 1, optedOut: 1 },
    });
    expect(await balanceOf(gql)).toBe('99.9550');
  });
});

describe('recipients', () => {
  test('a number given twice counts once, in whatever spelling', async () => {
    const message = await accepted(gql, {
      to: ['+33612345678', '0612345678', '06 12 34 56 78', '0033 6.12.34.56.78', '+33 (0)6-12-34-56-78', '0692123456'],
    });
    expect(message).toMatchObject({ recipientCount: 2, cost: '0.0900' });
    expect((await deliveriesOf(gql, message.id)).map(delivery => delivery.phoneNumber)).toEqual([
      '+33612345678',
      '+262692123456',
    ]);
    await app.tick();
    const called = app.simulator.accepted.map(({ sms }) => sms.recipients.join());
    expect(called.toSorted()).toEqual(['+262692123456', '+33612345678']);
  });

  test('every mistake is reported at once with its path, and nothing is sent or charged', async () => {
    const refusal = await refused(gql, {
      to: ['+33612345678', '0142345678', '36180', 'Dupont', '+3361234567'],
      text: '',
      sender: '12',
      tag: 'With Space',
      validitySeconds: 1,
      receiptUrl: 'http://10.0.0.1/receipts',
    });
    expect(refusal).toMatchObject({ __typename: 'InvalidSms', code: 'INVALID_SMS' });
    expect(refusal.problems?.map(({ path, code }) => [path, code])).toEqual([
      [['to', '1'], 'LANDLINE'],
      [['to', '2'], 'SHORT_CODE'],
      [['to', '3'], 'INVALID_PHONE_NUMBER'],
      [['to', '4'], 'INVALID_PHONE_NUMBER'],
      [['text'], 'TEXT_REQUIRED'],
      [['sender'], 'INVALID_SENDER'],
      [['tag'], 'INVALID_TAG'],
      [['validitySeconds'], 'INVALID_VALIDITY'],
      [['receiptUrl'], 'INVALID_URL'],
    ]);
    for (const { message } of refusal.problems ?? []) expect(message.length).toBeGreaterThan(20);
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(0);
    expect(await balanceOf(gql)).toBe('100.0000');
  });

  test('a number without a price and a territory that no number permits are refused with their paths', async () => {
    expect((await refused(gql, { to: ['+33612345678', '+12015550123'] })).problems).toEqual([
      expect.objectContaining({ path: ['to', '1'], code: 'NO_PRICE' }),
    ]);
    expect((await refused(gql, { territory: 'MAYOTTE' })).problems).toEqual([
      expect.objectContaining({ path: ['territory'], code: 'TERRITORY_NOT_PERMITTED' }),
    ]);
    expect((await refused(gql, { to: [] })).problems).toEqual([
      expect.objectContaining({ path: ['to'], code: 'RECIPIENTS_REQUIRED' }),
    ]);
  });

  test('characters that cannot be in a tag or a key are refused by name, not with an opaque error', async () => {
    expect((await refused(gql, { tag: 'a\u0000b' })).problems).toEqual([
      expect.objectContaining({ path: ['tag'], code: 'INVALID_TAG' }),
    ]);
    expect((await refused(gql, { idempotencyKey: 'a\u0000b' })).problems).toEqual([
      expect.objectContaining({ path: ['idempotencyKey'], code: 'INVALID_IDEMPOTENCY_KEY' }),
    ]);
    expect((await refused(gql, { text: 'a\u0000b' })).problems).toEqual([expect.objectContaining({ path: ['text'] })]);
  });
});

describe('the text', () => {
  test('is shown as written and as the handset shows it: replaced, with the STOP mention of a commercial PREMIUM SMS', async () => {
    const message = await accepted(gql, { text: 'Soldes « exceptionnelles » : -50 %' });
    expect(message.text).toBe('Soldes « exceptionnelles » : -50 %');
    expect(message.sentText).toMatch(/^Soldes ".*exceptionnelles.*" : -50 % STOP au 36180$/);
    expect(message).toMatchObject({ encoding: 'GSM7', parts: 1 });
    await app.tick();
    const { sms } = app.simulator.accepted[0] ?? {};
    // One party appends the mention: the provider, asked to.
    expect(sms).toMatchObject({ stopMention: true });
    expect(`${sms?.text} STOP au 36180`).toBe(message.sentText);
  });

  test('has its STOP mention counted in parts and price', async () => {
    const fits = await accepted(gql, { text: 'a'.repeat(160 - ' STOP au 36180'.length) });
    expect(fits).toMatchObject({ parts: 1, cost: '0.0450' });
    const tooLong = await accepted(gql, { text: 'a'.repeat(161 - ' STOP au 36180'.length) });
    expect(tooLong).toMatchObject({ parts: 2, cost: '0.0900' });
    const without = await accepted(gql, { text: 'a'.repeat(160), category: 'TRANSACTIONAL' });
    expect(without).toMatchObject({ parts: 1, cost: '0.0450', sentText: 'a'.repeat(160) });
  });

  test('that already ends with a mention gets no second one', async () => {
    const message = await accepted(gql, { text: 'Soldes STOP au 36180' });
    expect(message.sentText).toBe('Soldes STOP au 36180');
    await app.tick();
    expect(app.simulator.accepted[0]?.sms).toMatchObject({ text: 'Soldes STOP au 36180', stopMention: false });
  });
});

test('a sandbox message costs no credit, calls the simulator and completes; its cost is indicative', async () => {
  const poor = await app.tenant({ credit: '0' });
  const message = await accepted(poor.gql, { sandbox: true, text: 'a'.repeat(200) });
  expect(message).toMatchObject({ status: 'QUEUED', parts: 2, cost: '0.0900' });
  expect(await balanceOf(poor.gql)).toBe('0.0000');
  await app.tick();
  await receipts();
  expect(await look(poor.gql, message.id)).toMatchObject({ status: 'COMPLETED', counts: { ...NOTHING, delivered: 1 } });
  expect(await balanceOf(poor.gql)).toBe('0.0000');
  const refusal = await refused(poor.gql);
  expect(refusal).toMatchObject({ __typename: 'InsufficientCredit', required: '0.0450', balance: '0.0000' });
});

test('a refused sandbox message pays nothing back, because nothing was taken', async () => {
  const { id } = await accepted(gql, { sandbox: true, to: ['+33612340001'] });
  await app.tick();
  expect((await look(gql, id)).status).toBe('FAILED');
  expect(await balanceOf(gql)).toBe('100.0000');
});
