import { parsePhoneNumber } from 'libphonenumber-js/max';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Clock } from '../../../src/kernel/index.js';
import { SimulatorProvider, readSmsPartnerReceipt } from '../../../src/providers/index.js';
import type { OutgoingSms } from '../../../src/providers/index.js';
import { simulatedCost, simulatedParts } from '../../../src/providers/simulator/simulated-price.js';
import { sampleSms } from '../../support/sample-sms.js';
import { SmsPartnerStub, answerText } from '../../support/smspartner-stub.js';

class MovedClock extends Clock {
  constructor(private at: number) {
    super();
  }
  now(): Date {
    return new Date(this.at);
  }
  advance(ms: number): void {
    this.at += ms;
  }
}

const DELAY_MS = 2_000;
const START = Date.parse('2026-03-02T09:00:00Z');
const DELIVERED = '+33612340000';

let clock: MovedClock;
let simulator: SimulatorProvider;
let receiver: SmsPartnerStub;

beforeEach(async () => {
  clock = new MovedClock(START);
  simulator = new SimulatorProvider({ clock, receiptDelayMs: DELAY_MS });
  receiver = await SmsPartnerStub.start();
});

afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const magic = (digits: string): string => `+3361234${digits}`;

const send = (changes: Partial<OutgoingSms>) =>
  simulator.send(sampleSms({ receiptUrl: `${receiver.baseUrl}/receipts/secret`, ...changes }), null, {
    signal: new AbortController().signal,
    mayStart: () => true,
  });

const receiptsAfterDelay = async () => {
  clock.advance(DELAY_MS);
  await simulator.deliverDue();
  return receiver.requests.map(({ body }) => body);
};

test.each([
  ['0010', 'Oui'],
  ['0011', 'STOP'],
])('a recipient that ends in %s is delivered and answers "%s"', async (digits, text) => {
  const phone = magic(digits);
  await send({ recipients: [phone], replyUrl: `${receiver.baseUrl}/replies/secret` });
  const bodies = await receiptsAfterDelay();
  const { message_id: id } = bodies.find(body => 'text' in body) ?? {};
  expect(bodies).toHaveLength(2);
  expect(bodies).toContainEqual(expect.objectContaining({ status: 'delivered', phone, msgId: String(id) }));
  expect(bodies).toContainEqual({ type: 'response', phone_number: phone, text, message_id: expect.any(Number) });
  expect(receiver.requests.map(({ path }) => path).toSorted()).toEqual(['/receipts/secret', '/replies/secret']);
});

test('magic numbers are valid French mobiles', () => {
  for (let last = 1; last <= 11; last += 1) {
    const number = parsePhoneNumber(magic(String(last).padStart(4, '0')));
    expect([number.isValid(), number.getType()]).toEqual([true, 'MOBILE']);
  }
});

