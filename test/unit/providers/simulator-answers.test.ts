import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Clock } from '../../../src/kernel/index.js';
import { SimulatorProvider } from '../../../src/providers/index.js';
import type { OutgoingBulk, OutgoingSms } from '../../../src/providers/index.js';
import { sampleSms } from '../../support/sample-sms.js';
import { SmsPartnerStub } from '../../support/smspartner-stub.js';
import { sampleBulk } from './sample-bulk.js';

class MovedClock extends Clock {
  at = Date.parse('2026-03-02T09:00:00.500Z');

  now(): Date {
    return new Date(this.at);
  }
}

const DELAY_MS = 2_000;
const REPORTED_AT = new Date('2026-03-02T09:00:02Z');
const A = '+33612340000';
const B = '+33655557777';

let clock: MovedClock;
let simulator: SimulatorProvider;
let receiver: SmsPartnerStub;

beforeEach(async () => {
  clock = new MovedClock();
  simulator = new SimulatorProvider({ clock, receiptDelayMs: DELAY_MS });
  receiver = await SmsPartnerStub.start();
});

afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const magic = (digits: string): string => `+3361234${digits}`;
const call = { signal: new AbortController().signal, mayStart: () => true };

const send = (changes: Partial<OutgoingSms>) =>
  simulator.send(sampleSms({ receiptUrl: `${receiver.baseUrl}/receipts`, ...changes }), null, call);

const sendBulk = (numbers: readonly string[], changes: Partial<OutgoingBulk> = {}) => {
  const messages = numbers.map((phoneNumber, index) => ({ phoneNumber, text: 'x'.repeat(160 * index + 1) }));
  return simulator.sendBulk(
    sampleBulk({ receiptUrl: `${receiver.baseUrl}/receipts`, messages, ...changes }),
    null,
    call,
  );
};

const found = async (tag = 'k3j9x0q7m2v5b8n1') => {
  const answer = await simulator.findByTag(tag);
  return answer.status === 'answered' ? answer.value.map(({ phoneNumber, status }) => [phoneNumber, status]) : null;
};

describe('a bulk call', () => {
  test('bills each text by its own length, and each number has a receipt of its own', async () => {
    const id = String(clock.at * 1_000);
    expect(await sendBulk([A, magic('0002'), magic('0003')])).toEqual({
      status: 'accepted',
      providerMessageId: id,
      parts: 1 + 2 + 3,
      cost: '0.2280',
      currency: 'EUR',
      refused: [],
      unmentioned: [],
    });
    clock.at += DELAY_MS;
    expect(await simulator.deliverDue()).toBe(2);
    const receipts = receiver.requests
      .map(({ body }) => body)
      .toSorted((a, b) => (String(a['phone']) < String(b['phone']) ? -1 : 1));
    expect(receipts).toMatchObject([
      { phone: A, status: 'delivered', msgId: id, cost: '0.0380', tag: 'k3j9x0q7m2v5b8n1' },
      { phone: magic('0002'), status: 'not delivered', msgId: id, cost: '0.0760' },
    ]);
  });

  test('stands among the accepted text by text', async () => {
    await sendBulk([A, B]);
    expect(simulator.accepted.map(({ sms }) => [sms.recipients, sms.text.length, sms.sender])).toEqual([
      [[A], 1, 'BOUTIQUE'],
      [[B], 161, 'BOUTIQUE'],
    ]);
    expect(new Set(simulator.accepted.map(({ providerMessageId }) => providerMessageId)).size).toBe(1);
    expect(simulator.accepted[0]?.sms).not.toHaveProperty('messages');
  });

  test('goes to the rest when some of its numbers are refused', async () => {
    const refused = { phoneNumber: magic('0001'), code: '9', reason: expect.stringMatching(/refused/) };
    expect(await sendBulk([A, magic('0001'), B])).toMatchObject({
      status: 'accepted',
      parts: 4,
      refused: [refused],
      unmentioned: [],
    });
    expect(await found()).toEqual([
      [A, 'waiting'],
      [B, 'waiting'],
    ]);
    expect(simulator.pendingReceipts).toBe(2);
  });

  test('is refused when all are', async () => {
    expect(await sendBulk([magic('0001'), '+33655550001'])).toMatchObject({
      status: 'refused',
      code: '9',
      recipients: null,
    });
    expect(await found()).toEqual([]);
  });

  test.each([
    ['0005', { status: 'not-sent', cause: 'unreachable' }],
    ['0006', { status: 'blocked', code: '30' }],
    ['0007', { status: 'outside-hours', code: '22' }],
    ['0004', { status: 'unknown' }],
  ])('with %s has the mood of the whole call, and nothing has gone', async (digits, outcome) => {
    expect(await sendBulk([A, magic('0001'), magic(digits)])).toMatchObject(outcome);
    expect(await found()).toEqual([]);
    expect([simulator.accepted.length, simulator.pendingReceipts]).toEqual([0, 0]);
  });

  test('with 0009 is unknown, and has gone to all but the refused', async () => {
    expect(await sendBulk([A, magic('0001'), magic('0009')])).toMatchObject({ status: 'unknown' });
    expect(await found()).toEqual([
      [A, 'waiting'],
      [magic('0009'), 'waiting'],
    ]);
  });

  test('that may not start has not started', async () => {
    const late = { ...call, mayStart: () => false };
    expect(await simulator.sendBulk(sampleBulk(), null, late)).toMatchObject({ status: 'not-sent' });
    expect(simulator.accepted).toEqual([]);
  });
});

