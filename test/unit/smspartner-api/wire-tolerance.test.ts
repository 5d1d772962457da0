import { expect, test } from 'vitest';
import { isNumberMissing, readSend } from '../../../src/smspartner-api/sending/read-send.js';
import { readJsonBody, readPath, readQuery } from '../../../src/smspartner-api/wire/read-values.js';
import { asked, NOW, orderOf } from './asked.js';

const SMS = { phoneNumbers: '0612345678', message: 'Bonjour' };
const requestOf = (values: Record<string, unknown>, ...rest: [Parameters<typeof asked>[1]?]) =>
  orderOf({ ...SMS, ...values }, ...rest).request;

test('the shortest request: Premium, now, by the defaults of the key and the tenant', () => {
  expect(readSend(asked(SMS), NOW).order).toEqual({
    operation: 'POST /v1/send',
    input: { ...SMS, webhookUrl: null },
    problems: [],
    request: {
      to: ['0612345678'],
      text: 'Bonjour',
      sender: null,
      category: null,
      keyCategory: null,
      route: 'PREMIUM',
      tag: null,
      unicode: false,
      stopMention: false,
      sandbox: false,
      territory: null,
      receiptUrl: null,
      replyUrl: null,
      validitySeconds: null,
      idempotencyKey: null,
      at: null,
    },
  });
});

const numbers: [given: unknown, to: string[]][] = [
  ['0612345678,0712345678', ['0612345678', '0712345678']],
  [' +33612345678 ,\t0033712345678 ', ['+33612345678', '0033712345678']],
  ['0612345678,,', ['0612345678']],
  [
    ['0612345678', ' 0712345678 ', null, ''],
    ['0612345678', '0712345678'],
  ],
  [['0612345678,0712345678'], ['0612345678', '0712345678']],
  [33612345678, ['33612345678']],
  [[33612345678], ['33612345678']],
];

test.each(numbers)('phoneNumbers %j', (given, to) => {
  expect(requestOf({ phoneNumbers: given }).to).toEqual(to);
});

test.each([
  [undefined, true],
  [null, true],
  ['', true],
  [' ', true],
  [[], true],
  [',', false],
  [0, false],
  [{}, false],
])('phoneNumbers %j are missing: %s', (given, missing) => {
  expect(isNumberMissing(given)).toBe(missing);
});

const YES = [1, true, '1', 'true', 'TRUE', ' 1 '];
const NO = [0, false, '0', 'false', null, undefined, ''];

test.each([...YES.map(value => [value, true] as const), ...NO.map(value => [value, false] as const)])(
  'a flag given as %j is %s',
  (value, is) => {
    expect(requestOf({ isStopSms: value, isUnicode: value, sandbox: value })).toMatchObject({
      stopMention: is,
      unicode: is,
      sandbox: is,
    });
  },
);

test.each([
  [1, 'PREMIUM'],
  ['1', 'PREMIUM'],
  [null, 'PREMIUM'],
  ['', 'PREMIUM'],
  [2, 'ECO'],
  ['2', 'ECO'],
])('gamme %j is %s', (gamme, route) => {
  expect(requestOf({ gamme })).toMatchObject({ route });
});

test('Low Cost knows no isStopSms: it is not applicable there', () => {
  expect(requestOf({ gamme: 2, isStopSms: 1 })).toMatchObject({ route: 'ECO', stopMention: false });
});

test('the key says whether its SMS are commercial; isStopSms does not', () => {
  const caller = { defaultCategory: 'TRANSACTIONAL' } as const;
  expect(requestOf({ isStopSms: 1 }, { caller })).toMatchObject({ keyCategory: 'TRANSACTIONAL', stopMention: true });
  expect(requestOf({ isStopSms: 1 })).toMatchObject({ category: null, keyCategory: null });
});

test('a sender left empty is the short code, one left out the tenant’s own', () => {
  expect(requestOf({ sender: '' })).toMatchObject({ sender: '' });
  expect(requestOf({ sender: null })).toMatchObject({ sender: null });
  expect(requestOf({ sender: 12345 })).toMatchObject({ sender: '12345' });
});

const urls: [values: Record<string, unknown>, headers: Record<string, string>, receiptUrl: string | null][] = [
  [{ urlDlr: 'http://a.example/dlr?s=1', webhookUrl: 'http://b.example' }, {}, 'http://a.example/dlr?s=1'],
  [{ webhookUrl: 'http://b.example' }, { webhookurl: 'http://c.example' }, 'http://b.example'],
  [{ urlDlr: '' }, { webhookurl: 'http://c.example' }, 'http://c.example'],
  [{ urlDlr: null, webhookUrl: null }, {}, null],
];

test.each(urls)('the address for receipts of %j with %j', (values, headers, receiptUrl) => {
  expect(requestOf(values, { headers })).toMatchObject({ receiptUrl });
});

test('the order’s input is what was given, without the key, the format and what no one knows', () => {
  const { input } = orderOf({ ...SMS, apiKey: 'rk_secret', _format: 'xml', virtualNumber: '+336', time: 9 });
  expect(input).toEqual({ ...SMS, time: 9, webhookUrl: null });
});

test('a value nested a hundred thousand deep is a fault of its field like another', () => {
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  const { problems, order } = readSend(asked({ ...SMS, tag: deep, phoneNumbers: deep }), NOW);
  expect(problems.map(({ path, code }) => `${path.join('.')} ${code}`)).toEqual([
    'to INVALID_VALUE',
    'tag INVALID_VALUE',
  ]);
  expect(() => JSON.stringify(order.input)).not.toThrow();
});

const read = (text: string) => readJsonBody(Buffer.from(text));

test('bodies: JSON objects, whatever stands round them; everything else is malformed', () => {
  expect(read('\uFEFF {"a":1} \r\n')).toEqual({ a: 1 });
  expect(read('')).toEqual({});
  expect(read(' \n')).toEqual({});
  for (const text of ['[]', 'null', '"a"', '1', '{"a":1', 'apiKey=1&message=2', '{"a":"b"c"}'])
    expect(read(text)).toBeNull();
  expect(readJsonBody(Buffer.from([0x7b, 0x22, 0xe9, 0x22, 0x3a, 0x31, 0x7d]))).toBeNull();
});

test('queries: a doubled question mark, a plus that was not escaped, the last of two', () => {
  expect(readQuery('/v1/me??apiKey=rk_1')).toEqual({ apiKey: 'rk_1' });
  expect(readQuery('/v1/me')).toEqual({});
  expect(readQuery('/v1/message-status?phoneNumber=+33612345678&messageId=1&messageId=2')).toEqual({
    phoneNumber: '+33612345678',
    messageId: '2',
  });
  expect(readQuery('/v1/x?phoneNumber=%2B33612345678&tag=a%20b')).toEqual({ phoneNumber: '+33612345678', tag: 'a b' });
});

test.each([
  ['/v1/send', '/v1/send'],
  ['/v1/send/?a=/', '/v1/send'],
  ['/v1//send??x', '/v1/send'],
  ['/v1', '/v1'],
])('the path of %s', (url, path) => {
  expect(readPath(url)).toBe(path);
});
