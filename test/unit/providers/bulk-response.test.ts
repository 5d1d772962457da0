import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBulkResponse } from '../../../src/providers/smspartner/bulk-response.js';
import { expectNothingGivenAway } from '../../support/provider-contract.js';
import { sampleBulk } from './sample-bulk.js';

/** Any JSON, and often enough something that means something. */
const spiced = (words: readonly unknown[]) => fc.oneof(fc.constantFrom(...words), fc.jsonValue());

const { messages } = sampleBulk();
const ASKED = {
  recipients: messages.map(({ phoneNumber }) => phoneNumber),
  texts: messages.map(({ text }) => text),
  apiKey: 'abcdef0123456789abcdef',
};
const [FIRST = '', SECOND = '', THIRD = ''] = ASKED.recipients;

const went = (phoneNumber: unknown) => ({ success: true, code: 200, nbSms: 1, cost: 0.038, phoneNumber });
const refused = (phoneNumber: unknown, code: unknown = '9', more: object = {}) => {
  return { success: false, code, phoneNumber, ...more };
};

/** As the documentation has it. */
const BOOKED = { success: true, code: 200, message_id: 1223109, currency: 'EUR', cost: 0.114, nbSMS: 3 };
const ACCEPTED = { status: 'accepted', providerMessageId: '1223109', parts: 3, cost: '0.114', currency: 'EUR' };

const read = (status: number, body: unknown, asked = ASKED) =>
  readBulkResponse({ status, headers: { 'retry-after': '7' }, body: JSON.stringify(body) }, asked);

const readList = (list: unknown) => read(200, { ...BOOKED, SMSResponse_List: list });

describe('success', () => {
  test('as documented: all went', () => {
    expect(readList(ASKED.recipients.map(went))).toEqual({ ...ACCEPTED, refused: [], unmentioned: [] });
  });

  test('with numbers as strings, nb_sms, and other cases', () => {
    const { nbSMS, ...rest } = BOOKED;
    const body = { ...rest, code: '200', message_id: '1223109', cost: '0.114', nb_sms: String(nbSMS) };
    const list = ASKED.recipients.map(number => ({ ...went(number), code: '200' }));
    expect(read(200, { ...body, smsresponse_list: list })).toEqual({ ...ACCEPTED, refused: [], unmentioned: [] });
  });

  test.each([undefined, null])('without a list (%s) all went, as with /v1/send', list => {
    expect(readList(list)).toEqual({ ...ACCEPTED, refused: [], unmentioned: [] });
  });

  test('a PHP list with a gap in its numbering is a list', () => {
    const list = { 0: went(FIRST), 2: went(SECOND), 3: went(THIRD) };
    expect(readList(list)).toMatchObject({ refused: [], unmentioned: [] });
  });

  test.each([['none'], [7], [true], [[]], [{}], [{ error: 'x' }], [[null, 'x', 7, []]]])(
    'a list of nobody (%j) leaves everybody unmentioned',
    list => {
      expect(readList(list)).toEqual({ ...ACCEPTED, refused: [], unmentioned: ASKED.recipients });
    },
  );

  test.each(['33698765432', '0033698765432', '0698765432', '06 98 76 54 32', 33698765432])(
    'a number written as %s is ours',
    written => {
      const list = [went(FIRST), refused(written), went(THIRD)];
      expect(readList(list)).toMatchObject({ refused: [{ phoneNumber: SECOND, code: '9' }], unmentioned: [] });
    },
  );

  test('those not named, and not named clearly, are unmentioned; strangers are nobody', () => {
    const twins = ['+33692112233', '+262692112233', '+33612345678'];
    const list = [went('0692112233'), refused('+33600000000'), went('+33612345678'), went('Marie 0612345678')];
    expect(read(200, { ...BOOKED, SMSResponse_List: list }, { ...ASKED, recipients: twins })).toMatchObject({
      refused: [],
      unmentioned: ['+33692112233', '+262692112233'],
    });
  });
});

