import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { escaped, idIn, json, SmsPartnerClient, type WireAnswer, xml } from '../support/smspartner-client.js';
import { appAt, type TestApp } from '../support/test-app.js';

// What real clients of SMS Partner put on the wire, and what has to work all the same.

let app: TestApp;
let client: SmsPartnerClient;

beforeAll(async () => {
  // Monday 12 January 2026, 11:00 in Paris: open.
  app = await appAt('2026-01-12T10:00:00Z');
});
afterAll(() => app.close());

beforeEach(async () => {
  const { key } = await app.tenant({ name: 'Boutique', defaultCategory: 'TRANSACTIONAL' });
  client = new SmsPartnerClient(app.url, key);
});

const SMS = { phoneNumbers: '+33612345678', message: 'Bonjour' };
const bodyOf = (fields: object = {}): string => JSON.stringify({ apiKey: client.key, ...SMS, ...fields });

interface Stored extends Record<string, unknown> {
  readonly to: readonly string[];
  readonly text: string;
}

/** The message as it was taken in. */
async function stored(answer: WireAnswer): Promise<Stored> {
  const [row] = await app.sql<Stored>(
    `select m.text, m.sender, m.route, m.tag, m.sandbox, m.unicode, m.append_stop as stop, m.receipt_url as "receiptUrl",
            m.reply_url as "replyUrl",
            array(select d.phone_number from deliveries d where d.message_id = m.id order by 1)::text[] as to
       from messages m where m.number = $1`,
    [idIn(answer)],
  );
  if (row === undefined) throw new Error('there is no such message');
  return row;
}

const PLAIN = { to: ['+33612345678'], text: 'Bonjour', sender: null, route: 'PREMIUM', tag: null, stop: false };

describe('the body', () => {
  test.each([
    null,
    '',
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=ISO-8859-1',
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded; charset=UTF-8',
    'multipart/form-data; boundary=x',
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/xml',
    'nonsense',
    'application/x-relais-callback',
  ])('JSON under the Content-Type %j', async type => {
    const answer = await client.postRaw('/v1/send', bodyOf(), type === null ? {} : { 'content-type': type });
    expect(await stored(answer)).toMatchObject(PLAIN);
  });

  const bodies: [what: string, body: () => string | Buffer][] = [
    ['a byte order mark', () => `\uFEFF${bodyOf()}`],
    ['blanks and line breaks round it', () => `\r\n ${bodyOf()}\n\n`],
    ['accents as they are', () => bodyOf({ message: 'Ça ira, à 5 €' })],
    ['accents escaped', () => bodyOf().replace('Bonjour', String.raw`\u00c7a ira, \u00e0 5 \u20ac`)],
    ['escaped slashes', () => bodyOf({ urlDlr: 'https://example.com/dlr' }).replaceAll('/', String.raw`\/`)],
  ];

  test.each(bodies)('with %s', async (what, body) => {
    const answer = await client.postRaw('/v1/send', body());
    expect((await stored(answer)).text).toBe(what.startsWith('accents') ? 'Ça ira, à 5 €' : 'Bonjour');
  });

  test('the key of a POST in its query', async () => {
    const query = new URLSearchParams({ apiKey: client.key }).toString();
    const answer = await client.postRaw(`/v1/send?${query}`, JSON.stringify(SMS));
    expect(await stored(answer)).toMatchObject(PLAIN);
  });

  test.each(['/v1/send/', '/v1//send', '/v1/send?', '/v1/send??x=1'])('the path %s', async path => {
    expect((await client.postRaw(path, bodyOf())).status).toBe(200);
  });

  test('without Accept and User-Agent, or with an Accept for something else', async () => {
    expect((await client.send({}, { accept: 'text/html' })).type).toBe('application/json');
    expect((await client.send({}, { accept: 'application/xml' })).type).toBe('application/json');
  });
});

const NOTHING = {
  gamme: null,
  sender: null,
  tag: null,
  scheduledDeliveryDate: null,
  time: null,
  minute: null,
  urlResponse: null,
  urlDlr: null,
  webhookUrl: null,
  isStopSms: null,
  isUnicode: null,
  sandbox: null,
  _format: null,
};

