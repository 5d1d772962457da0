import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSmsPartnerReply } from '../../../src/providers/index.js';

const SHORT = { type: 'response', phone_number: '+33612345678', text: 'test', message_id: 1111111 };
const LONG = {
  msisdn: '33612345678',
  to: '33757900000',
  messageId: '0A0000000123ABCD1',
  text: 'Oui merci',
  type: 'text',
  keyword: 'OUI',
  'message-timestamp': '2026-01-13 10:00:00',
};
const PART = { ...LONG, concat: 'true', 'concat-ref': '108', 'concat-total': '3', 'concat-part': '2' };

describe('an answer to a short code', () => {
  test('reads as captured', () => {
    expect(readSmsPartnerReply(SHORT)).toEqual({
      ok: true,
      reply: {
        kind: 'response',
        phoneNumber: '+33612345678',
        text: 'test',
        long: null,
        providerMessageId: '1111111',
        part: null,
      },
    });
    expect(readSmsPartnerReply({ ...SHORT, type: 'STOP', text: 'STOP' })).toMatchObject({ reply: { kind: 'stop' } });
  });

  test('counts as a stop without a text and without an id', () => {
    expect(readSmsPartnerReply({ type: 'stop', phone_number: '33612345678' })).toMatchObject({
      ok: true,
      reply: { kind: 'stop', phoneNumber: '+33612345678', text: null, providerMessageId: null },
    });
  });

  test('without a type is one all the same, where it has a text', () => {
    const { type: _, ...untyped } = SHORT;
    expect(readSmsPartnerReply(untyped)).toMatchObject({ ok: true, reply: { kind: 'response', text: 'test' } });
    expect(readSmsPartnerReply({ ...untyped, text: '' })).toMatchObject({ ok: false });
  });

  test.each([
    null,
    'stop',
    [SHORT],
    { ...SHORT, type: 'call' },
    { ...SHORT, type: {} },
    { ...SHORT, phone_number: null },
  ])('%j is refused with a reason that carries no number', body => {
    expect(readSmsPartnerReply(body)).toEqual({ ok: false, reason: expect.stringMatching(/^the reply [^\d]+$/) });
  });
});

describe('an answer to a long number', () => {
  test('reads with what that form has more', () => {
    expect(readSmsPartnerReply(LONG)).toEqual({
      ok: true,
      reply: {
        kind: 'response',
        phoneNumber: '+33612345678',
        text: 'Oui merci',
        long: { to: '33757900000', keyword: 'OUI', timestamp: '2026-01-13 10:00:00' },
        providerMessageId: '0A0000000123ABCD1',
        part: null,
      },
    });
  });

  test.each(['text', 'unicode', 'response', '', undefined, 7])('of the type %j is a response', type => {
    expect(readSmsPartnerReply({ ...LONG, type })).toMatchObject({ ok: true, reply: { kind: 'response' } });
  });

  test('of the type "stop" is a stop', () => {
    expect(readSmsPartnerReply({ ...LONG, type: 'stop' })).toMatchObject({ reply: { kind: 'stop' } });
  });

  test('in parts says which part of how many, and keeps the blanks at its ends', () => {
    expect(readSmsPartnerReply({ ...PART, text: ' et puis ' })).toMatchObject({
      reply: { text: ' et puis ', part: { ref: '108', total: 3, number: 2 } },
    });
    const asNumbers = { ...PART, concat: true, 'concat-ref': 108, 'concat-total': 3, 'concat-part': 2 };
    expect(readSmsPartnerReply(asNumbers)).toMatchObject({ reply: { part: { ref: '108', total: 3, number: 2 } } });
  });

  test.each([
    { concat: 'false' },
    { concat: false },
    { concat: 0 },
    { 'concat-ref': '' },
    { 'concat-total': '1', 'concat-part': '1' },
    { 'concat-total': '256' },
    { 'concat-part': '0' },
    { 'concat-part': '4' },
    { 'concat-part': '-1' },
    { 'concat-total': 'three' },
  ])('is whole where it cannot be a part: %j', changes => {
    expect(readSmsPartnerReply({ ...PART, ...changes })).toMatchObject({ ok: true, reply: { part: null } });
  });
});

const value = (...usual: unknown[]) => fc.oneof(fc.constantFrom(...usual), fc.jsonValue());

test('anything at all is read without a throw', () => {
  const fields = fc.record(
    {
      type: value('stop', 'response', 'text'),
      phone_number: value('+33612345678'),
      msisdn: value('33612345678'),
      text: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
      messageId: fc.jsonValue(),
      concat: value('true', false),
      'concat-ref': value('7'),
      'concat-total': value('3', 2),
      'concat-part': value('1', 9),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fields, fc.anything()), body => {
      const reading = readSmsPartnerReply(body);
      const text = reading.ok ? (reading.reply.text ?? '') : reading.reason;
      expect([text.isWellFormed(), text.includes('\u0000')]).toEqual([true, false]);
    }),
    { numRuns: 500 },
  );
});
