import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSendResponse } from '../../../src/providers/smspartner/send-response.js';
import { expectNothingGivenAway } from '../../support/provider-contract.js';
import { sampleSms } from '../../support/sample-sms.js';
import { ACCEPTED } from '../../support/smspartner-stub.js';

const TEXT = 'Votre code promo est PRINTEMPS, valable jusque dimanche';
const ASKED = {
  recipients: ['+33612345678', '+33698765432', '+262692112233'],
  texts: [TEXT],
  apiKey: 'abcdef0123456789abcdef',
};

const read = (status: number, body: unknown, recipients = ASKED.recipients) =>
  readSendResponse({ status, headers: {}, body: JSON.stringify(body) }, { ...ASKED, recipients });

const naming = (phoneNumber: string, more: readonly object[] = []) => ({
  success: false,
  code: 9,
  errors: [{ message: 'x', phoneNumber }, ...more],
});

const spiced = (words: readonly unknown[]) => fc.oneof(fc.jsonValue(), fc.constantFrom(...words));

describe('success', () => {
  test('as captured', () => {
    expect(read(200, ACCEPTED)).toEqual({
      status: 'accepted',
      providerMessageId: '1223109',
      parts: 1,
      cost: '0.045',
      currency: 'EUR',
    });
  });

  test('with numbers as strings, and without the rest', () => {
    expect(read(200, { success: true, code: '200', message_id: '9007199254740993', nb_sms: '2' })).toEqual({
      status: 'accepted',
      providerMessageId: '9007199254740993',
      parts: 2,
      cost: null,
      currency: null,
    });
  });

  test.each([
    [0.045, '0.045'],
    ['0.0490', '0.0490'],
    [0.1 + 0.2, '0.3'],
    [3 * 0.045, '0.135'],
    [0.00000015, '0.00000015'],
    [12, '12'],
    [0, '0'],
    [1e21, null],
    [-1, null],
    ['1e3', null],
    [true, null],
  ])('a cost of %j is %j', (cost, exact) => {
    expect(read(200, { ...ACCEPTED, cost })).toMatchObject({ status: 'accepted', cost: exact });
  });

  test.each([
    ['no id, as a degraded gateway answered', 200, { success: true, code: 200, message: 'Request queued' }],
    ['an id of zero', 200, { ...ACCEPTED, message_id: 0 }],
    ['an id that lost its digits', 200, { ...ACCEPTED, message_id: 2 ** 60 }],
    ['an id that is no number', 200, { ...ACCEPTED, message_id: 'soon' }],
    ['an error code', 200, { ...ACCEPTED, code: 11 }],
    ['HTTP 400', 400, ACCEPTED],
    ['HTTP 403', 403, ACCEPTED],
    ['HTTP 500', 500, ACCEPTED],
    ['success as a word', 200, { ...ACCEPTED, success: 'true' }],
  ])('with %s is unknown', (_name, status, body) => {
    expect(read(status, body)).toMatchObject({ status: 'unknown' });
  });
});

