import { randomBytes } from 'node:crypto';
import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger } from 'nestjs-pino';
import { AppModule } from '../../src/app.module.js';
import { CreateTenant, IssueApiKey, type Scope } from '../../src/accounts/index.js';
import type { TenantSettings } from '../../src/accounts/tenant.js';
import { CreditTenant, SetPrice } from '../../src/billing/index.js';
import { CallbacksWorkers } from '../../src/callbacks/index.js';
import { httpAdapter } from '../../src/create-app.js';
import { AppConfig, asTenantId, Clock, openEdge, PLATFORM, type TenantId } from '../../src/kernel/index.js';
import { readConfig } from '../../src/kernel/config/read-config.js';
import { MessagingWorkers } from '../../src/messaging/index.js';
import { Providers, type SimulatorProvider, type SmsProvider } from '../../src/providers/index.js';
import { SEND_POLICIES } from '../../src/scheduling/index.js';
import { createDatabase, query } from './database.js';
import { GraphqlClient } from './graphql-client.js';
import { TestClock } from './test-clock.js';

export interface TestTenant {
  readonly id: TenantId;
  readonly key: string;
  /** GraphQL with the tenant's key, over HTTP. */
  readonly gql: GraphqlClient;
}

export interface TestApp {
  readonly clock: TestClock;
  /** http://127.0.0.1:port, really listening. */
  readonly url: string;
  readonly nest: NestFastifyApplication;
  readonly simulator: SimulatorProvider;
  /** GraphQL as an administrator of the platform. */
  readonly admin: GraphqlClient;
  /** A tenant with credit and a key; transactional SMS allowed unless said otherwise. */
  tenant(options?: TenantOptions): Promise<TestTenant>;
  key(tenantId: TenantId, scopes: readonly Scope[]): Promise<GraphqlClient>;
  /** Does everything that is due by the clock: releases, calls, receipts; waits until all is done. */
  tick(): Promise<void>;
  /** As the owner. */
  readonly databaseUrl: string;
  /** SQL behind the scenes, as the owner, who here sees every row. */
  sql<T extends Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

export interface TenantOptions extends Partial<TenantSettings> {
  readonly credit?: string;
  readonly scopes?: readonly Scope[];
}

export interface AppOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Carries all SMS of the platform in place of the configured provider. */
  readonly provider?: SmsProvider;
  /** A database that already exists; it is not dropped at the end. */
  readonly databaseUrl?: string;
}

const PRICES = { PREMIUM: '0.0450', ECO: '0.0380' } as const;
const PREFIXES = ['33', '262', '508', '590', '594', '596', '681', '687', '689', '32'];

/**
 * The whole application on a database of its own, listening on a real port, at an instant of the test's choosing. Its
 * workers do not run by themselves (ROLE=api): the test moves the clock and calls `tick`.
 */
export async function appAt(instant: string, options: AppOptions = {}): Promise<TestApp> {
  const clock = new TestClock(instant);
  const database = options.databaseUrl === undefined ? await createDatabase() : null;
  const databaseUrl = options.databaseUrl ?? database?.ownerUrl ?? '';
  const config = new AppConfig({ ...configOf({ ...options.env, DATABASE_URL: databaseUrl }) });
  const building = Test.createTestingModule({ imports: [AppModule.with(config)] })
    .overrideProvider(Clock)
    .useValue(clock);
  const nest = (await building.compile()).createNestApplication<NestFastifyApplication>(
    httpAdapter(config.trustedProxies),
  );
  nest.useLogger(nest.get(Logger));
  await openEdge(nest, config);
  await nest.listen(0, '127.0.0.1');
  const url = await nest.getUrl();
  // Only now is the port known that the simulator calls back.
  Object.assign(config, { publicUrl: url });
  const providers = nest.get(Providers);
  const { provider } = options;
  if (provider !== undefined) {
    Object.assign(providers, {
      carrierOf: ({ sandbox }: { sandbox: boolean }) => (sandbox ? providers.simulator : provider),
    });
  }
  const issue = nest.get(IssueApiKey);
  const key = async (tenantId: TenantId, scopes: readonly Scope[]): Promise<string> =>
    (
      await issue.execute(
        { tenantId, name: 'test', scopes, defaultCategory: null, allowedIps: null, expiresAt: null },
        null,
      )
    ).secret;
  const adminKey = await key(PLATFORM, ['ADMIN']);
  await setPrices(nest);
  return {
    clock,
    url,
    nest,
    simulator: providers.simulator,
    admin: new GraphqlClient(url, adminKey),
    tenant: tenantOptions => createTenant(nest, url, tenantOptions ?? {}),
    key: async (tenantId, scopes) => new GraphqlClient(url, await key(tenantId, scopes)),
    tick: async () => {
      await nest.get(MessagingWorkers).settle();
      await nest.get(CallbacksWorkers).settle();
    },
    databaseUrl,
    sql: (sql, parameters) => query(databaseUrl, sql, parameters),
    close: async () => {
      await nest.close();
      await database?.drop();
    },
  };
}

/** Tests stand on a clock that does not move by itself; what paces calls by real time is switched on where it is tested. */
const UNPACED = {
  PROVIDER_RATE_PER_MINUTE: '0',
  BREAKER_FAULTS: '0',
  REQUESTS_PER_SECOND: '0',
  AUTH_FAILURES_PER_SECOND: '0',
} as const;

export function configOf(env: Readonly<Record<string, string>>): AppConfig {
  const masterKey = randomBytes(32).toString('base64');
  const reading = readConfig(
    { ROLE: 'api', LOG_LEVEL: 'silent', MASTER_KEY: masterKey, PUBLIC_URL: 'http://127.0.0.1', ...UNPACED, ...env },
    SEND_POLICIES,
  );
  if (!reading.ok) throw new Error(reading.problems.join('; '));
  return reading.config;
}

async function setPrices(nest: NestFastifyApplication): Promise<void> {
  const set = nest.get(SetPrice);
  for (const route of ['PREMIUM', 'ECO'] as const) {
    for (const prefix of PREFIXES) {
      await set.execute({ route, prefix, amount: PRICES[route], currency: 'EUR', validFrom: null }, null);
    }
  }
}

async function createTenant(nest: NestFastifyApplication, url: string, options: TenantOptions): Promise<TestTenant> {
  const { credit = '100.0000', scopes = ['SEND', 'READ', 'MANAGE'], ...settings } = options;
  const tenant = await nest.get(CreateTenant).execute({ ...DEFAULTS, ...settings }, null);
  const id = asTenantId(tenant.id);
  if (Number(credit) > 0) {
    await nest.get(CreditTenant).execute(id, { amount: credit, reason: 'test', idempotencyKey: 'test' }, null);
  }
  const request = { tenantId: id, name: 'test', scopes, defaultCategory: null, allowedIps: null, expiresAt: null };
  const { secret } = await nest.get(IssueApiKey).execute(request, null);
  return { id, key: secret, gql: new GraphqlClient(url, secret) };
}

const DEFAULTS: TenantSettings = {
  name: 'Test tenant',
  defaultCategory: 'COMMERCIAL',
  transactionalAllowed: true,
  unicodeAllowed: true,
  quietHoursEnforced: true,
  defaultSender: null,
  allowedSenders: null,
  resendWhenAbsent: true,
  currency: 'EUR',
  retentionDays: null,
};
