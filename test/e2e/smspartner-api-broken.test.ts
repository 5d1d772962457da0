import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { escaped, refusal, SmsPartnerClient, xml } from '../support/smspartner-client.js';
import { appAt, type TestApp } from '../support/test-app.js';

let app: TestApp;
let client: SmsPartnerClient;

beforeAll(async () => {
  // Monday 12 January 2026, 11:00 in Paris: open.
  app = await appAt('2026-01-12T10:00:00Z');
  const { key } = await app.tenant({ defaultCategory: 'TRANSACTIONAL', credit: '1000.0000' });
  client = new SmsPartnerClient(app.url, key);
});
afterAll(() => app.close());

// Whatever was sent to it, it goes on.
afterEach(async () => {
  expect((await client.get('/v1/me')).status).toBe(200);
  await client.accepted();
});

/** An answer that takes longer is none: a client has given up by then. */
const QUICK = { timeout: 10_000 };
const MiB = 1024 * 1024;

interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

type Piece = string | Buffer;

/** Writes bytes to the port as they are and reads until it is closed. `halfClosed`: says that nothing more will come. */
function wire(pieces: readonly Piece[], halfClosed = false): Promise<string> {
  const { hostname, port } = new URL(app.url);
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => (received += text));
  // Told that it may not write on, after the answer has come.
  socket.on('error', () => resolve(received)).on('close', () => resolve(received));
  for (const piece of pieces) socket.write(piece);
  if (halfClosed) socket.end();
  return promise;
}

function answerIn(received: string): RawAnswer {
  const [head = '', ...rest] = received.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? '0'), head, body: rest.join('\r\n\r\n') };
}

const ask = async (pieces: readonly Piece[], halfClosed = false): Promise<RawAnswer> =>
  answerIn(await wire(pieces, halfClosed));

const headOf = (line: string, ...headers: readonly string[]): string =>
  [`${line} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers, '', ''].join('\r\n');

const post = (path: string, body: string, length = Buffer.byteLength(body)): string =>
  headOf(`POST ${path}`, `Content-Length: ${length}`) + body;

/** In the format asked for, with its type, and nothing but it. */
function expectRefusal(answer: RawAnswer, status: number, code: number, sentence: string, format = 'json'): void {
  const expected =
    format === 'xml'
      ? xml(status, `<entry>false</entry><entry>${code}</entry><entry>${sentence}</entry>`)
      : refusal(code, sentence, status);
  const type = /^content-type: (.*)$/im.exec(answer.head)?.[1];
  expect({ status: answer.status, type, body: answer.body }).toEqual(expected);
}

const FORMATS = ['json', 'xml'] as const;
const BROKEN =
  "La requête n'est pas valide : elle est mal formée ou incomplète. Rien n'a été envoyé ; renvoyez-la en entier.";
const SLOW =
  "La requête n'est pas valide : elle n'est pas arrivée en entier à temps. Rien n'a été envoyé ; renvoyez-la en entier.";
const MALFORMED =
  'Le corps de la requête n\'est pas un objet JSON valide (UTF-8). Vérifiez notamment que le caractère " est échappé (\\").';
const TOO_LARGE =
  "Le corps de la requête n'est pas valide : il dépasse 2 Mio. Répartissez l'envoi sur plusieurs requêtes.";
const NOWHERE = "Cette adresse n'existe pas. Vérifiez l'URL appelée, par exemple /v1/send.";
const method = (name: string): string =>
  `Cette méthode HTTP n'est pas acceptée ici. Utilisez ${name} pour cette adresse.`;

describe.each(FORMATS)('_format=%s', format => {
  const at = (path: string): string => `${path}?_format=${format}`;

  test('malformed JSON', QUICK, async () => {
    expectRefusal(await ask([post(at('/v1/send'), '{"apiKey":"a"b"}')]), 400, 90, MALFORMED, format);
  });

  test('a body cut short, whose client still listens', QUICK, async () => {
    const cut = post(at('/v1/send'), '{"apiKey":"', 500);
    expectRefusal(await ask([cut], true), 400, 90, BROKEN, format);
  });

  test('a chunked body cut short', QUICK, async () => {
    const cut = `${headOf(`POST ${at('/v1/send')}`, 'Transfer-Encoding: chunked')}5\r\n{"api`;
    expectRefusal(await ask([cut], true), 400, 90, BROKEN, format);
  });

  test('a chunk that is none', QUICK, async () => {
    const broken = `${headOf(`POST ${at('/v1/send')}`, 'Transfer-Encoding: chunked')}5\r\n{"apiKey":"\r\nzz\r\n`;
    expectRefusal(await ask([broken]), 400, 90, BROKEN, format);
  });

  test.each([3, 7, 20])('a body of %i MiB, as declared', QUICK, async size => {
    const body = Buffer.alloc(size * MiB, ' ');
    const head = headOf(`POST ${at('/v1/send')}`, `Content-Length: ${body.length}`);
    expectRefusal(await ask([head, body]), 413, 90, TOO_LARGE, format);
  });

  test.each([3, 20])('a chunked body of %i MiB', QUICK, async size => {
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MiB, ' '), Buffer.from('\r\n')]);
    const head = headOf(`POST ${at('/v1/send')}`, 'Transfer-Encoding: chunked');
    const pieces = [head, ...Array.from({ length: size }, () => chunk), '0\r\n\r\n'];
    expectRefusal(await ask(pieces), 413, 90, TOO_LARGE, format);
  });

  const methods: [asked: string, path: string, allowed: string][] = [
    ...['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((asked): [string, string, string] => [
      asked,
      '/v1/send',
      'POST',
    ]),
    ['POST', '/v1/me', 'GET'],
    ['OPTIONS', '/v1/me', 'GET'],
    ['POST', '/v1/message-cancel', 'GET'],
    ['LINK', '/v1/send', 'GET ou POST'],
    ['PURGE', '/v1/nowhere', 'GET ou POST'],
  ];

  test.each(methods)('%s %s', QUICK, async (asked, path, allowed) => {
    const answer = await ask([headOf(`${asked} ${at(path)}`, 'Content-Length: 0')]);
    expectRefusal(answer, 405, 405, method(allowed), format);
    expect(answer.head).toMatch(new RegExp(`^allow: ${allowed.replace(' ou ', ', ')}$`, 'im'));
  });

  test.each(['/v1/nowhere', '/v1', '/v1/', '/v1/send/x', '/v1/SEND', '/v1/%zz', '/v1/a%00b', '/v1/../v1/x'])(
    'the path %s',
    QUICK,
    async path => {
      for (const asked of ['GET', 'POST'])
        expectRefusal(await ask([headOf(`${asked} ${at(path)}`, 'Content-Length: 0')]), 404, 404, NOWHERE, format);
    },
  );
});