describe('refusals', () => {
  test('a wrong key, as captured', () => {
    expect(read(400, { success: false, code: 10, message: 'Clé API incorrecte' })).toEqual({
      status: 'blocked',
      code: '10',
      reason: 'the API key is wrong',
    });
  });

  test.each(['errors', 'error'])('field errors under the key "%s"', key => {
    const list = [
      { elementId: 'children[message].data', message: 'Le message est requis' },
      { elementId: 'children[sender].data', message: "L'émetteur est trop long" },
    ];
    expect(read(400, { success: false, code: 9, [key]: list })).toEqual({
      status: 'refused',
      code: '9',
      reason: "a field is not valid: Le message est requis; L'émetteur est trop long",
      recipients: null,
    });
  });

  test('a number error loses the number', () => {
    const list = [
      { elementId: 'children[phoneNumbers].data', message: "Ce numéro de téléphone n'est pas valide (922264)" },
    ];
    expect(read(400, { success: false, code: 9, errors: list })).toEqual({
      status: 'refused',
      code: '9',
      reason: "a field is not valid: Ce numéro de téléphone n'est pas valide",
      recipients: null,
    });
  });

  test.each(['+33698765432', '33698765432', '0033698765432', '0698765432', '06 98 76 54 32'])(
    'names the recipient written as %s',
    written => {
      const byField = { success: false, code: 55, errors: [{ code: '9', message: 'Invalide', phoneNumber: written }] };
      const refused = { phoneNumber: '+33698765432', code: '9', reason: 'Invalide' };
      expect(read(400, byField)).toMatchObject({ status: 'refused', code: '55', recipients: [refused] });
      const bySentence = { elementId: 'children[phoneNumbers]', message: `Invalide (${written})` };
      expect(read(400, { success: false, code: 9, errors: [bySentence] })).toMatchObject({ recipients: [refused] });
      const alone = { success: false, code: 14, message: `Le numéro ${written} est dans la liste STOP` };
      expect(read(400, alone)).toMatchObject({ code: '14', recipients: [{ phoneNumber: '+33698765432', code: '14' }] });
    },
  );

  test('names several, but when it names all the call is refused as a whole', () => {
    const errors = ASKED.recipients.map(phoneNumber => ({ code: '9', message: 'x', phoneNumber }));
    const two = read(400, { success: false, code: 55, errors: errors.slice(1) });
    expect(two).toMatchObject({ recipients: [{ phoneNumber: '+33698765432' }, { phoneNumber: '+262692112233' }] });
    expect(read(400, { success: false, code: 55, errors })).toMatchObject({ status: 'refused', recipients: null });
  });

  test('names nobody when the number is a stranger, fits two recipients, or another field is wrong as well', () => {
    expect(read(400, naming('+33600000000'))).toMatchObject({ status: 'refused', recipients: null });
    const twins = ['+33692112233', '+262692112233', '+33612345678'];
    expect(read(400, naming('0692112233'), twins)).toMatchObject({ status: 'refused', recipients: null });
    const other = { elementId: 'children[message].data', message: 'Le message est requis' };
    expect(read(400, naming('+33612345678', [other]))).toMatchObject({ status: 'refused', recipients: null });
  });

  test('an undocumented code is a refusal, except at the door', () => {
    const body = { success: false, code: 77, message: 'Opérateur inconnu' };
    const reason = 'refused with an undocumented code: Opérateur inconnu';
    expect(read(400, body)).toEqual({ status: 'refused', code: '77', reason, recipients: null });
    expect(read(403, body)).toMatchObject({ status: 'blocked', code: 'HTTP_403' });
    expect(read(403, { success: false, code: 22 })).toMatchObject({ status: 'outside-hours', code: '22' });
  });

  test.each([
    ['no code', 400, { success: false, message: 'Non' }],
    ['an id after all', 400, { success: false, code: 9, message_id: 5 }],
    ['code 200', 200, { success: false, code: 200 }],
    ['HTTP 503', 503, { success: false, code: 10 }],
    ['HTTP 408', 408, null],
  ])('with %s is unknown', (_name, status, body) => {
    expect(read(status, body)).toMatchObject({ status: 'unknown' });
  });
});

describe('any answer', () => {
  const echo = `${TEXT} ${ASKED.apiKey} ${ASKED.recipients.join(' ')} 06 12 34 56 78`;
  const message = spiced([echo, `«${TEXT.slice(10, 40)}»`, `clé ${ASKED.apiKey.slice(0, 9)}…`, 'Non (33612345678)']);
  const problem = fc.record(
    {
      elementId: spiced(['children[phoneNumbers]']),
      code: spiced(['9']),
      message,
      phoneNumber: spiced(ASKED.recipients),
    },
    { requiredKeys: [] },
  );
  const known = fc.record(
    {
      success: spiced([true, false]),
      code: spiced([9, 10, 14, 22, 55, 77, 200, 500]),
      message,
      message_id: spiced([5, '5']),
      errors: fc.oneof(fc.jsonValue(), fc.array(problem)),
    },
    { requiredKeys: ['success', 'code'] },
  );
  const statuses = fc.oneof(fc.constantFrom(200, 400, 401, 403, 429, 500), fc.integer({ min: 100, max: 599 }));
  const sms = sampleSms({ text: TEXT, recipients: ASKED.recipients });

  test('gives one of the outcomes, gives nothing away and names only our own recipients', () => {
    fc.assert(
      fc.property(statuses, fc.oneof(known, fc.jsonValue()), (status, body) => {
        const outcome = read(status, body);
        expect(outcome.status).toMatch(/^(accepted|refused|not-sent|blocked|outside-hours|unknown)$/);
        expectNothingGivenAway(outcome, sms, ASKED);
        const named = outcome.status === 'refused' ? (outcome.recipients ?? []) : [];
        expect(named.length).toBeLessThan(ASKED.recipients.length);
        expect(ASKED.recipients).toEqual(expect.arrayContaining(named.map(({ phoneNumber }) => phoneNumber)));
      }),
      { numRuns: 1_000 },
    );
  });

  test('that is no JSON is read without a throw', () => {
    fc.assert(
      fc.property(statuses, fc.oneof(fc.string(), fc.constant(null)), (status, body) => {
        const { status: kind } = readSendResponse({ status, headers: { 'retry-after': body ?? '' }, body }, ASKED);
        expect(['unknown', 'blocked', 'not-sent']).toContain(kind);
      }),
    );
    const deep = '['.repeat(500_000);
    expect(readSendResponse({ status: 200, headers: {}, body: deep }, ASKED)).toMatchObject({ status: 'unknown' });
    const marked = `\uFEFF${JSON.stringify(ACCEPTED)}`;
    expect(readSendResponse({ status: 200, headers: {}, body: marked }, ASKED)).toMatchObject({ status: 'accepted' });
  });
});
