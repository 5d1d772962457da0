import { expect, test } from 'vitest';
import type { DeliveryStatus } from '../../../src/messaging/index.js';
import { whyNotCancelled } from '../../../src/smspartner-api/following/message-cancel.js';
import { answerStatus } from '../../../src/smspartner-api/following/message-status.js';
import { toldOf } from '../../../src/smspartner-api/following/multi-status.js';
import { statusEntryOf } from '../../../src/smspartner-api/following/status-list.js';
import { statusWordOf } from '../../../src/smspartner-api/following/status-words.js';
import { answerMe } from '../../../src/smspartner-api/me.js';
import { success } from '../../../src/smspartner-api/wire/answer.js';
import { publicNumberOf } from '../../../src/smspartner-api/wire/read-keys.js';
import { writeJson } from '../../../src/smspartner-api/wire/write-json.js';
import { writeXml } from '../../../src/smspartner-api/wire/write-xml.js';

const DELIVERY = {
  number: 1111,
  phoneNumber: '+33600000000',
  status: 'DELIVERED',
  cost: '0.0450',
  currency: 'EUR',
  updatedAt: new Date('2015-02-07T21:39:46.900Z'),
  optedOut: false,
} as const;

test('message-status, as the vendor documents it', () => {
  const { body } = answerStatus(DELIVERY, { asked: '0600000000', e164: '+33600000000' });
  expect(writeJson(body)).toBe(
    '{"success":true,"code":200,"number":"0600000000","messageId":"1111","stopSms":false,"date":"2015-02-07 22:39:46",' +
      '"statut":"Delivered","cost":0.045,"countryCode":"FR","currency":"EUR"}',
  );
});

test('multi-status: found and not found', () => {
  const asked = { phoneNumber: '+33600000000', messageId: 1111 };
  const { body } = success({ StatutResponse_List: [toldOf(asked, DELIVERY), toldOf(asked, null)] });
  expect(writeJson(body)).toBe(
    '{"success":true,"code":200,"StatutResponse_List":[' +
      '{"success":true,"code":200,"phoneNumber":"+33600000000","messageId":1111,"status":"Delivered","date":"1423345186",' +
      '"stopSms":"0","isSpam":"0"},' +
      String.raw`{"success":false,"code":4,"phoneNumber":"+33600000000","messageId":1111,"status":"Num\u00e9ro introuvable"}]}`,
  );
});

test('an entry of bulk-status', () => {
  expect(statusEntryOf({ ...DELIVERY, optedOut: true, phoneNumber: null })).toEqual({
    phoneNumber: '',
    status: 'Delivered',
    stopSMS: true,
    date: '1423345186',
  });
});

const words: [DeliveryStatus, string][] = [
  ['WAITING', 'Waiting'],
  ['SENT', 'Waiting'],
  ['UNCONFIRMED', 'Waiting'],
  ['DELIVERED', 'Delivered'],
  ['UNDELIVERED', 'Not delivered'],
  ['EXPIRED', 'Not delivered'],
  ['REFUSED', 'Not delivered'],
  ['OPTED_OUT', 'Not delivered'],
  ['CANCELLED', 'Not delivered'],
];

test.each(words)('%s is "%s"', (status, word) => {
  expect(statusWordOf(status)).toBe(word);
});

const NOW = new Date('2026-07-01T10:00:00Z');
const leavingIn = (seconds: number) => ({
  status: 'SCHEDULED' as const,
  nextDeparture: new Date(NOW.getTime() + seconds * 1_000),
});

test('cancelling: until five minutes before', () => {
  expect(whyNotCancelled(leavingIn(300), NOW)).toBeNull();
  expect(whyNotCancelled(leavingIn(299), NOW)?.body.code).toBe(6);
  expect(whyNotCancelled(leavingIn(-1), NOW)?.body.code).toBe(6);
  expect(whyNotCancelled({ status: 'COMPLETED', nextDeparture: null }, NOW)?.body.code).toBe(7);
  // The provider may still keep it, so it is asked.
  expect(whyNotCancelled({ status: 'SENT', nextDeparture: null }, NOW)).toBeNull();
  expect(whyNotCancelled({ status: 'CANCELLED', nextDeparture: null }, NOW)?.body.code).toBe(5);
});

test.each([
  ['1111', 1111],
  [1111, 1111],
  [' 7 ', 7],
  ['0', null],
  ['2147483648', null],
  ['1.5', null],
  ['x', null],
  [{}, null],
  [null, null],
])('message id %j is %j', (given, number) => {
  expect(publicNumberOf(given)).toBe(number);
});

const SUMMARY = { balance: '10225.1190', currency: 'EUR', partPrices: { PREMIUM: '0.0380', ECO: '0.0230' } };

test('me, in JSON and in XML', () => {
  const { body } = answerMe({ name: 'Boutique', toSend: 3, summary: SUMMARY });
  expect(writeJson(body)).toBe(
    '{"success":true,"code":200,"user":{"username":"Boutique","firstname":"","lastname":""},' +
      '"credits":{"creditSms":269082,"creditSmsECO":444570,"creditHlr":0,"toSend":3,"solde":"10225.119","currency":"EUR",' +
      '"balance":"10225.119"}}',
  );
  expect(writeXml(body)).toContain(
    '<entry><username><![CDATA[Boutique]]></username><firstname><![CDATA[]]></firstname>' +
      '<lastname><![CDATA[]]></lastname></entry><entry><entry>269082</entry>',
  );
});

test('a range without a price buys nothing, and a fourth place is not hidden', () => {
  const summary = { balance: '0.0001', currency: 'EUR', partPrices: { PREMIUM: null, ECO: '0.0000' } };
  expect(answerMe({ name: '', toSend: 0, summary }).body['credits']).toMatchObject({
    creditSms: 0,
    creditSmsECO: 0,
    balance: '0.0001',
  });
});