describe('doubt is settled by the tag', () => {
  test('0004 was not sent and is not found, 0009 was sent and is', async () => {
    await send({ recipients: [A, magic('0004')], tag: 'a' });
    await send({ recipients: [A, magic('0009')], tag: 'b' });
    expect(await found('a')).toEqual([]);
    expect(await found('b')).toEqual([
      [A, 'waiting'],
      [magic('0009'), 'waiting'],
    ]);
    expect(await found('never')).toEqual([]);
  });

  test('two calls under one tag are both found, and what is older than a thousand calls is forgotten', async () => {
    await send({ recipients: [A] });
    await send({ recipients: [B] });
    expect(await found()).toEqual([
      [A, 'waiting'],
      [B, 'waiting'],
    ]);
    for (let count = 0; count < 999; count += 1) await send({ recipients: [magic('0003')], tag: 'other' });
    expect(await found()).toEqual([[B, 'waiting']]);
  });
});

describe('statuses', () => {
  test('wait until the receipt is due, then say what it says', async () => {
    const numbers = [A, magic('0002'), magic('0003'), magic('0008')];
    const outcome = await send({ recipients: numbers });
    const providerMessageId = outcome.status === 'accepted' ? outcome.providerMessageId : '';
    const asked = numbers.map(phoneNumber => ({ providerMessageId, phoneNumber }));
    const waiting = numbers.map(phoneNumber => ({ providerMessageId, phoneNumber, status: 'waiting', at: null }));
    expect(await simulator.statuses(asked)).toEqual({ status: 'answered', value: waiting });
    clock.at += DELAY_MS;
    const reported = ['delivered', 'undelivered', 'waiting', 'undelivered'];
    expect(await simulator.statuses(asked)).toEqual({
      status: 'answered',
      value: numbers.map((phoneNumber, index) => {
        const status = reported[index];
        return { providerMessageId, phoneNumber, status, at: status === 'waiting' ? null : REPORTED_AT };
      }),
    });
  });

  test('of a number or an id that it does not know are not found', async () => {
    const outcome = await send({ recipients: [A] });
    const providerMessageId = outcome.status === 'accepted' ? outcome.providerMessageId : '';
    const strangers = [
      { providerMessageId, phoneNumber: B },
      { providerMessageId: '7', phoneNumber: A },
    ];
    expect(await simulator.statuses(strangers)).toEqual({
      status: 'answered',
      value: [
        { providerMessageId, phoneNumber: B, status: 'not-found', at: null },
        { providerMessageId: '7', phoneNumber: A, status: 'not-found', at: null },
      ],
    });
  });
});

test('what it knows has left already', async () => {
  const outcome = await send({ recipients: [A] });
  const providerMessageId = outcome.status === 'accepted' ? outcome.providerMessageId : '';
  expect(await simulator.cancel(providerMessageId)).toEqual({ status: 'answered', value: 'too-late' });
  expect(await simulator.cancel('7')).toEqual({ status: 'answered', value: 'not-found' });
});

test('an id of the STOP list is not given twice', async () => {
  expect(await simulator.addOptOut(A)).toEqual({ status: 'answered', value: '1' });
  expect(await simulator.removeOptOut('1')).toEqual({ status: 'answered', value: true });
  expect(await simulator.addOptOut(A)).toEqual({ status: 'answered', value: '2' });
  expect(await simulator.addOptOut(A)).toEqual({ status: 'answered', value: null });
  expect(await simulator.optOuts()).toEqual({ status: 'answered', value: [{ id: '2', phoneNumber: A }] });
});

test('the account is rich', async () => {
  expect(await simulator.account()).toEqual({
    status: 'answered',
    value: { balance: '1000000.0000', currency: 'EUR' },
  });
});