const fields: [given: Record<string, unknown>, as: Record<string, unknown>][] = [
  [NOTHING, PLAIN],
  [{ sender: '', tag: '', urlDlr: '', isStopSms: '', scheduledDeliveryDate: '', time: '', minute: '' }, PLAIN],
  [{ virtualNumber: '+33612345678', whatever: { deep: [1] }, __proto: 1 }, PLAIN],
  // Without a date they mean nothing.
  [{ time: 9, minute: 7 }, PLAIN],
  [{ phoneNumbers: '0612345678' }, PLAIN],
  [{ phoneNumbers: '0033612345678' }, PLAIN],
  [{ phoneNumbers: '06 12 34 56 78' }, PLAIN],
  [{ phoneNumbers: '06.12.34.56.78' }, PLAIN],
  [{ phoneNumbers: ' +33612345678 , +33612345679,' }, { to: ['+33612345678', '+33612345679'] }],
  [{ phoneNumbers: ['0612345678', '+33612345679'] }, { to: ['+33612345678', '+33612345679'] }],
  [{ message: 12_345 }, { text: '12345' }],
  [{ gamme: '1' }, { route: 'PREMIUM' }],
  [{ gamme: '2' }, { route: 'ECO' }],
  [
    { gamme: 2, isStopSms: 1 },
    { route: 'ECO', stop: false },
  ],
  [{ tag: 2026 }, { tag: '2026' }],
  [{ webhookUrl: 'https://example.com/a?b=c' }, { receiptUrl: 'https://example.com/a?b=c' }],
  [
    {
      urlDlr: 'http://example.com/dlr?s=1',
      webhookUrl: 'https://example.com/other',
      urlResponse: 'http://example.com/r',
    },
    { receiptUrl: 'http://example.com/dlr?s=1', replyUrl: 'http://example.com/r' },
  ],
];

test.each(fields)('%j', async (given, as) => {
  expect(await stored(await client.send(given))).toMatchObject(as);
});

const flags: [is: boolean, values: readonly unknown[]][] = [
  [true, [1, true, '1', 'true', 'TRUE', 'True', ' 1 ']],
  [false, [0, false, '0', 'false', 'FALSE', null, '']],
];

test.each(flags)('%s, however it is spelled', async (is, values) => {
  for (const value of values) {
    const answer = await client.send({ isStopSms: value, isUnicode: value, sandbox: value });
    expect([value, await stored(answer)]).toMatchObject([value, { stop: is, unicode: is, sandbox: is }]);
  }
});

test('webhookUrl as a header, as the samples in Node and Swift send it', async () => {
  const answer = await client.send({}, { webhookUrl: 'https://webhook.site/TOKEN' });
  expect(await stored(answer)).toMatchObject({ receiptUrl: 'https://webhook.site/TOKEN' });
});

describe('_format', () => {
  const MISSING = { phoneNumbers: null };
  const JSON_ANSWER = json(
    400,
    `{"success":false,"code":2,"message":"${escaped('Le numéro de téléphone est requis')}"}`,
  );
  const XML_ANSWER = xml(400, '<entry>false</entry><entry>2</entry><entry>Le numéro de téléphone est requis</entry>');

  test.each(['xml', 'XML', 'Xml', ' xml '])('%j in the body', async _format => {
    expect(await client.send({ ...MISSING, _format })).toEqual(XML_ANSWER);
  });

  test.each(['json', 'JSON', '', null, 'yaml', 1, {}, [[]]])('%j in the body', async _format => {
    expect(await client.send({ ...MISSING, _format })).toEqual(JSON_ANSWER);
  });

  test('in the query; the body goes first', async () => {
    expect(await client.post('/v1/send?_format=xml', MISSING)).toEqual(XML_ANSWER);
    expect(await client.post('/v1/send?_format=xml', { ...MISSING, _format: 'json' })).toEqual(JSON_ANSWER);
  });
});

describe('GET', () => {
  test.each(['?apiKey=', '??apiKey=', '?_format=json&apiKey=', '?apiKey=nothing&apiKey='])('/v1/me%s', async before => {
    const answer = await client.getRaw(`/v1/me${before}${client.key}`);
    expect(answer.body).toContain('"success":true,"code":200,"user":{"username":"Boutique",');
  });

  test('without a key; with an empty one; with one that has blanks round it', async () => {
    const missing = `{"success":false,"code":1,"message":"${escaped('La Clé API est requise')}"}`;
    expect(await client.getRaw('/v1/me')).toEqual(json(400, missing));
    expect(await client.getRaw('/v1/me?apiKey=')).toEqual(json(400, missing));
    expect((await client.getRaw(`/v1/me?apiKey=%20${client.key}%0A`)).status).toBe(200);
  });

  test('a plus that was not escaped in a phone number', async () => {
    const id = await client.accepted();
    const path = `/v1/message-status?apiKey=${client.key}&messageId=${id}&phoneNumber=`;
    for (const number of ['+33612345678', '%2B33612345678', '0612345678', '0033612345678'])
      expect((await client.getRaw(`${path}${number}`)).body).toContain('"statut":"Waiting"');
  });
});
