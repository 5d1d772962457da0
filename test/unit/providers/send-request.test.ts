import { expect, test } from 'vitest';
import { buildBulkRequest } from '../../../src/providers/smspartner/bulk-request.js';
import { buildSendRequest } from '../../../src/providers/smspartner/send-request.js';
import { sampleSms } from '../../support/sample-sms.js';
import { sampleBulk } from './sample-bulk.js';

test('the smallest call has no option that was not asked for', () => {
  expect(buildSendRequest(sampleSms({ sender: null }), 'key')).toEqual({
    apiKey: 'key',
    phoneNumbers: '+33612345678',
    message: 'Votre colis est disponible au point relais de la gare',
    gamme: 1,
    tag: 'k3j9x0q7m2v5b8n1',
    urlDlr: 'http://127.0.0.1:9/receipts/secret',
    urlResponse: 'http://127.0.0.1:9/replies/secret',
  });
});

test('recipients are comma separated, options are 1, the route is a gamme', () => {
  const sms = sampleSms({
    recipients: ['+33612345678', '+4915123456789'],
    route: 'ECO',
    stopMention: true,
    unicode: true,
  });
  expect(buildSendRequest(sms, 'key')).toMatchObject({
    phoneNumbers: '+33612345678,+4915123456789',
    gamme: 2,
    sender: 'BOUTIQUE',
    isStopSms: 1,
    isUnicode: 1,
  });
});

test('only CR LF is spelled :br:', () => {
  expect(buildSendRequest(sampleSms({ text: 'a\r\nb\r\n\r\nc\nd€' }), 'key').message).toBe('a:br:b:br::br:c\nd€');
});

test('a bulk call has a text for each and the same options', () => {
  const bulk = sampleBulk({ sender: null, stopMention: true });
  expect(buildBulkRequest(bulk, 'key')).toEqual({
    apiKey: 'key',
    SMSList: bulk.messages.map(({ phoneNumber, text }) => ({ phoneNumber, message: text.replace('\r\n', ':br:') })),
    gamme: 1,
    tag: 'k3j9x0q7m2v5b8n1',
    urlDlr: 'http://127.0.0.1:9/receipts/secret',
    urlResponse: 'http://127.0.0.1:9/replies/secret',
    isStopSms: 1,
  });
});
