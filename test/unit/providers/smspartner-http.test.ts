import { createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmsPartnerProvider } from '../../../src/providers/index.js';
import { sampleSms } from '../../support/sample-sms.js';
import { ACCEPTED, SmsPartnerStub, answerJson, answerText, listenOnLoopback } from '../../support/smspartner-stub.js';

const CREDENTIAL = { apiKey: 'tenant-key-0123456789abcdef' };
const PLATFORM = { apiKey: 'platform-key-0123456789abcdef' };
const TIMEOUT_MS = 150;

let stub: SmsPartnerStub;
let provider: SmsPartnerProvider;

beforeEach(async () => {
  stub = await SmsPartnerStub.start();
  provider = new SmsPartnerProvider({ baseUrl: stub.baseUrl, timeoutMs: 2_000, platformCredential: PLATFORM });
});

afterEach(async () => {
  await stub.close();
  await provider.close();
});

const send = (signal = new AbortController().signal, through = provider) =>
  through.send(sampleSms(), CREDENTIAL, { signal, mayStart: () => true });

const impatient = () =>
  new SmsPartnerProvider({ baseUrl: stub.baseUrl, timeoutMs: TIMEOUT_MS, platformCredential: null });

describe('what goes over the wire', () => {
  test('is one JSON POST to /v1/send with the key of the tenant', async () => {
    await send();
    expect(stub.requests).toEqual([
      {
        method: 'POST',
        path: '/v1/send',
        contentType: 'application/json',
        body: expect.objectContaining({ apiKey: CREDENTIAL.apiKey, phoneNumbers: '+33612345678' }),
      },
    ]);
  });

  test('has the key of the platform when the tenant has none', async () => {
    await provider.send(sampleSms(), null, { signal: new AbortController().signal, mayStart: () => true });
    expect(stub.requests[0]?.body).toMatchObject({ apiKey: PLATFORM.apiKey });
  });

  test('is nothing when there is no key at all: blocked', async () => {
    const outcome = await impatient().send(sampleSms(), null, {
      signal: new AbortController().signal,
      mayStart: () => true,
    });
    expect(outcome).toEqual({ status: 'blocked', code: 'NO_CREDENTIAL', reason: 'no API key is configured' });
    expect(stub.requests).toEqual([]);
  });

  test('is nothing when the call is aborted before it starts', async () => {
    expect(await send(AbortSignal.abort())).toMatchObject({ status: 'not-sent', cause: 'unreachable' });
    expect(stub.connections).toBe(0);
  });

  test('respects a path and a slash in the base URL', async () => {
    const behindPath = new SmsPartnerProvider({
      baseUrl: `${stub.baseUrl}/proxy/`,
      timeoutMs: 2_000,
      platformCredential: null,
    });
    await send(undefined, behindPath);
    await behindPath.close();
    expect(stub.requests[0]?.path).toBe('/proxy/v1/send');
  });

  test('uses one connection for calls in a row, and as many as there are calls at once', async () => {
    await send();
    // undici leaves a connection alone for one turn, in case the server closes it after all.
    await nextTurn();
    await send();
    expect(stub.connections).toBe(1);
    await nextTurn();
    await Promise.all([send(), send(), send()]);
    expect([stub.requests.length, stub.connections]).toEqual([5, 3]);
  });
});

describe('answers', () => {
  test('JSON under the wrong content type is read', async () => {
    stub.reaction = answerText(200, JSON.stringify(ACCEPTED));
    expect(await send()).toMatchObject({ status: 'accepted', providerMessageId: '1223109', cost: '0.045' });
  });

  test.each([
    ['an HTML page with 502', answerText(502, '<html>Bad gateway</html>')],
    ['truncated JSON', answerText(200, '{"success":true,"code":200,"mess')],
    ['an empty answer', answerText(200, '')],
    ['an answer of more than 1 MiB', answerJson(200, { ...ACCEPTED, padding: 'x'.repeat(1_100_000) })],
    ['a body that breaks off', answerText(200, JSON.stringify(ACCEPTED), { 'content-length': '5000' })],
  ])('%s is unknown', async (_name, reaction) => {
    stub.reaction = (response, request) => {
      reaction(response, request);
      setImmediate(() => request.socket.destroySoon());
    };
    expect(await send()).toMatchObject({ status: 'unknown' });
    expect(stub.requests).toHaveLength(1);
  });

  test('a redirect is not followed, because the first address may have taken the call', async () => {
    stub.reaction = answerText(307, '', { location: `${stub.baseUrl}/elsewhere` });
    expect(await send()).toEqual({ status: 'unknown', reason: 'HTTP 307' });
    expect(stub.requests).toHaveLength(1);
  });

  test('429 passes Retry-After on, seconds or date', async () => {
    stub.reaction = answerText(429, 'slow down', { 'retry-after': '12' });
    expect(await send()).toMatchObject({ status: 'not-sent', cause: 'rate-limited', retryAfterMs: 12_000 });
    stub.reaction = answerText(429, '', {
      date: 'Mon, 02 Mar 2026 09:00:00 GMT',
      'retry-after': 'Mon, 02 Mar 2026 09:00:30 GMT',
    });
    expect(await send()).toMatchObject({ status: 'not-sent', retryAfterMs: 30_000 });
  });

  test.each([401, 403, 404, 405])('an HTML page with %d blocks the account, no message fails for it', async status => {
    stub.reaction = answerText(status, '<html>No</html>');
    expect(await send()).toMatchObject({ status: 'blocked', code: `HTTP_${status}` });
  });
});

