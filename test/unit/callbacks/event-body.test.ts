import { describe, expect, test } from 'vitest';
import {
  bodyOf,
  deliveryData,
  isToldOf,
  messageData,
  optOutData,
  replyData,
} from '../../../src/callbacks/webhooks/event-body.js';
import { asTenantId } from '../../../src/kernel/index.js';
import type { DeliveryStatus, Message, MessageAsItStands } from '../../../src/messaging/index.js';

const AT = new Date('2026-01-13T10:00:00.123Z');
const MESSAGE: Message = {
  tenantId: asTenantId('0198a1b2-0000-7000-8000-000000000001'),
  id: '0198a1b2-0000-7000-8000-000000000002',
  number: 4_000,
  batchId: null,
  batchNumber: null,
  status: 'HELD',
  category: 'COMMERCIAL',
  route: 'PREMIUM',
  sender: null,
  text: 'a secret text',
  bareText: 'a secret text',
  sentText: 'a secret text STOP au 36180',
  appendStop: true,
  unicode: false,
  encoding: 'GSM7',
  parts: 1,
  tag: 'spring',
  sandbox: false,
  recipientCount: 2,
  cost: '0.0900',
  currency: 'EUR',
  scheduledFor: null,
  validitySeconds: 3_600,
  receiptUrl: 'https://www.example.com/?secret=1',
  replyUrl: null,
  createdAt: AT,
  version: 0,
};
const NAME = { id: MESSAGE.id, number: 4_000, batchId: null, batchNumber: null, tag: 'spring' };
const COUNTS = {
  waiting: 2,
  sent: 0,
  delivered: 0,
  undelivered: 0,
  expired: 0,
  refused: 0,
  optedOut: 0,
  cancelled: 0,
  unconfirmed: 0,
};
const STANDING: MessageAsItStands = {
  message: MESSAGE,
  counts: COUNTS,
  releaseAt: new Date('2026-01-14T07:00:00Z'),
  holds: [
    {
      rule: 'QUIET_HOURS',
      policy: 'smspartner',
      territory: 'METROPOLE',
      timeZone: 'Europe/Paris',
      localTime: '2026-01-13T21:00:00',
      holiday: null,
      recipients: 2,
      releaseAt: new Date('2026-01-14T07:00:00Z'),
      explanation: 'It is night.',
    },
  ],
};
const told = (data: object): unknown => JSON.parse(JSON.stringify(data));

describe('the body of an event', () => {
  test('is type, timestamp and data, in this order', () => {
    expect(bodyOf('message.sent', AT, { a: 1 })).toBe(
      '{"type":"message.sent","timestamp":"2026-01-13T10:00:00.123Z","data":{"a":1}}',
    );
  });

  test('of a message tells how it stands, money in exact decimals', () => {
    expect(told(messageData('message.accepted', STANDING))).toEqual({
      ...NAME,
      status: 'HELD',
      category: 'COMMERCIAL',
      sandbox: false,
      recipientCount: 2,
      counts: COUNTS,
      parts: 1,
      cost: '0.0900',
      currency: 'EUR',
      scheduledFor: null,
      createdAt: '2026-01-13T10:00:00.123Z',
    });
  });

  test('of a hold says why, where and until when', () => {
    expect(told(messageData('message.held', STANDING))).toMatchObject({
      releaseAt: '2026-01-14T07:00:00.000Z',
      holds: [
        {
          rule: 'QUIET_HOURS',
          territory: 'METROPOLE',
          recipients: 2,
          releaseAt: '2026-01-14T07:00:00.000Z',
          explanation: 'It is night.',
        },
      ],
    });
  });

  test('never tells the text of an SMS, nor an address of the tenant', () => {
    const everything = JSON.stringify([
      messageData('message.held', STANDING),
      deliveryData(MESSAGE, {
        id: 'x',
        phoneNumber: '+33612345678',
        status: 'DELIVERED',
        errorCode: null,
        cost: '0.0450',
      }),
    ]);
    expect(everything).not.toMatch(/secret|STOP|example\.com/);
  });

  test('of a recipient names him and his message', () => {
    const delivery = { id: 'x', phoneNumber: '+33612345678', errorCode: 'NO_RECEIPT', cost: '0.0450' };
    expect(told(deliveryData(MESSAGE, { ...delivery, status: 'EXPIRED' }))).toEqual({
      ...delivery,
      status: 'EXPIRED',
      currency: 'EUR',
      message: NAME,
    });
  });

  test.each([
    ['DELIVERED', true],
    ['UNDELIVERED', true],
    ['EXPIRED', true],
    ['REFUSED', true],
    ['OPTED_OUT', true],
    ['CANCELLED', true],
    ['WAITING', false],
    ['SENT', false],
    ['UNCONFIRMED', false],
  ] as const)('of a recipient who is %s is told: %j', (status: DeliveryStatus, expected) => {
    expect(isToldOf({ id: 'x', phoneNumber: null, status, errorCode: null, cost: '0.0450' })).toBe(expected);
  });

  test('of a STOP and of a reply name who said what', () => {
    const phoneNumber = '+33612345678';
    expect(told(optOutData({ id: 'x', phoneNumber, source: 'reply', createdAt: AT }))).toEqual({
      id: 'x',
      phoneNumber,
      source: 'reply',
      createdAt: AT.toISOString(),
    });
    const reply = { id: 'x', kind: 'stop', message: MESSAGE, phoneNumber, text: 'Stop "é"', receivedAt: AT } as const;
    const data = { id: 'x', stop: true, from: phoneNumber, text: 'Stop "é"', receivedAt: AT.toISOString() };
    expect(told(replyData(reply))).toEqual({ ...data, message: NAME });
    expect(told(replyData({ ...reply, kind: 'response', message: null }))).toEqual({
      ...data,
      stop: false,
      message: null,
    });
  });
});
