import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAccount } from '../../../src/providers/smspartner/account-answer.js';
import { readCancel } from '../../../src/providers/smspartner/cancel-answer.js';
import { readAddedOptOut, readOptOuts, readRemovedOptOut } from '../../../src/providers/smspartner/opt-out-answers.js';
import { readReply } from '../../../src/providers/smspartner/question.js';
import { askForStatuses, readStatuses } from '../../../src/providers/smspartner/status-answers.js';

/** Any JSON, and often enough something that means something. */
const spiced = (words: readonly unknown[]) => fc.oneof(fc.constantFrom(...words), fc.jsonValue());

const reply = (status: number, body: unknown) =>
  readReply({ status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) });
const yes = (fields: object) => reply(200, { success: true, code: 200, ...fields });
const no = (code: unknown) => reply(400, { success: false, code, message: 'Non, +33612345678' });
const answered = (value: unknown) => ({ status: 'answered', value });
const NO_ANSWER = { status: 'no-answer', reason: expect.stringMatching(/^[^+]*\S$/) };

/** None of them proves anything, whatever was asked. */
const WORTHLESS = {
  'too many requests': reply(429, { success: true, code: 200 }),
  'a server that fails': reply(502, '<html>'),
  'a server that fails with JSON': reply(500, { success: true, code: 200, data: [], credits: {}, stopId: 3 }),
  'a page': reply(200, '<html>'),
  'a page at the door': reply(403, '<html>'),
  'truncated JSON': reply(200, '{"success":true,"code":200,"data":['),
  'a contradiction': reply(200, { success: true, code: 4, data: [], nbData: 0, stopId: 3 }),
  'a wrong key': no(10),
  'the ambiguous code': no(500),
  'an undocumented code': no(77),
};

describe('the account', () => {
  test('as documented', () => {
    const credits = { creditSms: 269082, toSend: 0, solde: '1.5', currency: 'EUR', balance: '10225.119' };
    expect(readAccount(yes({ user: { username: 'x' }, credits }))).toEqual(
      answered({ balance: '10225.119', currency: 'EUR' }),
    );
  });

  test.each([
    [{ solde: '10225.119', currency: 'eur' }, '10225.119', 'EUR'],
    [{ balance: null, solde: 3 }, '3', null],
    [{ balance: 0.1 + 0.2 }, '0.3', null],
    [{ balance: '0' }, '0', null],
    [{ balance: '-12.50' }, '-12.50', null],
    [{ balance: -12.5 }, '-12.5', null],
    [{ balance: '--5' }, null, null],
    [{ balance: '10 225,119' }, null, null],
    [{ balance: 'free', currency: 7 }, null, null],
    [{}, null, null],
  ])('of %j has %s %s', (credits, balance, currency) => {
    expect(readAccount(yes({ credits }))).toEqual(answered({ balance, currency }));
  });

  test.each(Object.entries({ ...WORTHLESS, 'no credits': yes({}), 'credits as a list': yes({ credits: [] }) }))(
    'is not told by %s',
    (_name, worthless) => {
      expect(readAccount(worthless)).toEqual(NO_ANSWER);
    },
  );
});

describe('cancelling', () => {
  test.each([
    ['success', yes({ message: "L'envoi du SMS a été annulé." }), 'cancelled'],
    ['cancelled already', no(5), 'cancelled'],
    ['less than five minutes before', no('6'), 'too-late'],
    ['sent already', no(7), 'too-late'],
    ['unknown', no(4), 'not-found'],
  ])('%s', (_name, said, value) => {
    expect(readCancel(said)).toEqual(answered(value));
  });

  test.each(Object.entries({ ...WORTHLESS, 'no id': no(3) }))('is not told by %s', (_name, worthless) => {
    expect(readCancel(worthless)).toEqual(NO_ANSWER);
  });
});

