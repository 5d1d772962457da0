import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { get, post, readReply, unanswered } from '../../../src/providers/smspartner/question.js';

const reply = (status: number, body: unknown) =>
  readReply({ status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) });

describe('a question', () => {
  test('as a GET has everything in its query, escaped', () => {
    expect(get('/v1/me', { tag: 'a b&c' })('k=y&')).toEqual({
      method: 'GET',
      path: '/v1/me?apiKey=k%3Dy%26&tag=a+b%26c',
      body: null,
    });
  });

  test('as a POST has everything in its body', () => {
    const request = { method: 'POST', path: '/v1/stop-sms/add', body: '{"apiKey":"key","phoneNumber":"+33612345678"}' };
    expect(post('/v1/stop-sms/add', { phoneNumber: '+33612345678' })('key')).toEqual(request);
  });
});

describe('a reply', () => {
  test.each([
    ['success', 200, { success: true, code: 200 }],
    ['success with its code as a string', 200, { success: true, code: '200' }],
    ['success without a code', 200, { success: true }],
    ['success behind a byte order mark', 200, '\uFEFF{"success":true}'],
  ])('%s is yes', (_name, status, body) => {
    expect(reply(status, body)).toMatchObject({ kind: 'yes', body: { success: true } });
  });

  test.each([
    ['an error', 400, { success: false, code: 10 }, '10'],
    ['an error as a string', 400, { success: false, code: '4' }, '4'],
    ['an error under HTTP 200', 200, { success: false, code: 4 }, '4'],
    ['an error under HTTP 404', 404, { success: false, code: 4 }, '4'],
  ])('%s is no', (_name, status, body, code) => {
    expect(reply(status, body)).toMatchObject({ kind: 'no', code });
  });

  test.each([
    ['too many requests', 429, { success: false, code: 4 }, 'too many requests'],
    ['a server that fails', 500, { success: true, code: 200 }, 'HTTP 500'],
    ['a server that fails with a code', 503, { success: false, code: 4 }, 'HTTP 503'],
    ['a redirect', 302, '', 'HTTP 302'],
    ['a page', 200, '<html>', 'HTTP 200 with an answer that cannot be read'],
    ['a list', 200, [], 'HTTP 200 with an answer that cannot be read'],
    ['truncated JSON', 200, '{"success":true', 'HTTP 200 with an answer that cannot be read'],
    ['success as a word', 200, { success: 'true' }, 'HTTP 200 with an answer that cannot be read'],
    ['an error without a code', 400, { success: false }, 'HTTP 400 with an answer that cannot be read'],
    ['success under HTTP 400', 400, { success: true, code: 200 }, 'the answer contradicts itself'],
    ['success with an error code', 200, { success: true, code: 4 }, 'the answer contradicts itself'],
    ['an error with the code of success', 200, { success: false, code: 200 }, 'the answer contradicts itself'],
    ['a page at the door', 403, '<html>', 'the account or our address is refused'],
    ['a code at the door', 404, { success: false, code: 404 }, 'the API is not at the configured address'],
  ])('%s is nothing', (_name, status, body, reason) => {
    expect(reply(status, body)).toEqual({ kind: 'nothing', reason });
  });

  test('that was not read to its end is nothing', () => {
    expect(readReply({ status: 200, headers: {}, body: null })).toMatchObject({ kind: 'nothing' });
  });
});

test.each([
  [400, { success: false, code: 10, message: 'Clé API k3y incorrecte' }, 'code 10: the API key is wrong'],
  [400, { success: false, code: 77 }, 'code 77: refused with an undocumented code'],
  [400, { success: false, code: 12345 }, 'refused with an undocumented code'],
  [200, { success: true }, 'the answer cannot be read'],
  [429, '', 'too many requests'],
])('HTTP %i %j, not understood, is no answer: %s', (status, body, reason) => {
  expect(unanswered(reply(status, body))).toEqual({ status: 'no-answer', reason });
});

test('no reply repeats what the provider said', () => {
  const body = fc.record(
    {
      success: fc.constantFrom(true, false, 'no'),
      code: fc.oneof(fc.nat(), fc.jsonValue()),
      message: fc.constant('secret'),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), fc.oneof(body, fc.jsonValue()), (status, json) => {
      const { reason } = unanswered(reply(status, json));
      expect(reason).toMatch(/^(HTTP \d{3}|code \d{1,3}: |[a-z])[^\d]*$/i);
      expect(reason).not.toContain('secret');
    }),
    { numRuns: 1_000 },
  );
});
