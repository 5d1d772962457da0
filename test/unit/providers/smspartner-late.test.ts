import { connect, createServer, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SendOutcome, SmsPartnerProvider } from '../../../src/providers/index.js';
import { SELF_SIGNED } from '../../support/self-signed.js';
import { sampleSms } from '../../support/sample-sms.js';
import { ACCEPTED, answerJson, listenOnLoopback, SmsPartnerStub } from '../../support/smspartner-stub.js';

const CREDENTIAL = { apiKey: 'tenant-key-0123456789abcdef' };
const TOO_LATE: SendOutcome = {
  status: 'not-sent',
  cause: 'unreachable',
  reason: 'the request did not leave (too late to start)',
  retryAfterMs: null,
};

/** Says whether a call may start, and counts how often it was asked. */
class Permission {
  asked = 0;

  constructor(private readonly answer: () => boolean) {}

  readonly mayStart = (): boolean => {
    this.asked += 1;
    return this.answer();
  };
}

const yes = (): Permission => new Permission(() => true);
const no = (): Permission => new Permission(() => false);

let stub: SmsPartnerStub;
let provider: SmsPartnerProvider;
const afterwards: (() => unknown)[] = [];

beforeEach(async () => {
  stub = await SmsPartnerStub.start();
  provider = through(stub.baseUrl);
});
afterEach(async () => {
  await stub.close();
  await provider.close();
  for (const undo of afterwards.splice(0)) await undo();
});

const through = (baseUrl: string): SmsPartnerProvider =>
  new SmsPartnerProvider({ baseUrl, timeoutMs: 2_000, platformCredential: null });

const send = ({ mayStart }: Permission, by = provider): Promise<SendOutcome> =>
  by.send(sampleSms(), CREDENTIAL, { signal: new AbortController().signal, mayStart });

describe('a call that may not start any more when it could be written', () => {
  test('is not: nothing arrives, and it is provably not sent', async () => {
    const permission = no();
    expect(await send(permission)).toEqual(TOO_LATE);
    expect(permission.asked).toBe(1);
    await stub.close();
    expect(stub.requests).toEqual([]);
  });

  test('is not on a connection that stands already either', async () => {
    expect(await send(yes())).toMatchObject({ status: 'accepted' });
    const permission = no();
    expect(await send(permission)).toEqual(TOO_LATE);
    expect(permission.asked).toBe(1);
    await stub.close();
    expect(stub.requests).toHaveLength(1);
  });

  test('does not keep the next from leaving', async () => {
    expect(await send(no())).toEqual(TOO_LATE);
    expect(await send(yes())).toMatchObject({ status: 'accepted' });
    expect(stub.requests).toHaveLength(1);
  });

  test('is alone in that: others that are made at the same time leave', async () => {
    const outcomes = await Promise.all([send(yes()), send(no()), send(yes()), send(no())]);
    expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'not-sent', 'accepted', 'not-sent']);
    expect(stub.requests).toHaveLength(2);
  });
});

describe('whether a call may start', () => {
  test('is asked once a call, and never again once it has left', async () => {
    for (const reaction of [answerJson(200, ACCEPTED), answerJson(500, {}), answerJson(429, {})]) {
      stub.reaction = reaction;
      const permission = yes();
      await send(permission);
      expect(permission.asked).toBe(1);
    }
    expect(stub.requests).toHaveLength(3);
  });

  test('is not asked where there is no connection: it did not leave anyway', async () => {
    const permission = no();
    const nowhere = through('http://127.0.0.1:1');
    expect(await send(permission, nowhere)).toMatchObject({ reason: 'the request did not leave (ECONNREFUSED)' });
    expect(permission.asked).toBe(0);
    await nowhere.close();
  });

  test('is asked when the connection stands, and not before: what changes meanwhile counts', async () => {
    const { gate, slow } = await slowProvider();
    let open = true;
    const permission = new Permission(() => open);
    const sending = send(permission, slow);
    // The other side is reached, and takes its time over the handshake.
    await gate.reached;
    expect(permission.asked).toBe(0);
    open = false;
    gate.open();
    expect(await sending).toEqual(TOO_LATE);
    expect(permission.asked).toBe(1);
  });

  test('and a slow handshake within its time does no harm', async () => {
    const { gate, slow, requests } = await slowProvider();
    const permission = yes();
    const sending = send(permission, slow);
    await gate.reached;
    gate.open();
    expect(await sending).toMatchObject({ status: 'accepted' });
    expect(permission.asked).toBe(1);
    expect(requests).toHaveLength(1);
  });
});

/** A provider behind TLS whose handshake goes no further than the client's first words until its gate opens. */
async function slowProvider() {
  const trusted = getCACertificates('default');
  setDefaultCACertificates([SELF_SIGNED.cert]);
  const tls = await SmsPartnerStub.startTls();
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const sockets: Socket[] = [];
  const join = async (socket: Socket): Promise<void> => {
    sockets.push(socket.on('error', () => undefined));
    socket.once('readable', () => reached.resolve());
    await opened.promise;
    const onward = connect(tls.port, '127.0.0.1').on('error', () => undefined);
    sockets.push(onward);
    socket.pipe(onward).pipe(socket);
  };
  const server = createServer(socket => void join(socket));
  const slow = through(`https://127.0.0.1:${await listenOnLoopback(server)}`);
  afterwards.push(async () => {
    setDefaultCACertificates(trusted);
    for (const socket of sockets) socket.destroy();
    server.close();
    await slow.close();
    await tls.close();
  });
  return { slow, requests: tls.requests, gate: { reached: reached.promise, open: () => opened.resolve() } };
}