describe('one number', () => {
  test('refused carries its code and a reason that gives nothing away', () => {
    const message = `"${ASKED.texts[1]}" vers ${SECOND} refusé`;
    expect(readList([went(FIRST), refused(SECOND, '9', { message }), went(THIRD)])).toEqual({
      ...ACCEPTED,
      refused: [{ phoneNumber: SECOND, code: '9', reason: '"…" vers refusé' }],
      unmentioned: [],
    });
  });

  test('refused without a sentence has the meaning of its code, and an inner error is its sentence', () => {
    const errors = [{ elementId: 'children[phoneNumber].data', message: 'Numéro invalide (922264)' }];
    expect(readList([refused(FIRST, 14), refused(SECOND, 9, { errors }), went(THIRD)])).toMatchObject({
      refused: [
        { phoneNumber: FIRST, code: '14', reason: 'the phone number is on the STOP list of the account' },
        { phoneNumber: SECOND, code: '9', reason: 'Numéro invalide' },
      ],
    });
    expect(readList([refused(FIRST, 13, { error: errors }), went(SECOND), went(THIRD)])).toMatchObject({
      refused: [{ phoneNumber: FIRST, code: '13', reason: 'Numéro invalide' }],
    });
  });

  test.each([
    ['a code about the account', refused(SECOND, 11)],
    ['another one', refused(SECOND, '30')],
    ['the ambiguous code', refused(SECOND, 500)],
    ['a failing server', refused(SECOND, 503)],
    ['too many requests', refused(SECOND, 429)],
    ['quiet hours', refused(SECOND, 22)],
    ['no code', refused(SECOND, null)],
    ['a code that is a number of somebody', refused(SECOND, 33612345678)],
    ['a refusal with the code of success', refused(SECOND, 200)],
    ['success with the code of a refusal', { ...went(SECOND), code: 9 }],
    ['success as a word', { ...went(SECOND), success: 'true' }],
    ['failure as a word', { ...refused(SECOND), success: 'false' }],
    ['failure as a number', { ...refused(SECOND), success: 0 }],
    ['nothing', { phoneNumber: SECOND }],
  ])('with %s is neither gone nor refused', (_name, entry) => {
    expect(readList([went(FIRST), entry, went(THIRD)])).toEqual({ ...ACCEPTED, refused: [], unmentioned: [SECOND] });
  });

  test('mentioned twice and differently is neither, in any order; twice the same counts once', () => {
    expect(readList([went(SECOND), refused(SECOND), went(FIRST), went(THIRD)])).toMatchObject({
      refused: [],
      unmentioned: [SECOND],
    });
    expect(readList([refused(SECOND), went(SECOND), refused(SECOND), went(FIRST), went(THIRD)])).toMatchObject({
      refused: [],
      unmentioned: [SECOND],
    });
    expect(readList([went(FIRST), went(FIRST), refused(SECOND), refused(SECOND, 14), went(THIRD)])).toMatchObject({
      refused: [{ phoneNumber: SECOND, code: '14' }],
      unmentioned: [],
    });
  });
});

describe('all numbers refused', () => {
  const STOPPED = { code: '14', reason: 'the phone number is on the STOP list of the account' };
  const UNPRICED = { code: '13', reason: 'there is no price for the phone number' };

  test('for the same reason: the call is refused with it, each by name', () => {
    expect(readList(ASKED.recipients.map(number => refused(number, 14)))).toEqual({
      status: 'refused',
      ...STOPPED,
      recipients: ASKED.recipients.map(phoneNumber => ({ phoneNumber, ...STOPPED })),
    });
  });

  test('for several: there was no number to send to, each by its own code', () => {
    expect(readList([refused(FIRST, 14), refused(SECOND, 13), refused(THIRD, 14)])).toEqual({
      status: 'refused',
      code: '55',
      reason: 'the phone number is on the STOP list of the account; there is no price for the phone number',
      recipients: [
        { phoneNumber: FIRST, ...STOPPED },
        { phoneNumber: SECOND, ...UNPRICED },
        { phoneNumber: THIRD, ...STOPPED },
      ],
    });
  });

  test('but one: the call is accepted', () => {
    const list = [refused(FIRST), refused(SECOND), refused(THIRD, 11)];
    expect(readList(list)).toMatchObject({ status: 'accepted', unmentioned: [THIRD] });
  });
});

