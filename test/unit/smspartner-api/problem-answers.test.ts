import { expect, test } from 'vitest';
import type { Problem } from '../../../src/messaging/index.js';
import { answerAllOptedOut, answerProblems } from '../../../src/smspartner-api/sending/problem-answers.js';
import { json, refused, xml } from './asked.js';

const SMS = { phoneNumbers: '0612345678', message: 'Bonjour' };

const alone: [name: string, request: Record<string, unknown>, code: number, message: RegExp][] = [
  ['more than ten parts', { message: 'a'.repeat(1531) }, 52, /dépasse 10 SMS/],
  ['Low Cost beyond one part', { gamme: 2, message: 'a'.repeat(161) }, 42, /160 caractères/],
  ['only commas for numbers', { phoneNumbers: ' , ,' }, 55, /Aucun numéro de téléphone/],
  ['more than 500 numbers', { phoneNumbers: Array.from({ length: 501 }, () => '0612345678') }, 50, /500 numéros/],
];

test.each(alone)('%s is a code of its own', (_, request, code, message) => {
  const answer = refused({ ...SMS, ...request });
  expect(answer.status).toBe(400);
  expect(json(answer)).toEqual({ success: false, code, message: expect.stringMatching(message) });
});

test('a sender that the account may not use is code 992', () => {
  const answer = refused({ ...SMS, sender: 'AUTRE' }, { tenant: { allowedSenders: ['BOUTIQUE'] } });
  expect(json(answer)).toMatchObject({ success: false, code: 992 });
});

