import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppConfig } from '../../src/kernel/index.js';
import { FIRST_LOOKUP_MS } from '../../src/messaging/leaving/retry-delay.js';
import { outcomesOf } from '../support/attempts.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { booksOf } from '../support/ledger.js';
import { accepted, look, type MessageView } from '../support/messages.js';
import { answered, NO_ANSWER, ScriptedProvider, UNKNOWN } from '../support/scripted-provider.js';
import { answerJson, answerText, type Reaction, SmsPartnerStub } from '../support/smspartner-stub.js';
import { PLATFORM_KEY, setCredential } from '../support/stop-lists.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

// Who is asked about a doubtful call, on which account, and what counts as his answer.
/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const FIRST = FIRST_LOOKUP_MS / 1_000;
const GRACE = 600;
const [KEY, OTHER_KEY] = ['cle-du-client-0123456789', 'cle-d-un-autre-0123456789'] as const;
const ENV = {
  SMS_PROVIDER: 'smspartner',
  SMSPARTNER_API_KEY: PLATFORM_KEY,
  MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
} as const;

let database: TestDatabase;
let provider: ScriptedProvider;
let app: TestApp;
let tenant: TestTenant;

beforeEach(async () => {
  database = await createDatabase();
  provider = new ScriptedProvider('smspartner');
  app = await appAt(TUESDAY, { provider, databaseUrl: database.ownerUrl, env: ENV });
  tenant = await app.tenant();
});
afterEach(async () => {
  await app.close();
  await database.drop();
});

const see = (message: MessageView): Promise<MessageView> => look(tenant.gql, message.id);
const askedWith = (): (string | null)[] =>
  provider.questions
    .filter(({ question }) => question === 'findByTag')
    .map(({ credential }) => credential?.apiKey ?? null);
const after = async (seconds: number): Promise<void> => {
  app.clock.advance({ seconds });
  await app.tick();
};

/** A call whose answer nobody knows, just made. */
async function doubtful(): Promise<MessageView> {
  provider.answers(UNKNOWN);
  const message = await accepted(tenant.gql);
  await app.tick();
  expect((await see(message)).status).toBe('UNCONFIRMED');
  return message;
}

/** Long enough for two denials, if there were any. */
async function hours(): Promise<void> {
  for (let quarter = 0; quarter < 12; quarter += 1) await after(900);
}

const expectNothingSentAgain = async (message: MessageView): Promise<void> => {
  expect(provider.calls).toHaveLength(1);
  expect(await outcomesOf(app, message.id)).toEqual(['unknown']);
  expect((await see(message)).status).toBe('UNCONFIRMED');
};

describe('a doubtful call is asked about on the account that it was made on', () => {
  test("the tenant's own", async () => {
    await setCredential(app, tenant, KEY);
    await doubtful();
    await after(FIRST);
    expect(askedWith()).toEqual([KEY]);
  });

  test("the platform's, though the tenant has one of its own since", async () => {
    const message = await doubtful();
    await setCredential(app, tenant, KEY);
    await after(FIRST);
    await after(GRACE);
    expect(askedWith()).toEqual([null, null]);
    // What goes anew goes on the account that is the tenant's now.
    expect(provider.calls.map(({ credential }) => credential?.apiKey ?? null)).toEqual([null, KEY]);
    expect(await outcomesOf(app, message.id)).toEqual(['absent', 'accepted']);
  });

  test('and not on another: with the key changed since, nobody is asked, nothing goes again, and what waits says so', async () => {
    await setCredential(app, tenant, KEY);
    const message = await doubtful();
    await setCredential(app, tenant, OTHER_KEY);
    await hours();
    expect(askedWith()).toEqual([]);
    await expectNothingSentAgain(message);
    const [wait] = (await see(message)).waiting;
    expect(wait).toMatchObject({ kind: 'DOUBT', explanation: expect.stringContaining('account') });
  });

  test('and again once that key is back', async () => {
    await setCredential(app, tenant, KEY);
    const message = await doubtful();
    await setCredential(app, tenant, OTHER_KEY);
    await hours();
    await setCredential(app, tenant, KEY);
    provider.onFindByTag = answered([
      { phoneNumber: '+33612345678', status: 'delivered', providerMessageId: '7', at: null },
    ]);
    await after(600);
    expect(askedWith()).toEqual([KEY]);
    expect((await see(message)).status).toBe('COMPLETED');
  });

  test("and not on another of the platform's", async () => {
    const message = await doubtful();
    Object.assign(app.nest.get(AppConfig), { smspartnerApiKey: OTHER_KEY });
    await hours();
    expect(askedWith()).toEqual([]);
    await expectNothingSentAgain(message);
  });

  test('and by nobody while its credential does not open', async () => {
    await setCredential(app, tenant, KEY);
    const message = await doubtful();
    await app.sql(`update provider_credentials set sealed = '\\x00' where tenant_id = $1`, [tenant.id]);
    await hours();
    expect(askedWith()).toEqual([]);
    await expectNothingSentAgain(message);
  });

  test('after one denial, the key changed: the second question is put to nobody, so nothing is proved', async () => {
    await setCredential(app, tenant, KEY);
    const message = await doubtful();
    await after(FIRST);
    await setCredential(app, tenant, OTHER_KEY);
    await hours();
    expect(askedWith()).toEqual([KEY]);
    await expectNothingSentAgain(message);
  });
});

