import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSmsPartnerReceipt } from '../../../src/providers/index.js';

const CAPTURED = {
  status: 'delivered',
  msgId: '95415616',
  date: 1771941463,
  phone: '+33612345678',
  cost: '0.049',
  currency: 'EUR',
};

describe('receipts', () => {
  test('as captured', () => {
    expect(readSmsPartnerReceipt(CAPTURED)).toEqual({
      ok: true,
      receipt: {
        providerMessageId: '95415616',
        phoneNumber: '+33612345678',
        status: 'delivered',
        errorCode: null,
        at: new Date('2026-02-24T13:57:43Z'),
        cost: '0.049',
        currency: 'EUR',
        tag: null,
      },
    });
  });

  test.each([
    ['delivered', 'delivered', null],
    ['Delivered', 'delivered', null],
    ['not delivered', 'undelivered', null],
    ['Not delivered', 'undelivered', null],
    ['NOT_DELIVERED', 'undelivered', null],
    ['ko', 'undelivered', 'ko'],
    ['KO', 'undelivered', 'ko'],
    ['waiting', 'waiting', null],
  ])('status %s is %s, error code %s', (word, status, errorCode) => {
    expect(readSmsPartnerReceipt({ ...CAPTURED, status: word })).toMatchObject({ receipt: { status, errorCode } });
  });

  test.each([
    ['+33612345678', '+33612345678'],
    ['33612345678', '+33612345678'],
    [33612345678, '+33612345678'],
    ['0033612345678', '+33612345678'],
    [' +33 6 12 34 56 78', '+33612345678'],
    ['0612345678', '0612345678'],
  ])('phone %j is %s', (phone, phoneNumber) => {
    expect(readSmsPartnerReceipt({ ...CAPTURED, phone })).toMatchObject({ receipt: { phoneNumber } });
  });

  test('numbers as strings and strings as numbers are the same', () => {
    const loose = { ...CAPTURED, msgId: 95415616, date: '1771941463', cost: 0.049, currency: 'eur', tag: 'k3j9' };
    expect(readSmsPartnerReceipt(loose)).toEqual(readSmsPartnerReceipt({ ...CAPTURED, tag: 'k3j9' }));
  });

  test('what cannot be read is none, the rest stands', () => {
    const poor = {
      status: 'ko',
      phone: '+33612345678',
      msgId: {},
      date: 'yesterday',
      cost: 'free',
      currency: 7,
      tag: '',
    };
    expect(readSmsPartnerReceipt(poor)).toMatchObject({
      ok: true,
      receipt: { providerMessageId: null, at: null, cost: null, currency: null, tag: null },
    });
  });

  test.each([
    ['no object', [CAPTURED]],
    ['no status', { ...CAPTURED, status: null }],
    ['a new status', { ...CAPTURED, status: 'read' }],
    ['no phone', { ...CAPTURED, phone: '' }],
    ['a phone that is none', { ...CAPTURED, phone: 'Marie' }],
    ['a phone with two prefixes', { ...CAPTURED, phone: '+0612345678' }],
  ])('%s is refused with a reason that carries no number', (_name, body) => {
    expect(readSmsPartnerReceipt(body)).toEqual({ ok: false, reason: expect.stringMatching(/^the receipt [^\d]+$/) });
  });
});

test('anything at all is read without a throw', () => {
  const fields = fc.record(
    {
      status: fc.oneof(fc.constantFrom('delivered', 'ko'), fc.jsonValue()),
      phone: fc.oneof(fc.constant('+33612345678'), fc.jsonValue()),
      date: fc.oneof(fc.double(), fc.jsonValue()),
      cost: fc.oneof(fc.double(), fc.jsonValue()),
      msgId: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fields, fc.anything()), body => {
      const receipt = readSmsPartnerReceipt(body);
      expect(receipt.ok ? String(receipt.receipt.at) : receipt.reason).not.toBe('Invalid Date');
    }),
    { numRuns: 500 },
  );
});
