import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { attemptsOf, outcomesOf, refundsOf } from '../support/attempts.js';
import { accepted, deliveriesOf, look, type MessageView } from '../support/messages.js';
import { post, receipt } from '../support/receipts.js';
import { ACCEPTED, answerJson, answerText, type Reaction, SmsPartnerStub } from '../support/smspartner-stub.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const PHONE = '+33612345678';
const PLATFORM_KEY = 'platform-key-0123456789abcdef';
const TENANT_KEY = 'tenant-key-0123456789abcdef';

let app: TestApp;
let tenant: TestTenant;
let stub: SmsPartnerStub;

async function start(env: Readonly<Record<string, string>> = { SMSPARTNER_API_KEY: PLATFORM_KEY }): Promise<void> {
  app = await appAt(TUESDAY, { env: { SMS_PROVIDER: 'smspartner', SMSPARTNER_BASE_URL: stub.baseUrl, ...env } });
  tenant = await app.tenant();
}

beforeEach(async () => {
  stub = await SmsPartnerStub.start();
});
afterEach(async () => {
  await stub.close();
  await app.close();
});

const see = (message: MessageView): Promise<MessageView> => look(tenant.gql, message.id);
const bodies = (): Readonly<Record<string, unknown>>[] => stub.requests.map(({ body }) => body);
const after = async (seconds: number): Promise<void> => {
  app.clock.advance({ seconds });
  await app.tick();
};

/** Sends while SMS Partner reacts like this, and says what became of it. */
async function sentTo(reaction: Reaction, input: Parameters<typeof accepted>[1] = {}): Promise<MessageView> {
  stub.reaction = reaction;
  const message = await accepted(tenant.gql, input);
  await app.tick();
  return message;
}

async function setCredential(apiKey: string): Promise<void> {
  await app.admin.run(
    'mutation ($tenantId: ID!, $apiKey: String!) { setProviderCredential(tenantId: $tenantId, apiKey: $apiKey) { id } }',
    { tenantId: tenant.id, apiKey },
  );
}

const failure = (code: number, message: string): Reaction => answerJson(400, { success: false, code, message });

describe('what SMS Partner is asked', () => {
  test('is one POST with the bare text, the STOP mention left to it, our own tag and URLs, and nothing else', async () => {
    await start();
    await accepted(tenant.gql, { to: ['06 12 34 56 78'], text: 'Votre colis vous attend', tag: 'printemps' });
    await app.tick();
    expect(stub.requests).toEqual([
      {
        method: 'POST',
        path: '/v1/send',
        contentType: 'application/json',
        body: {
          apiKey: PLATFORM_KEY,
          phoneNumbers: PHONE,
          message: 'Votre colis vous attend',
          gamme: 1,
          isStopSms: 1,
          tag: expect.stringMatching(/^[a-z0-9]{16}$/),
          urlDlr: expect.stringMatching(/^http:\/\/.+\/callbacks\/receipts\/[\w-]{43}$/),
          urlResponse: expect.stringMatching(/^http:\/\/.+\/callbacks\/replies\/[\w-]{43}$/),
        },
      },
    ]);
  });

  test('says the sender, the route and Unicode where they were asked for, and all recipients of a part together', async () => {
    await start();
    const to = [PHONE, '+33612345679', '+33612345680'];
    const options = { category: 'TRANSACTIONAL', to, sender: 'BOUTIQUE' };
    await accepted(tenant.gql, { ...options, route: 'ECO' });
    await app.tick();
    await accepted(tenant.gql, { ...options, text: 'Добрый день', unicode: true });
    await app.tick();
    const common = { phoneNumbers: to.join(','), sender: 'BOUTIQUE', apiKey: PLATFORM_KEY };
    const own = { tag: expect.any(String), urlDlr: expect.any(String), urlResponse: expect.any(String) };
    expect(bodies()).toEqual([
      { ...common, ...own, message: 'Bonjour', gamme: 2 },
      { ...common, ...own, message: 'Добрый день', gamme: 1, isUnicode: 1 },
    ]);
  });

  test('has a tag and URLs of its own each time, tries of the same message included', async () => {
    await start();
    const message = await sentTo(answerJson(429, {}));
    stub.reaction = answerJson(200, ACCEPTED);
    await after(60);
    await accepted(tenant.gql);
    await app.tick();
    expect(bodies()).toHaveLength(3);
    for (const key of ['tag', 'urlDlr', 'urlResponse']) expect(new Set(bodies().map(body => body[key])).size).toBe(3);
    expect((await attemptsOf(app, message.id)).map(({ tag }) => tag)).toEqual(
      bodies()
        .slice(0, 2)
        .map(({ tag }) => tag),
    );
  });

  test("goes by the tenant's own account first, once it has one, and by the platform's for all others", async () => {
    await start();
    const other = await app.tenant();
    await setCredential(TENANT_KEY);
    for (const { gql } of [tenant, other]) {
      await accepted(gql);
      await app.tick();
    }
    expect(bodies().map(({ apiKey }) => apiKey)).toEqual([TENANT_KEY, PLATFORM_KEY]);
  });

  test('is nothing on a platform that runs on the simulator, whatever account a tenant has', async () => {
    await start({ SMS_PROVIDER: 'simulator' });
    await setCredential(TENANT_KEY);
    await accepted(tenant.gql);
    await app.tick();
    expect(stub.requests).toEqual([]);
    expect(app.simulator.accepted).toHaveLength(1);
  });

  test('is nothing for a sandbox message, which stays in the simulator', async () => {
    await start();
    await accepted(tenant.gql, { sandbox: true });
    await app.tick();
    expect(stub.requests).toEqual([]);
    expect(app.simulator.accepted).toHaveLength(1);
  });
});