test.each(['/v1/send', '/v1/me', '/v1/nowhere'])('HEAD %s has a status and no body', QUICK, async path => {
  const answer = await ask([headOf(`HEAD ${path}`)]);
  expect([answer.status, answer.body]).toEqual([path === '/v1/nowhere' ? 404 : 405, '']);
  expect(answer.head).toMatch(/^content-type: application\/json$/im);
});

test.each([
  ['no HTTP at all', 'garbage\r\n\r\n'],
  ['TLS, to a port that has none', Buffer.from('16030100c8010000c40303', 'hex')],
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['a header that is none', 'GET /v1/me HTTP/1.1\r\nHost: localhost\r\nnonsense\r\n\r\n'],
  ['two lengths', 'POST /v1/send HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}'],
  ['a length that is none', 'POST /v1/send HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}'],
  ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
])('%s', QUICK, async (_, bytes) => {
  const answer = await ask([bytes], true);
  expectRefusal(answer, 400, 90, BROKEN);
});

test.each(['1.0', '1.1'])('without Host, in HTTP/%s, it is answered like any other', QUICK, async version => {
  const answer = await ask([`GET /v1/me HTTP/${version}\r\nConnection: close\r\n\r\n`]);
  expectRefusal(answer, 400, 1, 'La Clé API est requise');
});

test('a head cut short', QUICK, async () => {
  expectRefusal(await ask(['POST /v1/send HTTP/1.1\r\nHost: loc'], true), 400, 90, BROKEN);
});

test('headers beyond all measure', QUICK, async () => {
  expectRefusal(await ask([headOf('GET /v1/me', `X-Long: ${'a'.repeat(100_000)}`)]), 431, 90, BROKEN);
});