describe('two processes', () => {
  let second: TestApp;
  beforeEach(async () => {
    second = await appAt(TUESDAY, { provider, databaseUrl: database.ownerUrl, env: ENV });
  });
  afterEach(() => second.close());

  async function bothAfter(seconds: number): Promise<void> {
    for (const { clock } of [app, second]) clock.advance({ seconds });
    await Promise.all([app, second, app, second].map(one => one.tick()));
  }

  test('that find the same doubts due look each up once, and send each again once', async () => {
    provider.onFindByTag = async () => {
      await nextTurn();
      return answered([]);
    };
    const messages = [];
    for (let count = 0; count < 12; count += 1) messages.push(await doubtful());
    second.clock.set(app.clock.now().toISOString());
    await bothAfter(FIRST);
    expect(new Set(provider.askedAbout('findByTag')).size).toBe(12);
    expect(askedWith()).toHaveLength(12);
    await bothAfter(GRACE);
    await bothAfter(1);
    expect(askedWith()).toHaveLength(24);
    expect(provider.calls).toHaveLength(24);
    for (const message of messages) expect(await outcomesOf(app, message.id)).toEqual(['absent', 'accepted']);
    expect(await booksOf(app, tenant.id)).toMatchObject({ balance: '99.4600', ledger: '99.4600', due: '99.4600' });
  });

  /** The first process has asked and gets no answer before `answer` is called; the second asks too, once the lease is over. */
  async function askedByBoth() {
    const message = await doubtful();
    let asked = 0;
    const late = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    provider.onFindByTag = async () => {
      asked += 1;
      begun.resolve();
      if (asked === 1) await late.promise;
      return answered([]);
    };
    app.clock.advance({ seconds: FIRST });
    const first = app.tick();
    await begun.promise;
    second.clock.set(app.clock.now().toISOString());
    second.clock.advance({ seconds: 31 });
    await second.tick();
    expect(asked).toBe(2);
    const answer = async (): Promise<void> => {
      late.resolve();
      await first;
    };
    return { message, answer };
  }

  test('that both hold the same doubt, one of them beyond its lease, do not count one denial as two', async () => {
    const { message, answer } = await askedByBoth();
    await answer();
    await expectNothingSentAgain(message);
  });

  test('of which one stands still in mid-question for the grace: both had asked within it, so nothing is proved', async () => {
    const { message, answer } = await askedByBoth();
    provider.onFindByTag = NO_ANSWER;
    app.clock.advance({ seconds: GRACE + 60 });
    await answer();
    expect(await outcomesOf(app, message.id)).toEqual(['unknown']);
    expect(provider.calls).toHaveLength(1);
  });
});