describe('no success', () => {
  const elements = [
    { elementId: 'children[message].data', message: 'Le message est requis' },
    { elementId: 'children[phoneNumber].data', message: "Ce numero de telephone n'est pas valide (922264)" },
  ];

  test.each(['error', 'errors'])('field errors under the key "%s", as documented for bulk', key => {
    expect(read(400, { success: false, code: 9, [key]: elements })).toEqual({
      status: 'refused',
      code: '9',
      reason: "a field is not valid: Le message est requis; Ce numero de telephone n'est pas valide",
      recipients: null,
    });
  });

  test('a field error that names one number leaves the others to a new call', () => {
    const error = [{ elementId: 'children[phoneNumber].data', message: `Invalide (${SECOND})` }];
    expect(read(400, { success: false, code: 9, error })).toMatchObject({
      status: 'refused',
      recipients: [{ phoneNumber: SECOND, code: '9', reason: 'Invalide' }],
    });
  });

  test.each([
    ['the key', 400, { success: false, code: 10 }, { status: 'blocked', code: '10' }],
    ['the credit', 400, { success: false, code: 11 }, { status: 'blocked', code: '11' }],
    ['the hour', 400, { success: false, code: 22 }, { status: 'outside-hours' }],
    ['the door', 403, '<html>', { status: 'blocked', code: 'HTTP_403' }],
    ['a wrong address', 404, '<html>', { status: 'blocked', code: 'HTTP_404' }],
    ['too many requests', 429, {}, { status: 'not-sent', cause: 'rate-limited', retryAfterMs: 7_000 }],
    ['a server that fails', 502, '<html>', { status: 'unknown' }],
    ['the ambiguous code', 400, { success: false, code: 500 }, { status: 'unknown' }],
    ['a page', 200, '<html>', { status: 'unknown' }],
    ['success without an id', 200, { ...BOOKED, message_id: null }, { status: 'unknown' }],
    ['success under HTTP 400', 400, BOOKED, { status: 'unknown' }],
    ['success with a code of refusal', 200, { ...BOOKED, code: 9 }, { status: 'unknown' }],
    ['a refusal with an id', 400, { success: false, code: 9, message_id: 5 }, { status: 'unknown' }],
    ['a refusal without a code', 400, { success: false }, { status: 'unknown' }],
  ])('%s', (_name, status, body, outcome) => {
    expect(read(status, body)).toMatchObject(outcome);
  });

  test.each([
    [400, { success: false, code: 55 }],
    [400, { success: false, code: 11 }],
    [200, { success: true, code: 200 }],
    [403, {}],
    [429, {}],
  ])('under HTTP %i, %j, with one that went: nobody knows what became of the call', (status, body) => {
    expect(read(status, { ...body, SMSResponse_List: [refused(FIRST), went(SECOND)] })).toEqual({
      status: 'unknown',
      reason: expect.stringMatching(/contradicts itself|message id/),
    });
  });

  test('truncated, empty, unread', () => {
    const whole = JSON.stringify({ ...BOOKED, SMSResponse_List: ASKED.recipients.map(went) });
    for (const body of [whole.slice(0, -1), whole.slice(0, 40), '', null]) {
      expect(readBulkResponse({ status: 200, headers: {}, body }, ASKED)).toMatchObject({ status: 'unknown' });
    }
  });
});

const withoutFalse = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value ?? null), (key, inner: unknown) =>
    key === 'success' && inner === false ? 'no' : inner,
  );

describe('any answer', () => {
  const echo = `${ASKED.texts.join(' ')} ${ASKED.apiKey} ${ASKED.recipients.join(' ')} 06 12 34 56 78`;
  const entry = fc.record(
    {
      success: spiced([true, false]),
      code: spiced([200, '9', 9, 11, 14, 500]),
      phoneNumber: spiced([...ASKED.recipients, '0612345678', '33698765432']),
      message: spiced([echo]),
    },
    { requiredKeys: [] },
  );
  const known = fc.record(
    {
      success: spiced([true, true, false]),
      code: spiced([200, 200, 9, 11, 55, 500]),
      message_id: spiced([5, '5']),
      error: fc.oneof(fc.array(entry), fc.jsonValue()),
      SMSResponse_List: fc.oneof(fc.array(entry), fc.array(entry), fc.jsonValue()),
    },
    { requiredKeys: ['success', 'code'] },
  );
  const statuses = fc.oneof(fc.constantFrom(200, 200, 400, 403, 429, 500), fc.integer({ min: 100, max: 599 }));

  test('never throws, gives nothing away, and accounts for each recipient once', () => {
    fc.assert(
      fc.property(statuses, fc.oneof(known, known, fc.jsonValue()), (status, body) => {
        const outcome = read(status, body);
        for (const message of messages) expectNothingGivenAway(outcome, message, ASKED);
        const open = outcome.status === 'accepted' ? outcome.unmentioned : [];
        const named = outcome.status === 'accepted' ? outcome.refused.map(({ phoneNumber }) => phoneNumber) : [];
        expect(new Set([...open, ...named]).size).toBe(open.length + named.length);
        expect(ASKED.recipients).toEqual(expect.arrayContaining([...open, ...named]));
        expect(named.length).toBeLessThan(ASKED.recipients.length);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is no refusal of anybody unless it says "success":false', () => {
    fc.assert(
      fc.property(statuses, fc.oneof(known, fc.jsonValue()), (status, body) => {
        const outcome = read(status, withoutFalse(body));
        expect(outcome.status).not.toMatch(/^(refused|outside-hours)$/);
        if (outcome.status === 'accepted') expect(outcome.refused).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});
