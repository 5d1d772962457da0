import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmsPartnerProvider } from '../../../src/providers/index.js';
import { ACCEPTED, SmsPartnerStub, answerJson, answerText } from '../../support/smspartner-stub.js';
import { sampleBulk } from './sample-bulk.js';

const CREDENTIAL = { apiKey: 'tenant-key-0123456789abcdef' };
const TIMEOUT_MS = 150;

let stub: SmsPartnerStub;
let provider: SmsPartnerProvider;

beforeEach(async () => {
  stub = await SmsPartnerStub.start();
  provider = through(2_000);
});

afterEach(async () => {
  await stub.close();
  await provider.close();
});

const through = (timeoutMs: number) =>
  new SmsPartnerProvider({ baseUrl: stub.baseUrl, timeoutMs, platformCredential: null });

const sendBulk = (by = provider, signal = new AbortController().signal, mayStart = () => true, bulk = sampleBulk()) =>
  by.sendBulk(bulk, CREDENTIAL, { signal, mayStart });

describe('what goes over the wire', () => {
  test('is one JSON POST to /v1/bulk-send with a text for each', async () => {
    expect(await sendBulk()).toMatchObject({ status: 'accepted', refused: [], unmentioned: [] });
    expect(stub.requests).toEqual([
      {
        method: 'POST',
        path: '/v1/bulk-send',
        contentType: 'application/json',
        body: {
          apiKey: CREDENTIAL.apiKey,
          SMSList: [
            { phoneNumber: '+33612345678', message: 'Bonjour Marie, votre colis est disponible au point relais' },
            { phoneNumber: '+33698765432', message: 'Bonjour Ahmed, votre code de retrait est PRINTEMPS' },
            { phoneNumber: '+262692112233', message: 'Bonjour Chloé,:br:à demain matin devant la gare' },
          ],
          gamme: 1,
          tag: 'k3j9x0q7m2v5b8n1',
          urlDlr: 'http://127.0.0.1:9/receipts/secret',
          urlResponse: 'http://127.0.0.1:9/replies/secret',
          sender: 'BOUTIQUE',
        },
      },
    ]);
  });

  test('has the options that were asked for', async () => {
    const bulk = sampleBulk({ route: 'ECO', sender: null, stopMention: true, unicode: true });
    await sendBulk(undefined, undefined, undefined, bulk);
    const { body } = stub.requests[0] ?? {};
    expect(body).toMatchObject({ gamme: 2, isStopSms: 1, isUnicode: 1 });
    expect(body).not.toHaveProperty('sender');
  });

  test('is nothing without a key: blocked', async () => {
    const terms = { signal: new AbortController().signal, mayStart: () => true };
    expect(await provider.sendBulk(sampleBulk(), null, terms)).toEqual({
      status: 'blocked',
      code: 'NO_CREDENTIAL',
      reason: 'no API key is configured',
    });
    expect(stub.requests).toEqual([]);
  });

  test('500 with the longest texts pass, and so does an answer that names them all', async () => {
    const messages = Array.from({ length: 500 }, (_, index) => {
      return { phoneNumber: `+336123${50_000 + index}`, text: `${index} `.padEnd(1_530, 'à demain ') };
    });
    stub.reaction = (response, request) => {
      const list = messages.map(({ phoneNumber }) => ({
        success: true,
        code: 200,
        nbSms: 10,
        cost: 0.38,
        phoneNumber,
      }));
      answerJson(200, { ...ACCEPTED, SMSResponse_List: list })(response, request);
    };
    const outcome = await sendBulk(undefined, undefined, undefined, sampleBulk({ messages }));
    expect(outcome).toMatchObject({ status: 'accepted', refused: [], unmentioned: [] });
    expect(stub.requests[0]?.body['SMSList']).toHaveLength(500);
  });
});

describe('a call is made once', () => {
  test.each([
    ['a failing server', answerText(502, '<html>'), 'unknown'],
    ['too many requests', answerJson(429, {}), 'not-sent'],
    ['a redirect', answerText(307, '', { location: '/elsewhere' }), 'unknown'],
    ['the ambiguous code', answerJson(400, { success: false, code: 500 }), 'unknown'],
    ['success without an id', answerJson(200, { success: true, code: 200 }), 'unknown'],
    ['a body that breaks off', answerText(200, '{"success":true', { 'content-length': '500' }), 'unknown'],
  ])('and not again after %s', async (_name, reaction, status) => {
    stub.reaction = (response, request) => {
      reaction(response, request);
      setImmediate(() => request.socket.destroySoon());
    };
    expect(await sendBulk()).toMatchObject({ status });
    expect(stub.requests).toHaveLength(1);
  });

  test('nor after a reset or in silence: it had left', async () => {
    stub.reaction = response => void response.socket?.resetAndDestroy();
    expect(await sendBulk()).toMatchObject({ status: 'unknown', reason: expect.stringContaining('the request left') });
    stub.reaction = () => undefined;
    const impatient = through(TIMEOUT_MS);
    expect(await sendBulk(impatient)).toEqual({
      status: 'unknown',
      reason: 'the request left, no answer came (timed out)',
    });
    expect(stub.requests).toHaveLength(2);
    await impatient.close();
  });

  test('nor when it is given up in mid-call', async () => {
    const shutdown = new AbortController();
    stub.reaction = () => shutdown.abort();
    expect(await sendBulk(undefined, shutdown.signal)).toMatchObject({ status: 'unknown' });
    expect(stub.requests).toHaveLength(1);
  });
});

describe('a call that never left', () => {
  test('because it was given up before, or was too late by then', async () => {
    expect(await sendBulk(undefined, AbortSignal.abort())).toMatchObject({ status: 'not-sent', cause: 'unreachable' });
    expect(await sendBulk(undefined, undefined, () => false)).toMatchObject({
      status: 'not-sent',
      reason: 'the request did not leave (too late to start)',
    });
    await stub.close();
    expect(stub.requests).toEqual([]);
  });

  test('because nobody is there', async () => {
    await stub.close();
    expect(await sendBulk()).toEqual({
      status: 'not-sent',
      cause: 'unreachable',
      reason: 'the request did not leave (ECONNREFUSED)',
      retryAfterMs: null,
    });
  });
});