test('a large body announced by Expect: 100-continue, as curl does', QUICK, async () => {
  const body = JSON.stringify({
    apiKey: client.key,
    phoneNumbers: '0612345678',
    message: 'a',
    x: 'x'.repeat(1_500_000),
  });
  const received = await wire([
    headOf('POST /v1/send', `Content-Length: ${body.length}`, 'Expect: 100-continue') + body,
  ]);
  expect(received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
});

test('what breaks after a good request does not stand in for its answer', QUICK, async () => {
  const good = `GET /v1/me?apiKey=${client.key} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const received = await wire([`${good}garbage\r\n\r\n`], true);
  expect(received).not.toMatch(/^HTTP\/1\.1 400/);
});

test('a client that says it has nothing more to send still hears the answer', QUICK, async () => {
  const body = JSON.stringify({ apiKey: client.key, phoneNumbers: '0612345678', message: 'a' });
  const answer = await ask(
    [`POST /v1/send HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`],
    true,
  );
  expect([answer.status, answer.body.slice(0, 26)]).toEqual([200, '{"success":true,"code":200']);
});

test('two requests at once on one connection are answered one after the other', QUICK, async () => {
  const first = `GET /v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const received = await wire([first + headOf('GET /v1/nowhere')]);
  expect(received.match(/"code":\d+/g)).toEqual(['"code":1', '"code":404']);
});

test('a body that nobody reads does not stand in the way of the next request', QUICK, async () => {
  for (const [first, code] of [
    ['POST /v1/nowhere', 404],
    ['PUT /v1/send', 405],
    ['LINK /v1/send', 405],
  ] as const) {
    const body = JSON.stringify({ x: 'x'.repeat(MiB) });
    const posted = `${first} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const received = await wire([posted, headOf('GET /v1/me')]);
    expect(received.match(/"code":\d+/g)).toEqual([`"code":${code}`, '"code":1']);
  }
});

// So do Java's HttpClient and curl --http2 where there is no TLS.
test('an offer to go on in HTTP/2 is declined by answering', QUICK, async () => {
  const offer = [
    'Connection: Upgrade, HTTP2-Settings, close',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
  ];
  const body = JSON.stringify({ apiKey: client.key, phoneNumbers: '0612345678', message: 'a' });
  const head = ['POST /v1/send HTTP/1.1', 'Host: localhost', ...offer, `Content-Length: ${body.length}`, '', ''];
  const answer = await ask([head.join('\r\n') + body]);
  expect([answer.status, answer.body.slice(0, 26)]).toEqual([200, '{"success":true,"code":200']);
});

test('requests that never end are ended', QUICK, async () => {
  const server = app.nest.getHttpServer();
  const { requestTimeout, headersTimeout } = server;
  // Looked at every five seconds.
  Object.assign(server, { requestTimeout: 100, headersTimeout: 100 });
  try {
    const endless = [
      post('/v1/send', '{"apiKey":"', 500),
      post('/v1/nowhere', '{"apiKey":"', 500),
      `${headOf('POST /v1/send', 'Transfer-Encoding: chunked')}5\r\n{"api`,
      'POST /v1/send HTTP/1.1\r\nHost: loc',
    ];
    const [body, nowhere, chunked, head] = await Promise.all(endless.map(bytes => ask([bytes])));
    for (const answer of [body, chunked, head]) if (answer) expectRefusal(answer, 408, 90, SLOW);
    if (nowhere) expectRefusal(nowhere, 404, 404, NOWHERE);
  } finally {
    Object.assign(server, { requestTimeout, headersTimeout });
  }
});

const FIELDS =
  'apiKey phoneNumbers message gamme sender tag scheduledDeliveryDate time minute urlResponse urlDlr webhookUrl ' +
  'isStopSms isUnicode sandbox _format SMSList __proto__';
const SHORT = String.raw`{} [] [[]] [null] {"length":3} true -1 1.5 1e400 1e21 "\u0000" "\ud800" "\u202e\ufeff" "';--"`;
const LONG = [`"${'x'.repeat(10_000)}"`, `${'['.repeat(5_000)}${']'.repeat(5_000)}`];

test.each(FIELDS.split(' '))('odd values of %s: an answer, never a failure', async field => {
  for (const value of [...SHORT.split(' '), ...LONG]) {
    for (const path of ['/v1/send', '/v1/bulk-send', '/v1/multi-status', '/v1/stop-sms/add']) {
      const rest = `"apiKey":"${client.key}","phoneNumbers":"0612345678","message":"a","SMSList":[]`;
      const answer = await client.postRaw(path, `{${rest},"${field}":${value}}`);
      expect([path, value.slice(0, 40), answer.status]).toEqual([
        path,
        value.slice(0, 40),
        expect.toBeOneOf([200, 400]),
      ]);
      expect(answer.body).toMatch(/^\{"success":(true|false),"code":\d+/);
    }
  }
});

test.each(['messageId', 'phoneNumber', 'tag', 'page', 'id', 'apiKey', '_format'])('odd queries of %s', async name => {
  const odd = [
    '',
    '%00',
    '%ff',
    '%',
    '%zz',
    '+',
    '-1',
    '9'.repeat(30),
    '[]',
    'a'.repeat(5_000),
    '%F0%9F%98%80',
    "'%3B--",
  ];
  const calls = ['message-status', 'bulk-status', 'bulk-status-by-tag', 'message-cancel', 'me', 'stop-sms/delete'];
  for (const call of calls) {
    for (const value of odd) {
      const rest = `apiKey=${client.key}&messageId=1&phoneNumber=0612345678&tag=a&id=1`;
      const answer = await client.getRaw(`/v1/${call}?${rest}&${name}=${value}`);
      expect([call, value, answer.status]).toEqual([call, value, expect.toBeOneOf([200, 400])]);
      expect(answer.body).toMatch(/^\{"success":(true|false),"code":\d+/);
    }
  }
});

test('nothing of a failure inside is told', async () => {
  await app.sql('alter table messages rename to hidden');
  try {
    const answer = await client.send();
    expect(answer).toEqual(
      refusal(
        500,
        "Une erreur interne est survenue ; elle est journalisée. Vérifiez l'état du message avant de recommencer, ou " +
          'recommencez avec le même en-tête Idempotency-Key.',
        500,
      ),
    );
    expect(answer.body).toContain(escaped('journalisée'));
  } finally {
    await app.sql('alter table hidden rename to messages');
  }
});
