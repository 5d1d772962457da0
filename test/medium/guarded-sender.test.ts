import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GuardedSender, type SenderOptions } from '../../src/callbacks/outgoing/guarded-sender.js';
import { type ResolvedAddress, resolveName } from '../../src/callbacks/outgoing/resolve-name.js';
import { NameServer } from '../support/name-server.js';
import { answer, HOOKS_TLS, Receiver } from '../support/receiver.js';
import { SELF_SIGNED } from '../support/self-signed.js';
import { listenOnLoopback } from '../support/smspartner-stub.js';
import { configOf } from '../support/test-app.js';

const HOST = 'hooks.example.test';
const LOOPBACK = '127.0.0.0/8';
/** Ordinary unicast by every table, and given back to IANA in 2006: nothing answers there. */
const PUBLIC = '3ffe::1';
const INSIDE = 'it leads to a private, local or reserved address';
const NOT_PERMITTED = 'its port, or http in place of https, is not permitted';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function sender(allow: string, options: SenderOptions = {}): GuardedSender {
  const made = new GuardedSender(
    configOf({ DATABASE_URL: 'postgresql://nowhere/none', WEBHOOK_ALLOW: allow }),
    options,
  );
  closing.push(() => made.onApplicationShutdown());
  return made;
}

async function closed<T extends { close(): unknown }>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  closing.push(() => started.close());
  return started;
}

const addresses = (...given: string[]): ResolvedAddress[] =>
  given.map(address => ({ address, family: address.includes(':') ? 6 : 4 }));

/** Answers one list of addresses after the other, the last one for ever, and counts how often it was asked. */
class Names {
  asked: string[] = [];
  private readonly answers: ResolvedAddress[][];

  constructor(...answers: readonly (readonly string[])[]) {
    this.answers = answers.map(given => addresses(...given));
  }

  readonly resolve = (hostname: string): Promise<ResolvedAddress[]> => {
    this.asked.push(hostname);
    const next = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    return Promise.resolve(next ?? []);
  };
}

const body = '{"status":"delivered"}';

describe('a call that may leave', () => {
  test('arrives as it was asked for: method, path, query, body, headers', async () => {
    const receiver = await closed(Receiver.start());
    const posted = await sender(LOOPBACK).post({
      url: receiver.url('/dlr.php?key=a%20b&x=1&x=2#fragment'),
      body,
      headers: { 'webhook-id': 'msg_1' },
    });
    expect(posted).toEqual({ kind: 'answered', status: 200, retryAfterMs: null });
    expect(receiver.received).toMatchObject([
      {
        method: 'POST',
        path: '/dlr.php?key=a%20b&x=1&x=2',
        body,
        headers: {
          host: `127.0.0.1:${receiver.port}`,
          'content-type': 'application/json',
          'user-agent': 'Relais',
          'webhook-id': 'msg_1',
        },
      },
    ]);
  });

  test.each([200, 204, 404, 410, 500])('says %i as it came', async status => {
    const receiver = await closed(Receiver.start());
    receiver.answering = answer(status);
    expect(await sender(LOOPBACK).post({ url: receiver.url(), body })).toMatchObject({ kind: 'answered', status });
  });

  test('says after how long the receiver wants it again', async () => {
    const receiver = await closed(Receiver.start());
    receiver.answering = answer(429, { 'retry-after': '120' });
    const posted = await sender(LOOPBACK).post({ url: receiver.url(), body });
    expect(posted).toEqual({ kind: 'answered', status: 429, retryAfterMs: 120_000 });
  });

  test('is resolved once for each connection, and a connection serves many', async () => {
    const receiver = await closed(Receiver.start());
    const names = new Names(['127.0.0.1']);
    const guarded = sender(LOOPBACK, { resolve: names.resolve });
    for (let times = 0; times < 10; times += 1) await guarded.post({ url: receiver.url('/', HOST), body });
    expect(receiver.connections).toBeLessThan(10);
    expect(names.asked).toEqual(Array(receiver.connections).fill(HOST));
    expect(receiver.received.map(({ headers }) => headers.host)).toEqual(Array(10).fill(`${HOST}:${receiver.port}`));
  });

  test('goes on to the next address where one does not answer', async () => {
    const receiver = await closed(Receiver.start('127.0.0.1'));
    const { resolve } = new Names(['127.0.0.2', '127.0.0.1']);
    const posted = await sender(LOOPBACK, { resolve }).post({ url: receiver.url('/', HOST), body });
    expect(posted).toMatchObject({ kind: 'answered', status: 200 });
  });
});

