import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { localUrl, readConfig, readMigrationConfig } from '../../../src/kernel/config/read-config.js';
import { scrub } from '../../../src/kernel/logging/scrub.js';
import { SEND_POLICIES } from '../../../src/scheduling/index.js';

type Env = Readonly<Record<string, string>>;

const read = (env: Env): ReturnType<typeof readConfig> => readConfig(env, SEND_POLICIES);

const problemsOf = (env: Env): readonly string[] => {
  const reading = read(env);
  return reading.ok ? [] : reading.problems;
};

const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
const ADMIN_API_KEY = `rk_${Buffer.alloc(32, 7).toString('base64url')}`;
const DATABASE_URL = 'postgresql://relais:pass@localhost/relais';

describe('readConfig', () => {
  test('an empty environment is a whole configuration: embedded database and simulator', () => {
    expect(read({})).toEqual({
      ok: true,
      config: {
        port: 3000,
        host: '0.0.0.0',
        role: 'all',
        publicUrl: 'http://localhost:3000',
        trustedProxies: [],
        webhookAllow: [],
        crashAt: 'never',
        logLevel: 'info',
        graphiql: true,
        graphqlIntrospection: true,
        corsOrigins: [],
        metricsPort: null,
        readyMaxQueueAgeSeconds: 3_600,
        graphqlLimits: { maxDepth: 15, maxAliases: 200, maxRootFields: 50, maxCost: 100_000 },
        databaseUrl: null,
        databaseMigrationUrl: null,
        databaseDirectUrl: null,
        databasePoolSize: 20,
        dataDir: '.relais',
        adminApiKey: null,
        masterKey: null,
        masterKeyPrevious: null,
        authFailuresPerSecond: 10,
        requestsPerSecond: 500,
        smsProvider: 'simulator',
        smspartnerBaseUrl: 'https://api.smspartner.fr',
        smspartnerApiKey: null,
        smspartnerTimeoutMs: 10_000,
        doubtGraceSeconds: 600,
        providerRatePerMinute: 2_000,
        providerMessagesPerCall: 500,
        breakerFaults: 10,
        callbackDays: 30,
        optOutSyncSeconds: 600,
        retention: { messages: 365, receipts: 30, webhookDeliveries: 30, idempotencyKeys: 7 },
        sendPolicy: SEND_POLICIES[0],
        abroadTimeZone: 'Europe/Paris',
        stopMention: 'STOP au 36180',
        simulatorReceiptDelayMs: 1_000,
      },
    });
  });

  test('empty and blank variables count as not set, as a compose file passes them', () => {
    const names = [...namesInExample()].map(name => [name, ' ']);
    expect(read(Object.fromEntries(names))).toEqual(read({}));
  });

  test('takes what is given', () => {
    const databases = {
      DATABASE_URL,
      DATABASE_MIGRATION_URL: 'postgres://owner@localhost/relais?sslmode=require',
      DATABASE_DIRECT_URL: 'postgresql:///relais?host=/run/postgresql',
    };
    const given = { PORT: '0', ROLE: 'api', HOST: '::', GRAPHIQL: 'false', PUBLIC_URL: 'https://sms.example/relais//' };
    expect(read({ ...databases, ...given, MASTER_KEY, ADMIN_API_KEY, ABROAD_TIME_ZONE: 'UTC' })).toMatchObject({
      ok: true,
      config: {
        port: 0,
        role: 'api',
        graphiql: false,
        publicUrl: 'https://sms.example/relais',
        databaseUrl: DATABASE_URL,
        databaseMigrationUrl: databases.DATABASE_MIGRATION_URL,
        databaseDirectUrl: databases.DATABASE_DIRECT_URL,
        masterKey: MASTER_KEY,
        adminApiKey: ADMIN_API_KEY,
        abroadTimeZone: 'UTC',
      },
    });
  });

  test('lists of addresses are separated by commas, with or without spaces; an address alone means itself', () => {
    const lists = { TRUSTED_PROXIES: '10.0.0.0/8, 192.0.2.7,2001:db8::/32,', WEBHOOK_ALLOW: ' 127.0.0.1 , ::1/128 ' };
    expect(read(lists)).toMatchObject({
      ok: true,
      config: { trustedProxies: ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'], webhookAllow: ['127.0.0.1', '::1/128'] },
    });
  });

  test.each([10, 86_400])('the STOP lists may be brought into step every %i seconds', seconds => {
    expect(read({ OPT_OUT_SYNC_SECONDS: String(seconds) })).toMatchObject({ config: { optOutSyncSeconds: seconds } });
  });

  const BAD: readonly (readonly [name: string, value: string, mend: string])[] = [
    ['PORT', '65536', 'a whole number from 0 to 65535'],
    ['PORT', '3000.5', 'a whole number from 0 to 65535'],
    ['ROLE', 'boss', 'one of all, api, worker'],
    ['PUBLIC_URL', 'sms.example', 'an http or https URL'],
    ['PUBLIC_URL', 'https://[sms', 'an http or https URL'],
    ['TRUSTED_PROXIES', 'proxy.internal', 'addresses or CIDRs such as 10.0.0.0/8, separated by commas'],
    ['TRUSTED_PROXIES', '10.0.0.0/8,10.0.0.0/33', 'addresses or CIDRs such as 10.0.0.0/8, separated by commas'],
    ['TRUSTED_PROXIES', '192.0.2.7 192.0.2.8', 'addresses or CIDRs such as 10.0.0.0/8, separated by commas'],
    ['WEBHOOK_ALLOW', 'http://127.0.0.1', 'addresses or CIDRs such as 10.0.0.0/8, separated by commas'],
    ['WEBHOOK_ALLOW', '127.0.0.1;::1', 'addresses or CIDRs such as 10.0.0.0/8, separated by commas'],
    ['AUTH_FAILURES_PER_SECOND', '-1', 'a whole number from 0 to 10000'],
    ['REQUESTS_PER_SECOND', '100001', 'a whole number from 0 to 100000'],
    ['MASTER_KEY_PREVIOUS', 'hidden', '32 bytes in base64'],
    ['LOG_LEVEL', 'loud', 'one of fatal, error, warn, info, debug, trace, silent'],
    ['GRAPHIQL', 'yes', 'one of true, false'],
    ['RELAIS_CRASH_AT', 'dawn', 'one of never, accept.before-commit, accept.after-commit'],
    ['DATABASE_URL', 'mysql://me:hidden@host/db', 'a URL such as postgresql://user:password@host/name'],
    ['DATABASE_URL', 'postgresql://me:hid[den@host:x/db', 'special characters percent-encoded'],
    ['DATABASE_MIGRATION_URL', 'hidden', 'a URL such as postgresql://user:password@host/name'],
    ['DATABASE_DIRECT_URL', 'hidden', 'a URL such as postgresql://user:password@host/name'],
    ['DATABASE_POOL_SIZE', '1', 'a whole number from 2 to 200'],
    ['MASTER_KEY', 'hidden', '32 bytes in base64, for instance from: openssl rand -base64 32'],
    ['ADMIN_API_KEY', 'rk_hidden', '"rk_" and 43 base64url characters'],
    ['SMS_PROVIDER', 'pigeon', 'one of simulator, smspartner'],
    ['SMSPARTNER_BASE_URL', 'ftp://hidden', 'an http or https URL'],
    ['SMSPARTNER_TIMEOUT_MS', '20001', 'a whole number from 100 to 20000'],
    ['OPT_OUT_SYNC_SECONDS', '9', 'a whole number from 10 to 86400'],
    ['OPT_OUT_SYNC_SECONDS', '86401', 'a whole number from 10 to 86400'],
    ['SEND_POLICY', 'never', `one of ${SEND_POLICIES.join(', ')}`],
    ['ABROAD_TIME_ZONE', 'Mars/Olympus', 'an IANA time zone such as Europe/Paris'],
    ['STOP_MENTION', 'STOP ✋', 'up to 30 characters of the GSM 03.38 alphabet'],
    ['SIMULATOR_RECEIPT_DELAY_MS', '-1', 'a whole number from 0 to 3600000'],
  ];

  test.each(BAD)('%s=%s is told by name, with how to mend it and without its value', (name, value, mend) => {
    const problems = problemsOf({ MASTER_KEY, DATABASE_URL, [name]: value });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} must be `))]);
    expect(problems[0]).toContain(mend);
    expect(problems[0]).not.toContain(value);
  });

  test('all problems are told at once', () => {
    const env = Object.fromEntries(BAD.map(([name, value]) => [name, value]));
    const names = problemsOf(env).map(problem => problem.split(' ')[0] ?? '');
    expect(names.toSorted()).toEqual(Object.keys(env).toSorted());
  });

  test('variables that need each other', () => {
    expect(problemsOf({ DATABASE_URL })).toEqual([expect.stringMatching(/^MASTER_KEY is required where DATABASE_URL/)]);
    expect(problemsOf({ DATABASE_MIGRATION_URL: DATABASE_URL })).toEqual([
      expect.stringMatching(/^DATABASE_URL is required where DATABASE_MIGRATION_URL/),
    ]);
    expect(problemsOf({ SMS_PROVIDER: 'smspartner' })).toEqual([
      expect.stringMatching(/^PUBLIC_URL is required where SMS_PROVIDER is smspartner/),
    ]);
    expect(problemsOf({ SMS_PROVIDER: 'smspartner', PUBLIC_URL: 'https://sms.example' })).toEqual([]);
    expect(problemsOf({ ROLE: 'worker', PORT: '0' })).toEqual([
      expect.stringMatching(/^PUBLIC_URL is required where ROLE is worker and PORT is 0/),
    ]);
  });

  test('the master key and the one before it are two', () => {
    expect(problemsOf({ DATABASE_URL, MASTER_KEY, MASTER_KEY_PREVIOUS: MASTER_KEY })).toEqual([
      'MASTER_KEY_PREVIOUS must be another key than MASTER_KEY',
    ]);
  });

  test('a migration needs to know the database and nothing else', () => {
    expect(readMigrationConfig({ DATABASE_MIGRATION_URL: DATABASE_URL, PORT: 'x' })).toMatchObject({
      ok: true,
      database: { databaseMigrationUrl: DATABASE_URL, databaseUrl: null },
    });
    expect(readMigrationConfig({ DATABASE_URL: 'x' })).toMatchObject({ ok: false, problems: [expect.any(String)] });
  });

  test.each([
    ['0.0.0.0', 'http://localhost:80'],
    ['::', 'http://localhost:80'],
    ['127.0.0.1', 'http://localhost:80'],
    ['192.0.2.7', 'http://192.0.2.7:80'],
    ['2001:db8::7', 'http://[2001:db8::7]:80'],
  ])('listening on %s, Relais is reached at %s', (host, url) => {
    expect(localUrl(host, 80)).toBe(url);
  });
});

/** The variables of .env.example. */
function namesInExample(): ReadonlySet<string> {
  const example = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
  return new Set([...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name = '']) => name));
}

describe('.env.example', () => {
  test('names exactly the variables that the code reads', () => {
    const asked = new Set<string>();
    const env = new Proxy<Env>({}, { get: (_, name) => void asked.add(String(name)) });
    expect(readConfig(env, SEND_POLICIES).ok).toBe(true);
    expect([...namesInExample()].toSorted()).toEqual([...asked].toSorted());
  });

  test('is a configuration that works as it stands, and shows the defaults', () => {
    const example = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
    const env = [...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]);
    expect(read(Object.fromEntries(env))).toEqual(read({}));
    for (const line of example.split('\n')) expect(line).toMatch(/^(#.*|[A-Z_]+=.*|)$/);
  });
});

describe('scrub', () => {
  test.each([
    '+33612345678',
    '0033612345678',
    '0612345678',
    '+33 6 12 34 56 78',
    '+33 (0)6 12 34 56 78',
    '(+33) 6 12 34 56 78',
    '06.12.34.56.78',
    '06-12-34-56-78',
    '06/12/34/56/78',
    '06\u00a012\u00a034\u00a056\u00a078',
    '06\u202f12\u202f34\u202f56\u202f78',
    '06 - 12 - 34 - 56 - 78',
    '+262 692 12 34 56',
    '"0612345678"',
  ])('a phone number written %s disappears', spelling => {
    expect(scrub(`to ${spelling}!`)).not.toMatch(/\d{2}/);
  });

  test('keys and callback secrets disappear', () => {
    const secrets = [
      ADMIN_API_KEY,
      `whsec_${'a1'.repeat(20)}`,
      `rct_${'aB3-_'.repeat(20)}`,
      `/callbacks/receipts/${'bC3-_'.repeat(8)}`,
    ];
    for (const secret of secrets)
      expect(scrub(`(${secret})`)).toMatch(/^\((rk_|whsec_|rct_|\/callbacks\/receipts\/)…\)$/);
  });

  test.each([
    '01a20417-dccb-732e-9eaa-5552fde5fd45',
    '01234567-1234-7123-8123-123456789012',
    '2026-01-10',
    '2026-01-10T19:30:00.000Z',
    '2026-01-10 19:30:00',
    '10/01/2026',
    '19:30:00.123456',
    '127.0.0.1:54321',
    '192.168.100.200',
    'code 42703, 1200 recipients, 30000 ms, 4001, 0.0450 EUR',
  ])('%s stays', text => {
    expect(scrub(`at ${text}, it says`)).toBe(`at ${text}, it says`);
  });
});

describe('the times after which things are erased', () => {
  test.for([
    ['RETENTION_DAYS', '6'],
    ['RETENTION_DAYS', '3651'],
    ['RECEIPT_DAYS', '0'],
    ['WEBHOOK_DELIVERY_DAYS', '0.5'],
    ['IDEMPOTENCY_DAYS', '0'],
  ] as const)('%s=%s is refused: what is under way or promised would be gone', ([name, value]) => {
    expect(read({ [name]: value })).toMatchObject({
      ok: false,
      problems: [expect.stringMatching(`^${name} must be`)],
    });
  });
});
