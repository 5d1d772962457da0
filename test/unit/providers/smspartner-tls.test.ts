import { createServer } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { SmsPartnerProvider } from '../../../src/providers/index.js';
import { SELF_SIGNED } from '../../support/self-signed.js';
import { sampleSms } from '../../support/sample-sms.js';
import { SmsPartnerStub, listenOnLoopback } from '../../support/smspartner-stub.js';

const TRUSTED_BEFORE = getCACertificates('default');

afterEach(() => {
  setDefaultCACertificates(TRUSTED_BEFORE);
});

async function sendTo(baseUrl: string) {
  const provider = new SmsPartnerProvider({ baseUrl, timeoutMs: 2_000, platformCredential: null });
  const outcome = await provider.send(
    sampleSms(),
    { apiKey: 'key' },
    { signal: new AbortController().signal, mayStart: () => true },
  );
  await provider.close();
  return outcome;
}

test('a certificate that nobody trusts: not sent', async () => {
  const stub = await SmsPartnerStub.startTls();
  expect(await sendTo(stub.baseUrl)).toMatchObject({
    status: 'not-sent',
    cause: 'unreachable',
    reason: 'the request did not leave (DEPTH_ZERO_SELF_SIGNED_CERT)',
  });
  expect(stub.requests).toEqual([]);
  await stub.close();
});

test('a certificate for another name: not sent', async () => {
  setDefaultCACertificates([SELF_SIGNED.cert]);
  const stub = await SmsPartnerStub.startTls();
  expect(await sendTo(`https://127.0.0.2:${stub.port}`)).toMatchObject({ status: 'not-sent', cause: 'unreachable' });
  await stub.close();
});

test('a trusted certificate: accepted', async () => {
  setDefaultCACertificates([SELF_SIGNED.cert]);
  const stub = await SmsPartnerStub.startTls();
  expect(await sendTo(stub.baseUrl)).toMatchObject({ status: 'accepted' });
  await stub.close();
});

test('plain HTTP behind https: not sent', async () => {
  const stub = await SmsPartnerStub.start();
  expect(await sendTo(`https://127.0.0.1:${stub.port}`)).toMatchObject({ status: 'not-sent', cause: 'unreachable' });
  await stub.close();
});

test('a reset during the handshake: not sent, although the code is ECONNRESET', async () => {
  const rude = createServer(socket => socket.once('data', () => socket.resetAndDestroy()));
  const port = await listenOnLoopback(rude);
  expect(await sendTo(`https://127.0.0.1:${port}`)).toMatchObject({
    status: 'not-sent',
    cause: 'unreachable',
    reason: 'the request did not leave (ECONNRESET)',
  });
  rude.close();
});

// In TLS 1.3 the client may write before the server has judged its certificate: a TLS error code alone proves nothing.
test('a TLS alert after the request was written: unknown', async () => {
  setDefaultCACertificates([SELF_SIGNED.cert]);
  const stub = await SmsPartnerStub.startTls({ requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' });
  const outcome = await sendTo(stub.baseUrl);
  expect(outcome).toMatchObject({ status: 'unknown', reason: expect.stringContaining('the request left') });
  await stub.close();
});