describe('over TLS', () => {
  test('the name stays what it was, in the handshake and in Host, whatever address it leads to', async () => {
    const receiver = await closed(Receiver.startTls());
    const { resolve } = new Names(['127.0.0.1']);
    const posted = await sender(LOOPBACK, { resolve, ca: HOOKS_TLS.cert }).post({
      url: receiver.url('/?a=1', HOST),
      body,
      httpsOnly: true,
    });
    expect(posted).toMatchObject({ kind: 'answered', status: 200 });
    expect(receiver.received).toMatchObject([
      { servername: HOST, path: '/?a=1', headers: { host: `${HOST}:${receiver.port}` } },
    ]);
  });

  test.each([
    ['for another name', SELF_SIGNED, SELF_SIGNED.cert, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['that nobody trusts', HOOKS_TLS, undefined, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ] as const)('a certificate %s: nothing is posted', async (_, keys, ca, code) => {
    const receiver = await closed(Receiver.startTls(keys));
    const { resolve } = new Names(['127.0.0.1']);
    const guarded = sender(LOOPBACK, ca === undefined ? { resolve } : { resolve, ca });
    const posted = await guarded.post({ url: receiver.url('/', HOST), body });
    expect(posted).toEqual({ kind: 'failed', reason: `no answer (${code})` });
    expect(receiver.received).toEqual([]);
  });

  test('plain HTTP behind https fails, and says neither host nor port', async () => {
    const receiver = await closed(Receiver.start());
    const { resolve } = new Names(['127.0.0.1']);
    const posted = await sender(LOOPBACK, { resolve }).post({
      url: `https://${HOST}:${receiver.port}/?secret`,
      body,
    });
    expect(posted).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/^no answer \(\w+\)$/) });
    expect(JSON.stringify(posted)).not.toMatch(new RegExp(`example|secret|${receiver.port}|127`));
  });
});

describe('a name that leads inside', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await closed(Receiver.start());
  });

  test.each([
    ['alone', ['127.0.0.1']],
    ['after a public one', [PUBLIC, '127.0.0.1']],
    ['before a public one', ['127.0.0.1', PUBLIC]],
    ['mapped', ['::ffff:127.0.0.1']],
    ['metadata', ['169.254.169.254']],
    ['private', ['8.8.8.8', '10.0.0.1']],
    ['what is no address', ['localhost']],
  ])('is refused, and nothing is connected to: %s', async (_, given) => {
    const { resolve } = new Names(given);
    const posted = await sender('', { resolve }).post({ url: receiver.url('/', HOST), body });
    expect(posted).toEqual({ kind: 'refused', reason: INSIDE });
    expect(receiver.connections).toBe(0);
  });

  test('is refused over TLS as well', async () => {
    const secure = await closed(Receiver.startTls());
    const { resolve } = new Names(['127.0.0.1']);
    const posted = await sender('', { resolve, ca: HOOKS_TLS.cert }).post({ url: secure.url('/', HOST), body });
    expect(posted).toEqual({ kind: 'refused', reason: INSIDE });
    expect(secure.connections).toBe(0);
  });

  test('from one call to the next is refused then: what was public before is no pass', async () => {
    const names = new Names([PUBLIC], ['127.0.0.1']);
    const guarded = sender('', { resolve: names.resolve, timeoutMs: 300 });
    const url = receiver.url('/', HOST);
    expect(await guarded.post({ url, body })).toMatchObject({ kind: 'failed' });
    expect(await guarded.post({ url, body })).toEqual({ kind: 'refused', reason: INSIDE });
    expect(names.asked).toEqual([HOST, HOST]);
    expect(receiver.connections).toBe(0);
  });

  test('between looking and connecting has no moment to do so: what was checked is what is connected to', async () => {
    const names = new Names(['127.0.0.1'], ['127.0.0.2']);
    const posted = await sender('127.0.0.1', { resolve: names.resolve }).post({ url: receiver.url('/', HOST), body });
    expect(posted).toMatchObject({ kind: 'answered', status: 200 });
    expect(names.asked).toEqual([HOST]);
  });

  test('says no more than that: a resolver that fails is a failure like any other', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error(`queryA ${HOST}`), { code: 'ESERVFAIL' }));
    const posted = await sender('', { resolve }).post({ url: receiver.url('/', HOST), body });
    expect(posted).toEqual({ kind: 'failed', reason: 'no answer (ESERVFAIL)' });
    const { resolve: nothing } = new Names([]);
    const none = await sender('', { resolve: nothing }).post({ url: receiver.url('/', HOST), body });
    expect(none).toEqual({ kind: 'failed', reason: 'no answer (ENOTFOUND)' });
  });
});