const DENIAL = { success: true, code: 200, currentPage: 1, total: 0, StatutResponse_List: [] };
const hangUp: Reaction = (response): void => void response.destroy();
const NO_DENIALS: readonly (readonly [string, Reaction])[] = [
  ['an HTML page', answerText(200, '<html><body>Maintenance</body></html>')],
  ['HTML with 404', answerText(404, '<h1>Not Found</h1>')],
  ['nothing', answerText(200, '')],
  ['500', answerJson(500, { success: false, code: 500 })],
  ['502 with a denial in it', answerJson(502, DENIAL)],
  ['503', answerText(503, 'Service Unavailable')],
  ['429', answerJson(429, DENIAL)],
  ['a wrong key', answerJson(200, { success: false, code: 10, message: 'Clé API incorrecte' })],
  ['a list that breaks off', answerText(200, '{"success":true,"code":200,"total":0,"StatutResponse_List":[')],
  ['a list that does not say how many', answerJson(200, { success: true, code: 200, StatutResponse_List: [] })],
  ['fewer than it says', answerJson(200, Object.assign({}, DENIAL, { total: 1 }))],
  ['a connection that breaks off', hangUp],
];

describe('SMS Partner', () => {
  let stub: SmsPartnerStub;
  let real: TestApp;
  let message: MessageView;

  beforeEach(async () => {
    stub = await SmsPartnerStub.start();
    stub.on('/v1/send', answerJson(500, { success: false, code: 500 }));
    real = await appAt(TUESDAY, {
      databaseUrl: database.ownerUrl,
      env: Object.assign({ SMSPARTNER_BASE_URL: stub.baseUrl }, ENV),
    });
    message = await accepted(tenant.gql);
    await real.tick();
  });
  afterEach(async () => {
    await real.close();
    await stub.close();
  });

  const pathsOf = (path: string): number => stub.requests.filter(request => request.path.startsWith(path)).length;
  const realAfter = async (seconds: number): Promise<void> => {
    real.clock.advance({ seconds });
    await real.tick();
  };

  test('that answers with anything but a well-formed denial has denied nothing', async () => {
    for (const [name, reaction] of NO_DENIALS) {
      stub.on('/v1/bulk-status-by-tag', reaction);
      const before = pathsOf('/v1/bulk-status-by-tag');
      for (let time = 0; time < 3; time += 1) await realAfter(GRACE);
      expect([name, pathsOf('/v1/bulk-status-by-tag') >= before + 3]).toEqual([name, true]);
      expect([name, pathsOf('/v1/send')]).toEqual([name, 1]);
      expect([name, (await see(message)).status]).toEqual([name, 'UNCONFIRMED']);
      expect([name, await real.sql('select absent_since from attempts')]).toEqual([name, [{ absent_since: null }]]);
    }
  });

  test.for([
    ['an empty list', answerJson(200, DENIAL)],
    ['code 4', answerJson(200, { success: false, code: 4, message: 'Message introuvable' })],
  ] as const)('that denies it twice with %s, a grace apart, is called again under another tag', async ([, denial]) => {
    stub.on('/v1/bulk-status-by-tag', denial);
    stub.on('/v1/send', answerJson(200, { success: true, code: 200, message_id: 7, nb_sms: 1, cost: 0.045 }));
    await realAfter(FIRST);
    expect(pathsOf('/v1/send')).toBe(1);
    await realAfter(GRACE);
    const tags = stub.requests.filter(({ path }) => path === '/v1/send').map(({ body }) => body['tag']);
    expect(tags).toHaveLength(2);
    expect(new Set(tags).size).toBe(2);
    expect((await see(message)).status).toBe('SENT');
  });

  test('that knows it under its tag has it: not called again', async () => {
    stub.on(
      '/v1/bulk-status-by-tag',
      answerJson(200, {
        success: true,
        code: 200,
        currentPage: 1,
        total: 1,
        StatutResponse_List: [{ phoneNumber: '33612345678', status: 'Delivered', stopSMS: '', date: '1768298400' }],
      }),
    );
    await realAfter(FIRST);
    expect((await see(message)).status).toBe('COMPLETED');
    expect(pathsOf('/v1/send')).toBe(1);
  });
});

test('an adapter that throws when asked has denied nothing', async () => {
  const message = await doubtful();
  provider.onFindByTag = () => Promise.reject(new Error('a bug in an adapter'));
  await hours();
  await expectNothingSentAgain(message);
  provider.onFindByTag = NO_ANSWER;
  await hours();
  await expectNothingSentAgain(message);
});
