import { expect, test } from 'vitest';
import { codeOf, meaningOf } from '../../../src/providers/smspartner/error-codes.js';
import type { ErrorKind } from '../../../src/providers/smspartner/error-codes.js';
import { readSendResponse } from '../../../src/providers/smspartner/send-response.js';

const KINDS: Record<ErrorKind, readonly number[]> = {
  blocked: [1, 10, 11, 20, 30, 40, 96, 401, 403],
  'outside-hours': [22, 23],
  unknown: [500, 502, 599],
  'rate-limited': [429],
  refused: [2, 4, 9, 13, 14, 15, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 55, 90, 992, 77, 12345],
};
const CASES = Object.entries(KINDS).flatMap(([kind, codes]) => codes.map(code => ({ kind, code })));
const ASKED = { recipients: ['+33612345678'], texts: ['hello'], apiKey: 'key' };

const read = (status: number, code: unknown) =>
  readSendResponse({ status, headers: {}, body: JSON.stringify({ success: false, code }) }, ASKED);

test.each(CASES)('code $code is $kind, as number or string, under 400 or 200', ({ kind, code }) => {
  expect(meaningOf(String(code))).toEqual({ kind, reason: expect.stringMatching(/^[^\d].{10,}/) });
  const status = kind === 'rate-limited' ? 'not-sent' : kind;
  expect(read(400, code)).toMatchObject({ status });
  expect(read(400, String(code))).toEqual(read(400, code));
  expect(read(200, code)).toEqual(read(400, code));
});

test('what is no code is none: long numbers may be phone numbers', () => {
  expect([0, -1, 1.5, '', 'abc', null, undefined, 33612345678, [10]].map(codeOf)).toEqual(Array(9).fill(null));
});