describe('by a real name server that rebinds', () => {
  test('the first call fails out there, the second is refused, and loopback hears nothing', async () => {
    const server = await closed(NameServer.start());
    const receiver = await closed(Receiver.start());
    let lookups = 0;
    server.answering = (_, type) => {
      if (type === 'AAAA') return lookups > 1 ? [] : [PUBLIC];
      lookups += 1;
      return lookups > 1 ? ['127.0.0.1'] : [];
    };
    const guarded = sender('', { resolve: name => resolveName(name, [server.address]), timeoutMs: 1_000 });
    const url = receiver.url('/', HOST);
    expect(await guarded.post({ url, body })).toMatchObject({ kind: 'failed' });
    expect(await guarded.post({ url, body })).toEqual({ kind: 'refused', reason: INSIDE });
    expect(server.asked.toSorted()).toEqual([`${HOST} A`, `${HOST} A`, `${HOST} AAAA`, `${HOST} AAAA`]);
    expect(receiver.connections).toBe(0);
  });
});

describe('a URL that is refused as it stands', () => {
  test.each(['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'])(
    'leads inside without DNS: %s',
    async host => {
      const receiver = await closed(Receiver.start());
      expect(await sender('').post({ url: receiver.url('/', host), body })).toEqual({
        kind: 'refused',
        reason: INSIDE,
      });
      expect(receiver.connections).toBe(0);
    },
  );

  test.each(['ftp://hooks.example.test/', 'http://user:secret@hooks.example.test/', 'nonsense', 'file:///etc/passwd'])(
    'is none to call: %s',
    async url => {
      expect(await sender(LOOPBACK).post({ url, body })).toEqual({
        kind: 'refused',
        reason: 'it is no URL that can be called',
      });
    },
  );

  test('another protocol’s port, unless the name leads to what is allowed', async () => {
    const { resolve } = new Names([PUBLIC]);
    const url = `http://${HOST}:25/`;
    expect(await sender(LOOPBACK, { resolve }).post({ url, body })).toEqual({ kind: 'refused', reason: NOT_PERMITTED });
    const allowed = await sender(LOOPBACK, new Names(['127.0.0.1'])).post({ url: `http://${HOST}:1/`, body });
    expect(allowed).toEqual({ kind: 'failed', reason: 'no answer (ECONNREFUSED)' });
  });

  test('http where https is asked for, unless the name leads to what is allowed', async () => {
    const receiver = await closed(Receiver.start());
    const call = { url: receiver.url('/', HOST), body, httpsOnly: true };
    expect(await sender(LOOPBACK, new Names([PUBLIC])).post(call)).toEqual({ kind: 'refused', reason: NOT_PERMITTED });
    expect(await sender(LOOPBACK, new Names(['127.0.0.1', PUBLIC])).post(call)).toMatchObject({ kind: 'refused' });
    expect(receiver.connections).toBe(0);
    expect(await sender(LOOPBACK, new Names(['127.0.0.1'])).post(call)).toMatchObject({ kind: 'answered' });
  });
});

