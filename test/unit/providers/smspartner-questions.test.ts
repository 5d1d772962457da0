import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmsPartnerProvider } from '../../../src/providers/index.js';
import { SmsPartnerStub, answerJson, answerText } from '../../support/smspartner-stub.js';

const CREDENTIAL = { apiKey: 'tenant/key&0123456789abcdef' };
const PLATFORM = { apiKey: 'platform-key-0123456789abcdef' };
const KEY = encodeURIComponent(CREDENTIAL.apiKey);
const RECIPIENT = { providerMessageId: '1223109', phoneNumber: '+33612345678' };

let stub: SmsPartnerStub;
let provider: SmsPartnerProvider;

beforeEach(async () => {
  stub = await SmsPartnerStub.start();
  provider = through({ timeoutMs: 2_000 });
});

afterEach(async () => {
  await stub.close();
  await provider.close();
});

function through(changes: { timeoutMs?: number; baseUrl?: string; platformCredential?: typeof PLATFORM }) {
  const { timeoutMs = 2_000, baseUrl = stub.baseUrl, platformCredential = null } = changes;
  return new SmsPartnerProvider({ baseUrl, timeoutMs, platformCredential });
}

type Ask = (by: SmsPartnerProvider, credential?: typeof CREDENTIAL | null) => Promise<{ readonly status: string }>;

const ASKED = new Map<string, Ask>([
  ['account', (by, credential = CREDENTIAL) => by.account(credential)],
  ['statuses', (by, credential = CREDENTIAL) => by.statuses([RECIPIENT], credential)],
  ['findByTag', (by, credential = CREDENTIAL) => by.findByTag('k3j9x0q7m2v5b8n1', credential)],
  ['cancel', (by, credential = CREDENTIAL) => by.cancel('1223109', credential)],
  ['optOuts', (by, credential = CREDENTIAL) => by.optOuts(credential)],
  ['addOptOut', (by, credential = CREDENTIAL) => by.addOptOut('+33612345678', credential)],
  ['removeOptOut', (by, credential = CREDENTIAL) => by.removeOptOut('19', credential)],
]);
const QUESTIONS = [...ASKED];

describe('what goes over the wire', () => {
  test.each([
    ['account', `/v1/me?apiKey=${KEY}`],
    ['findByTag', `/v1/bulk-status-by-tag?apiKey=${KEY}&tag=k3j9x0q7m2v5b8n1&page=1`],
    ['cancel', `/v1/message-cancel?apiKey=${KEY}&messageId=1223109`],
    ['optOuts', `/v1/stop-sms/list?apiKey=${KEY}`],
    ['removeOptOut', `/v1/stop-sms/delete?apiKey=${KEY}&id=19`],
  ])('for %s is a GET', async (name, path) => {
    await ASKED.get(name)?.(provider);
    expect(stub.requests).toEqual([{ method: 'GET', path, contentType: undefined, body: {} }]);
  });

  test.each([
    ['statuses', '/v1/multi-status', { SMSStatut_List: [{ phoneNumber: '+33612345678', messageId: 1223109 }] }],
    ['addOptOut', '/v1/stop-sms/add', { phoneNumber: '+33612345678' }],
  ])('for %s is a POST', async (name, path, fields) => {
    await ASKED.get(name)?.(provider);
    const body = { apiKey: CREDENTIAL.apiKey, ...fields };
    expect(stub.requests).toEqual([{ method: 'POST', path, contentType: 'application/json', body }]);
  });

  test.each(QUESTIONS)(
    'for %s has the key of the platform when there is none, behind the path of the base',
    async (_name, ask) => {
      const behindPath = through({ baseUrl: `${stub.baseUrl}/proxy/`, platformCredential: PLATFORM });
      await ask(behindPath, null);
      expect(stub.requests[0]?.path).toMatch(/^\/proxy\/v1\//);
      expect(stub.lastFields).toMatchObject({ apiKey: PLATFORM.apiKey });
      await behindPath.close();
    },
  );

  test.each(QUESTIONS)('for %s is nothing when there is no key at all', async (_name, ask) => {
    expect(await ask(provider, null)).toEqual({ status: 'no-answer', reason: 'no API key is configured' });
    expect(stub.connections).toBe(0);
  });
});

describe.each(QUESTIONS)('%s has no answer', (_name, ask) => {
  const expectNoAnswer = async (by: SmsPartnerProvider, reason: RegExp) => {
    const answer = await ask(by);
    expect(answer).toEqual({ status: 'no-answer', reason: expect.stringMatching(reason) });
    expect(JSON.stringify(answer)).not.toMatch(/tenant|0123|127\.0|apiKey|3361234|\/v1/);
  };

  test('when the server fails, is too busy, shows a page or breaks off', async () => {
    const reactions = [
      [answerText(502, `<html>/v1/me?apiKey=${KEY}`), /^HTTP 502$/],
      [answerJson(429, {}, { 'retry-after': '7' }), /^too many requests$/],
      [answerText(200, '<html>+33612345678'), /^HTTP 200 with an answer that cannot be read$/],
      [answerText(302, '', { location: `/v1/me?apiKey=${KEY}` }), /^HTTP 302$/],
      [answerJson(400, { success: false, code: 10, message: CREDENTIAL.apiKey }), /^code 10: the API key is wrong$/],
    ] as const;
    for (const [reaction, reason] of reactions) {
      stub.reaction = reaction;
      await expectNoAnswer(provider, reason);
    }
    stub.reaction = (response, request) => {
      answerText(200, '{"success":true', { 'content-length': '500' })(response, request);
      setImmediate(() => request.socket.destroySoon());
    };
    await expectNoAnswer(provider, /^HTTP 200 with an answer that cannot be read$/);
  });

  test('when nobody speaks in time, or at all', async () => {
    stub.reaction = () => undefined;
    const impatient = through({ timeoutMs: 100 });
    await expectNoAnswer(impatient, /^no answer came \(timed out\)$/);
    await impatient.close();
    stub.reaction = response => void response.socket?.resetAndDestroy();
    await expectNoAnswer(provider, /^no answer came \(\w+\)$/);
    await stub.close();
    await expectNoAnswer(provider, /^no answer came \(ECONNREFUSED\)$/);
    await provider.close();
    await expectNoAnswer(provider, /^no answer came \(stopped\)$/);
  });
});

test('a stop waits for no answer to a question', async () => {
  const asked = Promise.withResolvers<void>();
  stub.reaction = () => asked.resolve();
  const patient = through({ timeoutMs: 60_000 });
  const answer = patient.account(CREDENTIAL);
  await asked.promise;
  await patient.close();
  expect(await answer).toEqual({ status: 'no-answer', reason: 'no answer came (stopped)' });
});

test('many questions at once are nothing to warn of', async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listen);
  stub.reaction = answerJson(200, { success: true, code: 200, credits: { balance: '1' } });
  const answers = await Promise.all(Array.from({ length: 40 }, () => provider.account(CREDENTIAL)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['answered']));
  process.off('warning', listen);
  expect(warnings).toEqual([]);
});

test('a STOP list of more than a megabyte is read', async () => {
  const data = Array.from({ length: 30_000 }, (_, id) => {
    return { id: id + 1, phoneNumber: `+336${10_000_000 + id}`, createdAt: '2015-07-20 10:19:45' };
  });
  stub.reaction = answerJson(200, { success: true, code: 200, nbData: data.length, data });
  expect(await provider.optOuts(CREDENTIAL)).toMatchObject({ status: 'answered', value: { length: 30_000 } });
});
