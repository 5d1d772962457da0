import { connect } from 'node:net';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';
import { ScriptedProvider, accept } from '../support/scripted-provider.js';
import { accepted } from '../support/messages.js';

let app: TestApp;
let tenant: TestTenant;
let callback: string;

/** Everything behind the edge is broken: whatever reaches the database fails in a way that nobody expects. */
beforeAll(async () => {
  const provider = new ScriptedProvider().answers(accept);
  app = await appAt('2026-01-06T09:00:00Z', { provider });
  tenant = await app.tenant();
  await accepted(tenant.gql);
  await app.tick();
  callback = new URL(provider.calls.at(-1)?.sms.receiptUrl ?? '').pathname;
  await app.sql('alter table deliveries rename column phone_number to renamed');
  await app.sql('alter table receipts rename column raw to renamed');
  await app.sql('alter table opt_outs rename column phone_number to renamed');
});
afterAll(() => app.close());

/** A stack, a place in the code, SQL, a table, or the name of a thing inside. */
const INSIDE =
  /\n\s+at |node_modules|\.[cm]?[jt]s:\d|file:|\/(?:src|dist|home|tmp|root|work)\/|\b(?:select|insert|update)\b.+\b(?:from|into|set)\b|relation|column|constraint|QueryFailed|TypeError|RangeError|FST_ERR|ERR_|undefined|renamed|stack/i;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly requestId: unknown;
}

type Asked = Parameters<typeof request>[1] & { readonly path: string };

async function answerTo({ path, ...options }: Asked): Promise<Answer> {
  const answer = await request(`${app.url}${path}`, options);
  const text = await answer.body.text();
  expect(text).not.toMatch(INSIDE);
  expect(JSON.stringify(answer.headers)).not.toMatch(INSIDE);
  return { status: answer.statusCode, text, requestId: answer.headers['x-request-id'] };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const small = ({ requestId }: Answer, code: string) => ({ error: { code, message: expect.any(String), requestId } });

describe('a fault of ours leaks nothing', () => {
  test('in a resolver', async () => {
    const answer = await answerTo({
      path: '/graphql',
      method: 'POST',
      headers: { ...JSON_TYPE, authorization: `Bearer ${tenant.key}` },
      body: JSON.stringify({ query: 'mutation { addOptOut(phoneNumber: "0612345678") { source } }' }),
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text).errors[0].extensions).toEqual({
      code: 'INTERNAL_SERVER_ERROR',
      requestId: answer.requestId,
    });
  });

  test('in the drop-in API', async () => {
    const body = JSON.stringify({ apiKey: tenant.key, phoneNumbers: '0612345678', message: 'x' });
    const answer = await answerTo({ path: '/v1/send', method: 'POST', headers: JSON_TYPE, body });
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.text)).toMatchObject({ success: false, code: 500 });
  });

  test('in a callback', async () => {
    const answer = await answerTo({ path: callback, method: 'POST', body: '{"status":"delivered"}' });
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.text)).toEqual(small(answer, 'INTERNAL_SERVER_ERROR'));
  });
});

describe('a request that means nothing gets one small JSON', () => {
  test.for([
    ['an unknown address', { path: '/nowhere', method: 'GET' }, 404, 'NOT_FOUND'],
    ['the root', { path: '/', method: 'GET' }, 404, 'NOT_FOUND'],
    ['an asset that is none', { path: '/graphiql/package.json', method: 'GET' }, 404, 'NOT_FOUND'],
    ['an asset by the way of folders', { path: '/graphiql/..%2f..%2fpackage.json', method: 'GET' }, 404, 'NOT_FOUND'],
    ['an asset that every object has', { path: '/graphiql/__proto__', method: 'GET' }, 404, 'NOT_FOUND'],
    ['a callback that nobody waits for', { path: '/callbacks/receipts/x', method: 'POST' }, 404, 'NOT_FOUND'],
    ['a wrong method', { path: '/metrics', method: 'DELETE' }, 404, 'NOT_FOUND'],
    [
      'a callback that is too large',
      { path: '/callbacks/replies/x', method: 'POST', body: 'x'.repeat(300_000) },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    ['a path that cannot be decoded', { path: '/%zz', method: 'GET' }, 400, 'BAD_REQUEST'],
    [
      'malformed JSON elsewhere',
      { path: '/nowhere', method: 'POST', headers: JSON_TYPE, body: '{' },
      400,
      'BAD_REQUEST',
    ],
  ] as const)('%s', async ([, asked, status, code]) => {
    const answer = await answerTo(asked);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual(small(answer, code));
  });

  test.for([
    ['malformed JSON', '{"query":', 400, 'BAD_REQUEST'],
    ['poisoned JSON', '{"__proto__":{"x":1},"query":"{viewer{scopes}}"}', 400, 'BAD_REQUEST'],
    ['JSON that is a word', '"x"', 400, 'BAD_REQUEST'],
    ['a body of 17 MiB', `{"query":"${'x'.repeat(17 * 1024 * 1024)}"}`, 413, 'PAYLOAD_TOO_LARGE'],
  ] as const)('at /graphql in the shape that its clients read: %s', async ([, body, status, reason]) => {
    const answer = await answerTo({ path: '/graphql', method: 'POST', headers: JSON_TYPE, body });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({
      errors: [{ message: expect.any(String), extensions: { code: 'BAD_USER_INPUT', reason } }],
    });
  });

  test('a body said to be compressed is not unpacked', async () => {
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    const answer = await answerTo({
      path: '/graphql',
      method: 'POST',
      headers,
      body: Buffer.from('H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA==', 'base64'),
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });

  test.for([
    ['headers without end', `GET /graphql HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(70_000)}\r\n\r\n`, 431],
    ['no HTTP at all', 'HELLO\r\n\r\n', 400],
    ['two lengths', 'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello', 400],
  ] as const)('%s', async ([, raw, status]) => {
    const told = await rawAnswer(raw);
    expect(told).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(told).not.toMatch(INSIDE);
  });
});

function rawAnswer(raw: string): Promise<string> {
  return new Promise((told, failed) => {
    let text = '';
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1', () => socket.write(raw));
    socket.setEncoding('utf8').on('data', chunk => (text += chunk));
    socket.on('close', () => told(text)).on('error', failed);
  });
}