describe('what SMS Partner tells', () => {
  test('an acceptance and a receipt as captured, posted to the URL it was given, complete the message', async () => {
    await start();
    const message = await sentTo(answerJson(200, ACCEPTED));
    expect((await see(message)).status).toBe('SENT');
    const [attempt] = await app.sql(
      'select outcome, provider_message_id, provider_parts, provider_cost, provider_currency from attempts',
    );
    expect(attempt).toEqual({
      outcome: 'accepted',
      provider_message_id: '1223109',
      provider_parts: 1,
      provider_cost: '0.0450',
      provider_currency: 'EUR',
    });
    const { urlDlr, tag } = bodies()[0] ?? {};
    const captured = receipt(PHONE, 'delivered', { msgId: '1223109', tag });
    expect(await post(String(urlDlr), captured)).toMatchObject({ status: 200 });
    await app.tick();
    expect(await see(message)).toMatchObject({ status: 'COMPLETED', counts: { delivered: 1 } });
  });

  test('a STOP posted to the reply URL reaches those who send commercial SMS: the next one goes to nobody', async () => {
    await start();
    await sentTo(answerJson(200, ACCEPTED));
    const stop = { type: 'stop', phone_number: PHONE, text: 'STOP', message_id: 1_223_109 };
    expect(await post(String(bodies()[0]?.['urlResponse']), stop)).toMatchObject({ status: 200 });
    await app.tick();
    const next = await accepted(tenant.gql, { to: [PHONE, '+33612345679'] });
    await app.tick();
    expect(bodies()[1]).toMatchObject({ phoneNumbers: '+33612345679' });
    expect(await see(next)).toMatchObject({ counts: { optedOut: 1, sent: 1 } });
  });

  test('a refusal of one of three numbers: that one is paid back, the others go in a second call', async () => {
    await start();
    const refusal = {
      success: false,
      code: 55,
      message: "Aucun numéro pour l'envoi",
      errors: [{ success: false, code: '14', message: 'Numéro dans la liste STOP', phoneNumber: '+33612345679' }],
    };
    const reactions = [answerJson(400, refusal), answerJson(200, ACCEPTED)];
    const message = await sentTo((...call) => reactions.shift()?.(...call), {
      to: [PHONE, '+33612345679', '+33612345680'],
    });
    expect(bodies().map(({ phoneNumbers }) => phoneNumbers)).toEqual([
      `${PHONE},+33612345679,+33612345680`,
      `${PHONE},+33612345680`,
    ]);
    expect((await deliveriesOf(tenant.gql, message.id)).map(({ status }) => status)).toEqual([
      'SENT',
      'REFUSED',
      'SENT',
    ]);
    expect(await refundsOf(app, message.id)).toEqual(['0.0450']);
  });

  test('a sender it does not take: the message fails, is paid back, and says why', async () => {
    await start();
    const message = await sentTo(failure(992, "Vous n'êtes pas autorisé à utiliser cet expéditeur"));
    expect((await see(message)).status).toBe('FAILED');
    expect(await deliveriesOf(tenant.gql, message.id)).toMatchObject([{ status: 'REFUSED', errorCode: '992' }]);
    expect(await refundsOf(app, message.id)).toEqual(['0.0450']);
  });
});

