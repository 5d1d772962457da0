import { expect, test } from 'vitest';
import type { Problem } from '../../../src/messaging/index.js';
import { answerAcceptedBatch } from '../../../src/smspartner-api/sending/accepted-answers.js';
import { withoutEchoes } from '../../../src/smspartner-api/sending/edge-problems.js';
import { answerProblems } from '../../../src/smspartner-api/sending/problem-answers.js';
import { readBulkSend } from '../../../src/smspartner-api/sending/read-bulk-send.js';
import { writeJson } from '../../../src/smspartner-api/wire/write-json.js';
import { asked, json, NOW, xml } from './asked.js';

const ENTRIES = [
  { phoneNumber: '0612345678', message: 'Un' },
  { phoneNumber: '0712345678', message: 'Deux' },
];
const read = (SMSList: unknown, more: Record<string, unknown> = {}) => readBulkSend(asked({ SMSList, ...more }), NOW);

const problem = (code: string, ...path: string[]): Problem => ({ path, code, message: '' });

test('the entries and the options of /v1/send', () => {
  const { order, problems } = read(ENTRIES, { gamme: '2', tag: 'juin', isStopSms: 1 });
  expect(problems).toEqual([]);
  expect(order).toMatchObject({
    operation: 'POST /v1/bulk-send',
    input: {
      SMSList: [
        ['0612345678', 'Un'],
        ['0712345678', 'Deux'],
      ],
      gamme: '2',
      tag: 'juin',
      isStopSms: 1,
    },
    request: {
      messages: [
        { to: '0612345678', text: 'Un' },
        { to: '0712345678', text: 'Deux' },
      ],
      route: 'ECO',
      tag: 'juin',
      stopMention: false,
    },
  });
});

test.each([
  ['not a list', 'a', ['messages INVALID_VALUE']],
  [
    'no objects',
    [1, null, []],
    ['messages.0.to INVALID_VALUE', 'messages.1.to INVALID_VALUE', 'messages.2.to INVALID_VALUE'],
  ],
  ['no number', [{ message: 'a' }], ['messages.0.to NUMBER_REQUIRED']],
  [
    'values that are none',
    [{ phoneNumber: {}, message: [] }],
    ['messages.0.to INVALID_VALUE', 'messages.0.text INVALID_VALUE'],
  ],
])('%s', (_, list, codes) => {
  expect(read(list).problems.map(({ path, code }) => `${path.join('.')} ${code}`)).toEqual(codes);
});

test('numbers and texts that are JSON numbers are read as text', () => {
  expect(read([{ phoneNumber: 33612345678, message: 1234 }]).order.request.messages).toEqual([
    { to: '33612345678', text: '1234' },
  ]);
});

test('the success body', () => {
  const accepted = {
    batch: { number: 1000107 },
    currency: 'EUR',
    cost: '0.0760',
    smsCount: 2,
    messages: [
      { phoneNumber: '+33612345678', parts: 2, cost: '0.0760', optedOut: false },
      { phoneNumber: '+33712345678', parts: 1, cost: '0.0000', optedOut: true },
    ],
    scheduledFor: null,
    heldUntil: new Date('2026-07-02T06:00:00Z'),
  };
  expect(writeJson(answerAcceptedBatch(accepted).body)).toBe(
    '{"success":true,"code":200,"message_id":1000107,"currency":"EUR","cost":0.076,"nbSMS":2,"SMSResponse_List":[' +
      '{"success":true,"code":200,"nbSms":2,"cost":0.076,"phoneNumber":"+33612345678"},' +
      '{"success":false,"code":14,"nbSms":0,"cost":0,"phoneNumber":"+33712345678"}],"pausedUntil":"2026-07-02 08:00:00"}',
  );
});

const entries = ENTRIES.map(({ phoneNumber: to, message: text }) => ({ to, text }));
const sms = { listKey: 'error' as const, entries, sender: null, moment: '' };

test('faults name their entry and its number, under the key of the bulk page', () => {
  const problems = [
    problem('INVALID_TAG', 'tag'),
    problem('INVALID_PHONE_NUMBER', 'messages', '1', 'to'),
    problem('TOO_MANY_PARTS', 'messages', '1', 'text'),
    problem('TEXT_REQUIRED', 'messages', '0', 'text'),
  ];
  const answer = answerProblems(problems, {
    ...sms,
    entries: [
      { to: '0612345678', text: '' },
      { to: 'abc', text: 'Deux' },
    ],
  });
  expect(json(answer)).toEqual({
    success: false,
    code: 9,
    error: [
      {
        elementId: 'children[SMSList].children[0].children[message].data',
        message: 'Le message est requis (0612345678)',
      },
      {
        elementId: 'children[SMSList].children[1].children[message].data',
        message: expect.stringMatching(/10 SMS.*\(abc\)$/),
      },
      {
        elementId: 'children[SMSList].children[1].children[phoneNumber].data',
        message: "Ce numero de telephone n'est pas valide (abc)",
      },
      { elementId: 'children[tag].data', message: expect.any(String) },
    ],
  });
  expect(xml(answer)).toContain("<entry>Ce numéro de téléphone n'est pas valide (abc)</entry>");
});

test('one entry alone may be a code of its own; of several the list says which', () => {
  const tooLong = problem('TOO_MANY_PARTS', 'messages', '0', 'text');
  expect(json(answerProblems([tooLong], { ...sms, entries: entries.slice(0, 1) }))).toMatchObject({ code: 52 });
  expect(json(answerProblems([tooLong], sms))).toMatchObject({ code: 9, error: [{}] });
});

test('no entry at all is code 55, more than 500 code 50', () => {
  expect(json(answerProblems([problem('MESSAGES_REQUIRED', 'messages')], { ...sms, entries: [] }))).toMatchObject({
    code: 55,
    message: expect.stringMatching(/^Aucun numéro/),
  });
  const { problems, order } = read(Array.from({ length: 501 }, () => ENTRIES[0]));
  expect(order.request.messages).toHaveLength(500);
  expect(json(answerProblems(problems, sms))).toMatchObject({ code: 50 });
});

test('a value that could not be read is not told as missing too', () => {
  const { problems } = read([{ phoneNumber: {}, message: 'a' }]);
  const found = [...problems, problem('INVALID_PHONE_NUMBER', 'messages', '0', 'to'), problem('INVALID_TAG', 'tag')];
  expect(withoutEchoes(found, problems).map(({ code }) => code)).toEqual(['INVALID_VALUE', 'INVALID_TAG']);
});

test('numbers without a price are listed by number', () => {
  expect(json(answerProblems([problem('NO_PRICE', 'messages', '1', 'to')], sms))).toMatchObject({
    code: 55,
    errors: [{ success: false, code: '13', phoneNumber: '0712345678' }],
  });
});
