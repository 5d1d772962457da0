import { createServer, type Server } from 'node:http';
import { connect, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { BrokenRequests } from '../../../src/smspartner-api/index.js';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach(server => server.close()));

/** Answers every whole request with "ok", a little later. */
async function listening(options: { readonly timeoutMs?: number } = {}): Promise<number> {
  const { timeoutMs = 60_000 } = options;
  const broken = new BrokenRequests();
  const timeouts = { requestTimeout: timeoutMs, headersTimeout: timeoutMs, connectionsCheckingInterval: 20 };
  const server = createServer(timeouts, (request, response) => {
    broken.note(request, response);
    request.on('error', () => undefined).on('end', () => void pause(30).then(() => response.end('ok')));
    request.resume();
  });
  server.on('clientError', (error, socket) => {
    if (socket instanceof Socket) broken.answer(error, socket);
  });
  servers.push(server);
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Everything that comes back until the server closes. */
function exchange(port: number, sent: string, andEnd: 'end' | 'stay' = 'stay'): Promise<string> {
  return new Promise((done, failed) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(sent);
      if (andEnd === 'end') socket.end();
    });
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => (received += data));
    socket.on('close', () => done(received));
    socket.on('error', failed);
  });
}

const GOOD = 'POST /v1/send HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}';
const REFUSED = /^HTTP\/1\.1 400 Bad Request\r\n[^]*\r\n\r\n\{"success":false,"code":90,"message":"[^"]+"\}$/;

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', 'stay'],
  ['a body cut short', GOOD.slice(0, -1), 'end'],
  ['headers cut short', 'POST /v1/send HTTP/1.1\r\nHost', 'end'],
  ['a chunk that is none', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'stay'],
] as const)('%s is told in the shape of the API, and the connection closed', async (_, sent, andEnd) => {
  expect(await exchange(await listening(), sent, andEnd)).toMatch(REFUSED);
});

test('headers beyond all measure', async () => {
  const answer = await exchange(await listening(), `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 431 [^]*"code":90/);
});

test('a body that does not end in time', async () => {
  const unending = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n';
  expect(await exchange(await listening({ timeoutMs: 50 }), unending)).toMatch(/^HTTP\/1\.1 408 [^]*"code":90/);
});

test('what came whole before is answered, and the refusal is not taken for that answer', async () => {
  const port = await listening();
  for (const answer of [
    await exchange(port, `${GOOD}hello\r\n\r\n`),
    await exchange(port, `${GOOD}${GOOD.slice(0, -1)}`, 'end'),
  ]) {
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK[^]*ok/);
    expect(answer).not.toContain('"code":90');
  }
});