describe('what leaves open whether the SMS went is never asked for again', () => {
  const OPEN: readonly (readonly [string, Reaction])[] = [
    [
      'success without a message id',
      answerJson(200, { success: true, code: 200, message: 'Request queued for processing' }),
    ],
    ['HTTP 500', answerText(500, '<h1>Internal Server Error</h1>')],
    ['HTTP 502', answerText(502, '<h1>Bad Gateway</h1>')],
    ['code 500', failure(500, "L'envoi n'a pas pu être mis en file d'attente")],
    ['a page instead of JSON', answerText(200, '<h1>Maintenance</h1>')],
    ['a redirection', answerText(302, '', { location: 'https://example.org/v1/send' })],
    ['a connection cut after the request left', response => response.destroy()],
    ['no answer in time', () => undefined],
  ];
  test.each(OPEN)('%s', async (_, reaction) => {
    await start({ SMSPARTNER_API_KEY: PLATFORM_KEY, SMSPARTNER_TIMEOUT_MS: '200' });
    const message = await sentTo(reaction);
    expect(await see(message)).toMatchObject({
      status: 'UNCONFIRMED',
      counts: { unconfirmed: 1 },
      waiting: [{ kind: 'DOUBT' }],
    });
    stub.reaction = answerJson(200, ACCEPTED);
    for (let day = 0; day < 4; day += 1) await after(86_400);
    // It is asked about, which no answer here tells anything of, and not sent again.
    expect(stub.requests.filter(({ path }) => path === '/v1/send')).toHaveLength(1);
    expect(await refundsOf(app, message.id)).toEqual([]);
    expect((await see(message)).status).toBe('UNCONFIRMED');
  });

  test('until a receipt tells', async () => {
    await start({ SMSPARTNER_API_KEY: PLATFORM_KEY, SMSPARTNER_TIMEOUT_MS: '200' });
    const message = await sentTo(() => undefined);
    await post(String(bodies()[0]?.['urlDlr']), receipt(PHONE, 'delivered'));
    await app.tick();
    expect((await see(message)).status).toBe('COMPLETED');
  });
});

describe('an account at fault makes everything wait, and alarms, but fails nothing', () => {
  test.each([
    [10, 'Clé API incorrecte'],
    [11, 'Crédit insuffisant'],
    [20, 'Compte désactivé'],
    [30, 'Compte bloqué'],
    [40, "Accès à l'API refusé"],
    [96, 'Adresse IP non autorisée'],
  ])('code %i (%s): tried again a minute later', async (code, words) => {
    await start();
    const message = await sentTo(failure(code, words));
    expect(await see(message)).toMatchObject({
      status: 'QUEUED',
      waiting: [{ kind: 'PROVIDER_ACCOUNT', recipients: 1, nextCheckAt: '2026-01-13T10:01:00.000Z' }],
    });
    stub.reaction = answerJson(200, ACCEPTED);
    await after(59);
    expect(stub.requests).toHaveLength(1);
    await after(1);
    expect((await see(message)).status).toBe('SENT');
    expect(await outcomesOf(app, message.id)).toEqual(['blocked', 'accepted']);
  });

  test('no key at all: nothing is asked, and it leaves once an administrator has set one', async () => {
    await start({});
    const message = await sentTo(answerJson(200, ACCEPTED));
    expect(await see(message)).toMatchObject({
      status: 'QUEUED',
      waiting: [{ kind: 'PROVIDER_ACCOUNT', explanation: expect.stringContaining('no API key') }],
    });
    await after(60);
    expect(stub.requests).toEqual([]);
    await setCredential(TENANT_KEY);
    await after(60);
    expect(bodies()).toMatchObject([{ apiKey: TENANT_KEY }]);
    expect((await see(message)).status).toBe('SENT');
  });
});

describe('what SMS Partner has turned away goes later', () => {
  test.each([
    [22, "L'envoi de SMS marketing n'est pas autorisé à cette heure"],
    [23, "L'envoi de SMS marketing n'est pas autorisé à cette date"],
  ])('code %i: its own quiet hours hold it for ten minutes while our window is open', async (code, words) => {
    await start();
    const message = await sentTo(failure(code, words));
    expect(await see(message)).toMatchObject({
      status: 'HELD',
      releaseAt: new Date(app.clock.now().getTime() + 600_000).toISOString(),
      holds: [{ policy: 'provider', rule: 'QUIET_HOURS' }],
    });
    stub.reaction = answerJson(200, ACCEPTED);
    app.clock.advance({ minutes: 10 });
    await app.tick();
    expect((await see(message)).status).toBe('SENT');
  });

  test('too many requests: when it says', async () => {
    await start();
    const message = await sentTo(answerText(429, 'Too Many Requests', { 'retry-after': '120' }));
    expect(await see(message)).toMatchObject({
      status: 'QUEUED',
      waiting: [{ kind: 'RATE_LIMIT', nextCheckAt: '2026-01-13T10:02:00.000Z' }],
    });
    stub.reaction = answerJson(200, ACCEPTED);
    await after(119);
    expect(stub.requests).toHaveLength(1);
    await after(1);
    expect((await see(message)).status).toBe('SENT');
  });

  test('nobody at home: nothing was sent, and it is looked at again', async () => {
    const gone = await SmsPartnerStub.start();
    await gone.close();
    await start({ SMSPARTNER_API_KEY: PLATFORM_KEY, SMSPARTNER_BASE_URL: gone.baseUrl });
    const message = await sentTo(answerJson(200, ACCEPTED));
    expect(await see(message)).toMatchObject({ status: 'QUEUED', waiting: [{ kind: 'PROVIDER_DOWN' }] });
    expect(await outcomesOf(app, message.id)).toEqual(['not-sent']);
    expect((await see(message)).waiting[0]?.nextCheckAt).not.toBeNull();
  });
});