const fields: [name: string, request: Record<string, unknown>, element: string, message: RegExp][] = [
  ['a message that is an object', { message: { a: 1 } }, 'message', /^Cette valeur n'est pas valide\.$/],
  ['numbers that are an object', { phoneNumbers: { a: 1 } }, 'phoneNumbers', /^Cette valeur n'est pas valide\.$/],
  ['a boolean for numbers', { phoneNumbers: true }, 'phoneNumbers', /^Cette valeur n'est pas valide\.$/],
  ['a blank message', { message: ' ~ ' }, 'message', /^Le message est requis : /],
  ['a landline', { phoneNumbers: '0122334455' }, 'phoneNumbers', /mobile.*\(0122334455\)/],
  ['a short code', { phoneNumbers: '36180' }, 'phoneNumbers', /^Ce numero de telephone n'est pas valide \(36180\)$/],
  ['a sender of two characters', { sender: 'AB' }, 'sender', /entre 3 et 11 lettres/],
  ['a sender that is a list', { sender: ['A'] }, 'sender', /^Cette valeur n'est pas valide\.$/],
  ['a tag in capitals', { tag: 'PROMO' }, 'tag', /minuscules/],
  ['another gamme', { gamme: 3 }, 'gamme', /1 \(Premium\) ou 2 \(Low Cost\)/],
  ['a flag that is none', { isStopSms: 'oui' }, 'isStopSms', /Indiquez 1 ou 0/],
  ['a sandbox of two', { sandbox: 2 }, 'sandbox', /Indiquez 1 ou 0/],
  ['Unicode without leave', { isUnicode: 1 }, 'isUnicode', /n'est pas activé sur ce compte/],
  ['an address inside', { urlDlr: 'http://127.0.0.1/dlr' }, 'urlDlr', /joignable depuis Internet/],
  ['no address at all', { urlResponse: 'ftp://example.org' }, 'urlResponse', /http ou https/],
  ['a date far ahead', { scheduledDeliveryDate: '01/01/2030', time: 9 }, 'scheduledDeliveryDate', /366 jours/],
  ['no such day', { scheduledDeliveryDate: '31/02/2027', time: 9 }, 'scheduledDeliveryDate', /dd\/mm\/YYYY/],
  [
    'an hour that is past',
    { scheduledDeliveryDate: '01/07/2026', time: 9 },
    'scheduledDeliveryDate',
    /^La date \(01\/07\/2026 à 09:00\) est/,
  ],
  ['hour 25', { scheduledDeliveryDate: '02/07/2026', time: 25 }, 'time', /de 0 à 24/],
  ['a minute between', { scheduledDeliveryDate: '02/07/2026', minute: 7 }, 'minute', /cinq minutes/],
];

test.each(fields)('%s is a fault of its field, and the only one told', (_, request, element, message) => {
  expect(json(refused({ ...SMS, ...request }))).toEqual({
    success: false,
    code: 9,
    errors: [{ elementId: `children[${element}].data`, message: expect.stringMatching(message) }],
  });
});

test('each bad number is told with the number as it was given', () => {
  expect(json(refused({ ...SMS, phoneNumbers: '06 12 34 56 78, 922264 ,abc' }))).toMatchObject({
    errors: [
      { elementId: 'children[phoneNumbers].data', message: "Ce numero de telephone n'est pas valide (922264)" },
      { elementId: 'children[phoneNumbers].data', message: "Ce numero de telephone n'est pas valide (abc)" },
    ],
  });
});

test('a number of a million characters is not told whole', () => {
  const answer = JSON.stringify(json(refused({ ...SMS, phoneNumbers: '9'.repeat(1_000_000) })));
  expect(answer.length).toBeLessThan(300);
});

test('a problem with a code of its own is told in the list when something else is wrong too', () => {
  expect(json(refused({ ...SMS, message: 'a'.repeat(1531), tag: 'A B' }))).toMatchObject({
    code: 9,
    errors: [{ elementId: 'children[message].data' }, { elementId: 'children[tag].data' }],
  });
});

test('a bad idempotency key is told by the name of its header', () => {
  expect(json(refused(SMS, { headers: { 'idempotency-key': 'é'.repeat(3) } }))).toMatchObject({
    errors: [{ elementId: 'Idempotency-Key', message: expect.stringMatching(/255 caractères ASCII/) }],
  });
});

test('characters that no SMS can carry are named, in French', () => {
  const text = `Ж${Array.from({ length: 12 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('')}`;
  expect(xml(refused({ ...SMS, message: text }))).toMatch(/SMS : "Ж" \(U\+0416\), .* et 3 de plus\. Supprimez/);
  expect(xml(refused({ ...SMS, message: 'a\u0000b' }))).toMatch(/: U\+0000 \(caractère de contrôle\)\. Supprimez-les/);
});

const noPrice = (index: number): Problem => ({ path: ['to', String(index)], code: 'NO_PRICE', message: '' });
const askedFor = (...numbers: string[]) => ({
  listKey: 'errors' as const,
  entries: numbers.map(to => ({ to, text: 'a' })),
  sender: null,
  moment: '',
});

test('a number without a price: code 13 when it is the only one, 55 by number among several', () => {
  const number = '+8613812345678';
  const message = `Aucun tarif n'est prévu pour ce numéro dans cette gamme (${number}). Retirez-le ou demandez à un administrateur.`;
  expect(json(answerProblems([noPrice(0)], askedFor(number)))).toEqual({ success: false, code: 13, message });
  expect(json(answerProblems([noPrice(1)], askedFor('0612345678', number)))).toEqual({
    success: false,
    code: 55,
    errors: [{ success: false, code: '13', message, phoneNumber: number }],
  });
});

test('everybody on the STOP list: code 14 for one, however often given; 55 by number for several', () => {
  expect(json(answerAllOptedOut(['0612345678', '+33612345678']))).toMatchObject({ code: 14 });
  expect(json(answerAllOptedOut(['0612345678', '0712345678']))).toEqual({
    success: false,
    code: 55,
    errors: ['0612345678', '0712345678'].map(phoneNumber => ({
      success: false,
      code: '14',
      message: `Ce numéro est inscrit sur la liste STOP et ne reçoit plus vos SMS commerciaux (${phoneNumber}).`,
      phoneNumber,
    })),
  });
});

test('what has no words yet is still told by its field', () => {
  expect(json(answerProblems([{ path: ['tag'], code: 'NEW', message: 'new' }], askedFor('0612345678')))).toEqual({
    success: false,
    code: 9,
    errors: [{ elementId: 'children[tag].data', message: "Cette valeur n'est pas valide." }],
  });
});