/** The port of a server that says this much to each connection and leaves it open. */
async function talking(speak: (socket: Socket) => unknown): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer(socket => {
    sockets.push(socket.on('error', () => undefined));
    speak(socket);
  });
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listenOnLoopback(server);
}

describe('a receiver that misbehaves', () => {
  test.each([301, 302, 303, 307, 308])('redirects by %i: nobody follows', async status => {
    const [receiver, secret] = [await closed(Receiver.start()), await closed(Receiver.start('127.0.0.2'))];
    receiver.answering = answer(status, { location: secret.url('/admin') });
    const posted = await sender('127.0.0.1').post({ url: receiver.url(), body });
    expect(posted).toMatchObject({ kind: 'answered', status });
    expect(secret.connections).toBe(0);
  });

  test.each([
    ['says nothing', (_socket: Socket) => undefined],
    ['says half a header', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nX-Half: ')],
    ['says "wait" for ever', (socket: Socket) => socket.write('HTTP/1.1 102 Processing\r\n\r\n')],
  ])('%s: the call is given up in time', async (_, speak) => {
    const url = `http://127.0.0.1:${await talking(speak)}/`;
    expect(await sender(LOOPBACK, { timeoutMs: 200 }).post({ url, body })).toEqual({
      kind: 'failed',
      reason: 'timed out',
    });
  });

  test('whose name servers say nothing: the call is given up in time', async () => {
    const { promise: never } = Promise.withResolvers<ResolvedAddress[]>();
    const posted = await sender(LOOPBACK, { resolve: () => never, timeoutMs: 200 }).post({
      url: `http://${HOST}/`,
      body,
    });
    expect(posted).toEqual({ kind: 'failed', reason: 'timed out' });
  });

  test('whose TLS handshake never ends: the call is given up in time', async () => {
    const url = `https://127.0.0.1:${await talking(() => undefined)}/`;
    const posted = await sender(LOOPBACK, { timeoutMs: 200 }).post({ url, body });
    expect(posted).toEqual({ kind: 'failed', reason: 'timed out' });
  });

  test('answers without end: the status counts, and the rest is cut off', async () => {
    const receiver = await closed(Receiver.start());
    const { promise: cut, resolve } = Promise.withResolvers<void>();
    let written = 0;
    receiver.answering = response => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384))) written += 16_384;
      };
      response.on('drain', more).on('close', resolve);
      more();
    };
    expect(await sender(LOOPBACK).post({ url: receiver.url(), body })).toMatchObject({ kind: 'answered', status: 200 });
    await cut;
    expect(written).toBeLessThan(16 * 1024 * 1024);
  });

  test('trickles its answer: the status counts, and the rest is cut off in time', async () => {
    const receiver = await closed(Receiver.start());
    const { promise: cut, resolve } = Promise.withResolvers<void>();
    receiver.answering = response => {
      response.on('close', resolve);
      response.writeHead(200).write('a');
    };
    const posted = await sender(LOOPBACK, { timeoutMs: 300 }).post({ url: receiver.url(), body });
    expect(posted).toMatchObject({ kind: 'answered', status: 200 });
    await expect(cut).resolves.toBeUndefined();
  });

  test('answers headers without end, or no HTTP: it has failed', async () => {
    for (const said of [`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`, 'SSH-2.0-OpenSSH_9.9\r\n']) {
      const url = `http://127.0.0.1:${await talking(socket => socket.end(said))}/`;
      const posted = await sender(LOOPBACK).post({ url, body });
      expect(posted).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/^no answer( \(\w+\))?$/) });
    }
  });
});