describe('the STOP list', () => {
  const entry = { id: 19, phoneNumber: '+33612345678', createdAt: '2015-07-20 10:19:45' };

  test.each([
    ['as documented', { nbData: 1, data: [entry] }],
    ['with strings and numbers exchanged', { nbData: '1', data: [{ id: '19', phoneNumber: 33612345678 }] }],
    ['without a count', { data: { 0: entry } }],
    ['with one that cannot be read', { nbData: 3, data: [entry, null, { id: 20, phoneNumber: 'Marie' }] }],
  ])('%s', (_name, fields) => {
    expect(readOptOuts(yes(fields))).toEqual(answered([{ id: '19', phoneNumber: '+33612345678' }]));
  });

  test.each([{ nbData: 0, data: [] }, { nbData: 0 }, { nbData: '0', data: null }, { data: [] }])(
    'is empty with %j',
    fields => {
      expect(readOptOuts(yes(fields))).toEqual(answered([]));
    },
  );

  test.each(
    Object.entries({
      ...WORTHLESS,
      'no list': yes({}),
      'a count without a list': yes({ nbData: 1 }),
      'a list that is none': yes({ nbData: 0, data: 'none' }),
      'a list that is an error': yes({ data: { error: 'x' } }),
      'a list of which nothing can be read': yes({ data: [{ number: '+33612345678' }, {}] }),
      'fewer than it says': yes({ nbData: 2, data: [entry] }),
      'code 4': no(4),
    }),
  )('is not told by %s', (_name, worthless) => {
    expect(readOptOuts(worthless)).toEqual(NO_ANSWER);
  });

  test.each([
    ['the id it has now', yes({ stopId: 300 }), '300'],
    ['the id as a string', yes({ stopId: '300' }), '300'],
    ['that it stands there already', no(15), null],
    ['the same by its own documentation', no('3'), null],
    ['the same by the table of codes', no(14), null],
  ])('takes a number and tells %s', (_name, said, value) => {
    expect(readAddedOptOut(said)).toEqual(answered(value));
  });

  test.each(
    Object.entries({ ...WORTHLESS, 'success without an id': yes({}), 'an invalid number': no(9), 'code 4': no(4) }),
  )('does not tell by %s that it took a number', (_name, worthless) => {
    expect(readAddedOptOut(worthless)).toEqual(NO_ANSWER);
  });

  test('lets go of a number, or knows none of that id', () => {
    expect(readRemovedOptOut(yes({}))).toEqual(answered(true));
    expect(readRemovedOptOut(no(4))).toEqual(answered(false));
  });

  test.each(Object.entries({ ...WORTHLESS, 'no id': no(3) }))(
    'does not tell by %s that it let go',
    (_name, worthless) => {
      expect(readRemovedOptOut(worthless)).toEqual(NO_ANSWER);
    },
  );
});