describe('receipts', () => {
  test('are posted in the wire format once the clock says so, and read back', async () => {
    expect(await send({ recipients: [DELIVERED] })).toEqual({
      status: 'accepted',
      providerMessageId: String(START * 1_000),
      parts: 1,
      cost: '0.0380',
      currency: 'EUR',
    });
    expect(await simulator.deliverDue()).toBe(0);
    const [receipt] = await receiptsAfterDelay();
    expect(receipt).toEqual({
      status: 'delivered',
      msgId: String(START * 1_000),
      date: START / 1_000 + 2,
      phone: DELIVERED,
      cost: '0.0380',
      currency: 'EUR',
      tag: 'k3j9x0q7m2v5b8n1',
    });
    expect(receiver.requests[0]?.path).toBe('/receipts/secret');
    expect(readSmsPartnerReceipt(receipt)).toMatchObject({ ok: true, receipt: { phoneNumber: DELIVERED } });
    expect(await simulator.deliverDue()).toBe(0);
  });

  test('each recipient has its own', async () => {
    const recipients = [DELIVERED, magic('0002'), magic('0003'), magic('0008')];
    expect(await send({ recipients })).toMatchObject({ status: 'accepted', parts: 4, cost: '0.1520' });
    const statuses = (await receiptsAfterDelay()).map(({ phone, status }) => [phone, status]);
    expect(Object.fromEntries(statuses)).toEqual({
      [DELIVERED]: 'delivered',
      [magic('0002')]: 'not delivered',
      [magic('0008')]: 'ko',
    });
    expect(simulator.pendingReceipts).toBe(0);
  });

  test('a call of 500 is posted by few connections', async () => {
    const recipients = Array.from({ length: 500 }, (_, index) => `+336123${String(50_100 + index)}`);
    await send({ recipients });
    expect(await receiptsAfterDelay()).toHaveLength(500);
    expect(receiver.connections).toBeLessThanOrEqual(8);
  });

  test('one that is not taken comes back later and later, then no more', async () => {
    receiver.reaction = answerText(500, 'later');
    await send({ recipients: [DELIVERED] });
    await receiptsAfterDelay();
    for (const [index, delay] of [1_000, 5_000, 30_000, 120_000].entries()) {
      clock.advance(delay - 1);
      expect(await simulator.deliverDue()).toBe(0);
      expect(receiver.requests).toHaveLength(index + 1);
      clock.advance(1);
      expect(await simulator.deliverDue()).toBe(0);
      expect(receiver.requests).toHaveLength(index + 2);
    }
    expect(simulator.pendingReceipts).toBe(0);
  });

  test('an address that does not answer, or is none, harms nobody', async () => {
    await send({ recipients: [DELIVERED], receiptUrl: 'http://127.0.0.1:1/' });
    await send({ recipients: [DELIVERED], receiptUrl: 'not a URL' });
    await send({ recipients: [DELIVERED] });
    clock.advance(DELAY_MS);
    expect(await simulator.deliverDue()).toBe(1);
    expect(simulator.pendingReceipts).toBe(2);
  });

  test('what waits is bounded', async () => {
    const recipients = Array.from({ length: 500 }, (_, index) => `+336123${String(50_100 + index)}`);
    for (let call = 0; call < 202; call += 1) await send({ recipients });
    expect(simulator.pendingReceipts).toBe(100_000);
  });
});

describe('moods', () => {
  test('unknown comes in two kinds: nothing sent, and sent all the same', async () => {
    expect(await send({ recipients: [magic('0004')] })).toMatchObject({ status: 'unknown' });
    expect(await receiptsAfterDelay()).toEqual([]);
    expect(await send({ recipients: [magic('0009')] })).toMatchObject({ status: 'unknown' });
    expect(await receiptsAfterDelay()).toMatchObject([{ status: 'delivered', phone: magic('0009') }]);
    expect(simulator.accepted.map(({ sms }) => sms.recipients)).toEqual([[magic('0009')]]);
  });

  test('in one call the obstacle that comes first wins', async () => {
    const order = ['0005', '0006', '0007', '0001', '0004', '0009', '0002'];
    const outcomes = [];
    for (let first = 0; first < order.length; first += 1) {
      outcomes.push((await send({ recipients: order.slice(first).toReversed().map(magic) })).status);
    }
    expect(outcomes).toEqual(['not-sent', 'blocked', 'outside-hours', 'refused', 'unknown', 'unknown', 'accepted']);
    expect(simulator.accepted).toHaveLength(2);
  });

  test('ids increase, and only the last thousand calls are remembered', async () => {
    for (let call = 0; call < 1_001; call += 1) await send({ recipients: [magic('0003')] });
    const ids = simulator.accepted.map(({ providerMessageId }) => Number(providerMessageId));
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([1_000, START * 1_000 + 1, START * 1_000 + 1_000]);
  });
});

describe('price', () => {
  test.each([
    [160, false, 1],
    [161, false, 2],
    [306, false, 2],
    [307, false, 3],
    [70, true, 1],
    [71, true, 2],
    [134, true, 2],
    [135, true, 3],
  ])('%d characters, unicode %s: %d parts', (length, unicode, parts) => {
    expect(simulatedParts({ text: 'a'.repeat(length), unicode })).toBe(parts);
  });

  test('the euro sign takes two places', () => {
    expect(simulatedParts({ text: '€'.repeat(80), unicode: false })).toBe(1);
    expect(simulatedParts({ text: '€'.repeat(81), unicode: false })).toBe(2);
  });

  test('cost is exact', () => {
    expect([0, 1, 27, 500].map(simulatedCost)).toEqual(['0.0000', '0.0380', '1.0260', '19.0000']);
  });
});
