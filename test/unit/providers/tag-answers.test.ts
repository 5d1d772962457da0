import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readReply } from '../../../src/providers/smspartner/question.js';
import { findByTag } from '../../../src/providers/smspartner/tag-answers.js';

/** Any JSON, and often enough something that means something. */
const spiced = (words: readonly unknown[]) => fc.oneof(fc.constantFrom(...words), fc.jsonValue());

/** [HTTP status, body] of page 1, 2, …; the last one again for all that follow. */
type Pages = readonly (readonly [status: number, body: unknown])[];

async function find(...pages: Pages) {
  const asked: number[] = [];
  const answer = await findByTag(async page => {
    asked.push(page);
    const [status, body] = pages[page - 1] ?? pages.at(-1) ?? [500, null];
    return readReply({ status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) });
  });
  return { ...answer, asked: asked.length };
}

const item = (phoneNumber: unknown, more: object = {}) => {
  return { phoneNumber, status: 'Delivered', stopSMS: false, date: '1517989111', ...more };
};
const page = (total: unknown, list: unknown, more: object = {}) =>
  [200, { success: true, code: 200, currentPage: 1, total, StatutResponse_List: list, ...more }] as const;

const A = '+33612345678';
const B = '+33698765432';
const C = '+262692112233';
const EMPTY = page(0, []);
const ABSENT = [400, { success: false, code: 4, message: 'Message introuvable' }] as const;

describe('what was sent', () => {
  test('as documented', async () => {
    expect(await find(page(2, [item(A), item(B, { status: 'Not delivered' })]))).toEqual({
      status: 'answered',
      value: [
        { phoneNumber: A, status: 'delivered', providerMessageId: null, at: new Date(1_517_989_111_000) },
        { phoneNumber: B, status: 'undelivered', providerMessageId: null, at: new Date(1_517_989_111_000) },
      ],
      asked: 1,
    });
  });

  test('with numbers as strings and strings as numbers, another case, an id, no date', async () => {
    const odd = { phoneNumber: 33612345678, status: 'WAITING', messageId: 7 };
    const body = { success: true, code: '200', total: '1', statutresponse_list: { 1: odd } };
    expect(await find([200, body])).toEqual({
      status: 'answered',
      value: [{ phoneNumber: A, status: 'waiting', providerMessageId: '7', at: null }],
      asked: 1,
    });
  });

  test('is gathered from all pages', async () => {
    const pages = [page(3, [item(A)]), page(3, [item(B)]), page(3, [item(C)])];
    const { asked, ...answer } = await find(...pages);
    expect(answer).toMatchObject({ value: [{ phoneNumber: A }, { phoneNumber: B }, { phoneNumber: C }] });
    expect(asked).toBe(3);
  });

  test.each([
    ['an empty page', page(undefined, [])],
    ['no such page', ABSENT],
  ])('ends with %s where no total is given', async (_name, end) => {
    const answer = await find(page(undefined, [item(A)]), page(undefined, [item(B)]), end);
    expect(answer).toMatchObject({ status: 'answered', value: [{ phoneNumber: A }, { phoneNumber: B }], asked: 3 });
  });

  test('twice to the same number is told as often', async () => {
    expect(await find(page(2, [item(A), item(A)]))).toMatchObject({ status: 'answered', value: { length: 2 } });
  });

  test('in more than the total says is followed to its end: the total may count pages', async () => {
    const pages = [page(2, [item(A), item(B), item('+33600000001')]), page(2, [item(C)]), page(2, [])];
    expect(await find(...pages)).toMatchObject({ status: 'answered', value: { length: 4 }, asked: 3 });
  });
});

describe('that nothing was sent is proved', () => {
  test.each([
    ['by code 4', ABSENT],
    [
      'by code 4 as a string, under HTTP 200, with an empty list',
      [200, { success: false, code: '4', StatutResponse_List: [] }] as const,
    ],
    ['by a total of none', EMPTY],
    ['by a total of none as a string', page('0', [])],
  ])('%s', async (_name, answer) => {
    expect(await find(answer)).toEqual({ status: 'answered', value: [], asked: 1 });
  });

  test.each([
    ['no list', page(0, undefined)],
    ['a list that is none', page(0, 'none')],
    ['a list that is an error', page(0, { error: 'x' })],
    ['an empty list without a total', page(undefined, [])],
    ['an empty list with a total', page(3, [])],
    ['a total that cannot be read', page('none', [])],
    ['success alone', [200, { success: true, code: 200 }] as const],
    ['code 4 beside a list of somebody', [400, { success: false, code: 4, StatutResponse_List: [item(A)] }] as const],
    ['code 4 as success', [200, { success: true, code: 4, total: 0, StatutResponse_List: [] }] as const],
    ['code 4 with HTTP 500', [500, { success: false, code: 4 }] as const],
    ['code 4 with HTTP 429', [429, { success: false, code: 4 }] as const],
    ['a code of 4 in a body that does not say no', [400, { code: 4, message: 'Message introuvable' }] as const],
    ['code 3', [400, { success: false, code: 3 }] as const],
    ['a wrong key', [400, { success: false, code: 10 }] as const],
    ['the ambiguous code', [400, { success: false, code: 500 }] as const],
    ['HTTP 404', [404, '<html>'] as const],
    ['a page', [200, '<html>'] as const],
    ['nothing', [200, ''] as const],
    ['null', [200, null] as const],
    ['an empty list alone', [200, []] as const],
    ['truncated JSON', [200, '{"success":true,"code":200,"total":0,"StatutResponse_List":['] as const],
  ])('not by %s', async (_name, answer) => {
    expect(await find(answer)).toMatchObject({ status: 'no-answer', reason: expect.stringMatching(/\S/) });
  });
});