describe('statuses', () => {
  const A = { providerMessageId: '111111', phoneNumber: '+33699999993' };
  const B = { providerMessageId: '1000', phoneNumber: '+33699999992' };
  const ASKED = [A, B];
  const item = {
    success: true,
    code: 200,
    phoneNumber: A.phoneNumber,
    messageId: 111111,
    status: 'Delivered',
    date: '1517934416',
  };
  const AT = new Date(1_517_934_416_000);
  const list = (...items: readonly unknown[]) => readStatuses(yes({ StatutResponse_List: items }), ASKED);

  test('are asked for with ids as numbers, as far as a number holds them', () => {
    const long = { providerMessageId: '9007199254740993', phoneNumber: '+33612345678' };
    const { body } = askForStatuses([A, long])('key');
    expect(JSON.parse(body ?? '')).toEqual({
      apiKey: 'key',
      SMSStatut_List: [
        { phoneNumber: A.phoneNumber, messageId: 111111 },
        { phoneNumber: long.phoneNumber, messageId: '9007199254740993' },
      ],
    });
  });

  test('as documented', () => {
    const absent = {
      success: false,
      code: 4,
      phoneNumber: B.phoneNumber,
      messageId: 1000,
      status: 'Numéro introuvable',
    };
    expect(list({ ...item, stopSms: '0', isSpam: '0' }, absent)).toEqual(
      answered([
        { ...A, status: 'delivered', at: AT },
        { ...B, status: 'not-found', at: null },
      ]),
    );
  });

  test.each([
    [{ status: 'Not delivered' }, 'undelivered'],
    [{ status: 'Waiting', date: null }, 'waiting'],
    [{ status: 'ko' }, 'undelivered'],
    [{ phoneNumber: '0699999993' }, 'delivered'],
    [{ phoneNumber: 33699999993, messageId: '111111', date: 1517934416 }, 'delivered'],
    [{ messageId: undefined }, 'delivered'],
    [{ messageId: undefined, message_id: '111111' }, 'delivered'],
    [{ success: undefined, code: undefined }, 'delivered'],
  ])('with %j: %s', (changes, status) => {
    expect(list({ ...item, ...changes })).toMatchObject({ value: [{ ...A, status }] });
  });

  test.each([
    ['a stranger', { phoneNumber: '+33600000000' }],
    ['another message', { messageId: 5 }],
    ['a new status', { status: 'Read' }],
    ['no status', { status: null }],
    ['an error about the account', { success: false, code: 10 }],
    ['an error without a code', { success: false, code: null }],
  ])('of %s are left out', (_name, changes) => {
    expect(list({ ...item, ...changes }, null, 7)).toEqual(answered([]));
  });

  test('without an id, of a number with two messages, are left out', () => {
    const asked = [A, { ...A, providerMessageId: '222' }];
    const body = yes({ StatutResponse_List: [{ ...item, messageId: null }] });
    expect(readStatuses(body, asked)).toEqual(answered([]));
    const second = yes({ StatutResponse_List: [{ ...item, messageId: 222 }] });
    expect(readStatuses(second, asked)).toMatchObject({ value: [{ providerMessageId: '222' }] });
  });

  test.each(
    Object.entries({
      ...WORTHLESS,
      'no list': yes({}),
      'a list that is none': yes({ StatutResponse_List: 'none' }),
      'code 4 for all': no(4),
    }),
  )('are not told by %s', (_name, worthless) => {
    expect(readStatuses(worthless, ASKED)).toEqual(NO_ANSWER);
  });
});

test('any answer at all is read without a throw, and gives nothing away', () => {
  const item = fc.record(
    { id: spiced([19]), phoneNumber: spiced(['+33612345678']), status: spiced(['Delivered']), code: spiced([4]) },
    { requiredKeys: [] },
  );
  const body = fc.record(
    {
      success: spiced([true, false]),
      code: spiced([200, 3, 4, 5, 6, 7, 10, 15]),
      data: fc.oneof(fc.array(item), fc.jsonValue()),
      nbData: spiced([0, 1]),
      credits: spiced([{ balance: '1' }]),
      stopId: spiced([3]),
      StatutResponse_List: fc.oneof(fc.array(item), fc.jsonValue()),
      message: fc.constant('secret +33612345678'),
    },
    { requiredKeys: [] },
  );
  const asked = [{ providerMessageId: '1', phoneNumber: '+33612345678' }];
  fc.assert(
    fc.property(fc.constantFrom(200, 200, 400, 404, 429, 500), fc.oneof(body, body, fc.jsonValue()), (status, json) => {
      const said = reply(status, json);
      const answers = [
        readAccount(said),
        readCancel(said),
        readOptOuts(said),
        readAddedOptOut(said),
        readRemovedOptOut(said),
        readStatuses(said, asked),
      ];
      for (const answer of answers) {
        if (answer.status === 'no-answer') expect(answer.reason).toMatch(/^(HTTP \d{3}|code \d{1,3}: )?[^\d]*$/);
        else expect(said.kind).not.toBe('nothing');
      }
    }),
    { numRuns: 1_000 },
  );
});