describe('doubt', () => {
  test('no answer in time is unknown: the request had left', async () => {
    stub.reaction = () => undefined;
    const outcome = await send(undefined, impatient());
    expect(outcome).toEqual({ status: 'unknown', reason: 'the request left, no answer came (timed out)' });
    expect(stub.requests).toHaveLength(1);
  });

  test('the time-out covers the body, too', async () => {
    stub.reaction = response => void response.writeHead(200).write('{"success":true,');
    expect(await send(undefined, impatient())).toMatchObject({ status: 'unknown' });
  });

  test('an abort in mid-call is unknown', async () => {
    const shutdown = new AbortController();
    stub.reaction = () => shutdown.abort();
    expect(await send(shutdown.signal)).toMatchObject({
      status: 'unknown',
      reason: 'the request left, no answer came (stopped)',
    });
  });

  test('a connection reset after the request is unknown, and nothing is sent again', async () => {
    stub.reaction = response => response.socket?.destroy();
    expect(await send()).toMatchObject({ status: 'unknown' });
    stub.reaction = response => void response.socket?.resetAndDestroy();
    expect(await send()).toMatchObject({ status: 'unknown' });
    expect(stub.requests).toHaveLength(2);
  });

  test('a reset on a connection that was kept alive is unknown as well', async () => {
    expect(await send()).toMatchObject({ status: 'accepted' });
    await nextTurn();
    stub.reaction = response => void response.socket?.resetAndDestroy();
    expect(await send()).toMatchObject({ status: 'unknown' });
    expect([stub.requests.length, stub.connections]).toEqual([2, 1]);
  });

  test('after a reset the next call has a new connection', async () => {
    stub.reaction = response => response.socket?.destroy();
    await send();
    stub.reaction = answerJson(200, ACCEPTED);
    expect(await send()).toMatchObject({ status: 'accepted' });
  });
});

describe('proof that nothing left', () => {
  test('a closed port', async () => {
    await stub.close();
    expect(await send()).toEqual({
      status: 'not-sent',
      cause: 'unreachable',
      reason: 'the request did not leave (ECONNREFUSED)',
      retryAfterMs: null,
    });
  });

  test('a name that does not exist', async () => {
    const lost = new SmsPartnerProvider({
      baseUrl: 'http://sms.invalid',
      timeoutMs: 5_000,
      platformCredential: null,
    });
    expect(await send(undefined, lost)).toMatchObject({ status: 'not-sent', cause: 'unreachable' });
    await lost.close();
  });

  test('an abort while the connection is being made: the request stays away from it when it comes about', async () => {
    const shutdown = new AbortController();
    const call = send(shutdown.signal);
    shutdown.abort();
    const reason = 'the request did not leave (stopped)';
    expect(await call).toEqual({ status: 'not-sent', cause: 'unreachable', reason, retryAfterMs: null });
    await provider.close();
    expect([stub.requests.length, stub.connections]).toEqual([0, 1]);
  });

  test('a closed adapter', async () => {
    await provider.close();
    expect(await send()).toMatchObject({ status: 'not-sent', cause: 'unreachable' });
    expect(stub.requests).toEqual([]);
  });

  test('a time-out while the connection is being made', async () => {
    const silent = createServer();
    const baseUrl = `https://127.0.0.1:${await listenOnLoopback(silent)}`;
    const slow = new SmsPartnerProvider({ baseUrl, timeoutMs: TIMEOUT_MS, platformCredential: null });
    expect(await send(undefined, slow)).toMatchObject({ status: 'not-sent', cause: 'unreachable' });
    silent.close();
  });
});