describe('that somebody is not among them is proved', () => {
  test.each([
    ['an item that is none', page(2, [item(A), null])],
    ['an item without a number', page(2, [item(A), item(null)])],
    ['an item with a new status', page(2, [item(A), item(B, { status: 'Read' })])],
    ['an item without a status', page(2, [item(A), item(B, { status: null })])],
    ['an item that was not found', page(2, [item(A), item(B, { success: false, code: 4 })])],
  ])('not with %s', async (_name, answer) => {
    expect(await find(answer)).toEqual({ status: 'no-answer', reason: 'the answer cannot be read', asked: 1 });
  });

  test.each([
    ['fewer than the total', [page(3, [item(A)]), page(3, [])], 'fewer recipients than it says'],
    ['fewer than the first total', [page(3, [item(A)]), EMPTY], 'fewer recipients than it says'],
    ['no such page before the total', [page(3, [item(A)]), ABSENT], 'fewer recipients than it says'],
    ['the same page again', [page(2, [item(A)])], 'the pages overlap'],
    ['a page that fails', [page(2, [item(A)]), [502, ''] as const], 'HTTP 502'],
    ['a page too many requests', [page(2, [item(A)]), [429, ''] as const], 'too many requests'],
  ])('not with %s', async (_name, pages, reason) => {
    expect(await find(...pages)).toEqual({ status: 'no-answer', reason, asked: pages.length === 1 ? 2 : pages.length });
  });

  test('not without an end', async () => {
    let last = 33_600_000_000;
    let asked = 0;
    const answer = await findByTag(async () => {
      asked += 1;
      last += 1;
      const [status, body] = page(1_000_000, [item(`+${last}`)]);
      return readReply({ status, headers: {}, body: JSON.stringify(body) });
    });
    expect(answer).toEqual({ status: 'no-answer', reason: 'too many pages' });
    expect(asked).toBe(100);
  });
});

test('whatever the answers, nobody is missing who was named, and nobody is absent without proof', async () => {
  const anItem = fc.record(
    {
      phoneNumber: spiced([A, B, C]),
      status: spiced(['Delivered', 'Waiting', 'Not delivered']),
      success: spiced([true]),
    },
    { requiredKeys: ['phoneNumber', 'status'] },
  );
  const body = fc.record(
    {
      success: spiced([true, true, false]),
      code: spiced([200, 200, 4, 10]),
      total: spiced([0, 1, 2, 3]),
      StatutResponse_List: fc.oneof(fc.array(anItem, { maxLength: 3 }), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const aPage = fc.tuple(fc.constantFrom(200, 200, 200, 400, 404, 429, 500), fc.oneof(body, body, fc.jsonValue()));
  await fc.assert(
    fc.asyncProperty(fc.array(aPage, { minLength: 1, maxLength: 3 }), async pages => {
      const answer = await find(...pages);
      if (answer.status !== 'answered') return;
      const [status, first] = pages[0] ?? [];
      expect([200, 400, 404]).toContain(status);
      const fields = typeof first === 'object' && first !== null ? new Map(Object.entries(first)) : new Map();
      const denied = fields.get('success') === false && String(fields.get('code')) === '4';
      const counted = fields.get('success') === true && String(fields.get('total')).trim() === '0';
      if (answer.value.length === 0) expect(denied || counted).toBe(true);
      const numbers = answer.value.map(({ phoneNumber }) => phoneNumber);
      const named = [A, B, C].filter(number => JSON.stringify(first).includes(`"phoneNumber":"${number}"`));
      expect(numbers).toEqual(expect.arrayContaining(named));
    }),
    { numRuns: 2_000 },
  );
});
