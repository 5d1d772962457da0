import { CRASH_POINTS } from '../crash-points.js';
import { AppConfig, type AppConfigValues } from './app-config.js';
import { EnvironmentReader } from './environment-reader.js';

const ROLES = ['all', 'api', 'worker'] as const;
const PROVIDERS = ['simulator', 'smspartner'] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const EVERYWHERE = new Set(['0.0.0.0', '::', '127.0.0.1', '::1', 'localhost']);
const POSTGRES_URL = /^postgres(ql)?:\/\/.+/;
const HTTP_URL = /^https?:\/\/.+/;
const API_KEY = /^rk_[A-Za-z0-9_-]{43}$/;
const STOP_MENTION = /^(?=.*[A-Za-z])[A-Za-z0-9 :.,=/()+-]{1,30}$/;
const MASTER_KEY_HINT = '32 bytes in base64, for instance from: openssl rand -base64 32';
const MASTER_KEY = /^[A-Za-z0-9+/]{43}=$/;

export type ConfigReading =
  { readonly ok: true; readonly config: AppConfig } | { readonly ok: false; readonly problems: readonly string[] };

export type MigrationReading =
  { readonly ok: true; readonly database: Database } | { readonly ok: false; readonly problems: readonly string[] };

/** What a migration alone needs: where the database is. */
export function readMigrationConfig(env: Readonly<Record<string, string | undefined>>): MigrationReading {
  const reader = new EnvironmentReader(env);
  const database = readDatabase(reader);
  const { problems } = reader;
  return problems.length === 0 ? { ok: true, database } : { ok: false, problems };
}

/** Where Relais is reached from its own machine. */
export const localUrl = (host: string, port: number): string =>
  `http://${EVERYWHERE.has(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;

/**
 * Reads the environment. Every problem is named with how to mend it; no value is ever repeated, since values may be
 * secrets. `policies` are the names of the send policies there are.
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  policies: readonly string[],
): ConfigReading {
  const reader = new EnvironmentReader(env);
  const values = {
    ...readServer(reader),
    ...readEdge(reader),
    ...readDatabase(reader),
    ...readSecrets(reader),
    ...readLimits(reader),
    ...readSending(reader, policies),
  };
  if (values.databaseUrl === null && (values.databaseMigrationUrl !== null || values.databaseDirectUrl !== null)) {
    reader.problem('DATABASE_URL', 'is required where DATABASE_MIGRATION_URL or DATABASE_DIRECT_URL is set');
  }
  if (values.databaseUrl !== null && values.masterKey === null) {
    reader.problem('MASTER_KEY', `is required where DATABASE_URL is set: ${MASTER_KEY_HINT}`);
  }
  if (values.metricsPort !== null && values.metricsPort === values.port) {
    reader.problem('METRICS_PORT', 'must be another port than PORT');
  }
  if (MASTER_KEY.test(values.masterKey ?? '') && values.masterKeyPrevious === values.masterKey) {
    reader.problem('MASTER_KEY_PREVIOUS', 'must be another key than MASTER_KEY');
  }
  if (values.role === 'worker' && values.publicUrl === localUrl(values.host, 0)) {
    reader.problem('PUBLIC_URL', 'is required where ROLE is worker and PORT is 0');
  }
  if (values.smsProvider === 'smspartner' && reader.optional('PUBLIC_URL') === null) {
    reader.problem(
      'PUBLIC_URL',
      'is required where SMS_PROVIDER is smspartner: where the provider posts receipts and replies',
    );
  }
  return reader.problems.length === 0
    ? { ok: true, config: new AppConfig(values) }
    : { ok: false, problems: reader.problems };
}

type Server = Pick<
  AppConfigValues,
  'port' | 'host' | 'role' | 'publicUrl' | 'trustedProxies' | 'webhookAllow' | 'crashAt' | 'logLevel'
>;

function readServer(reader: EnvironmentReader): Server {
  const port = reader.integer('PORT', 3000, { min: 0, max: 65_535 });
  const host = reader.text('HOST', '0.0.0.0');
  return {
    port,
    host,
    role: reader.choice('ROLE', ROLES, 'all'),
    publicUrl: readUrl(reader, 'PUBLIC_URL') ?? localUrl(host, port),
    trustedProxies: reader.cidrs('TRUSTED_PROXIES'),
    webhookAllow: reader.cidrs('WEBHOOK_ALLOW'),
    crashAt: reader.choice('RELAIS_CRASH_AT', ['never', ...CRASH_POINTS], 'never'),
    logLevel: reader.choice('LOG_LEVEL', LOG_LEVELS, 'info'),
  };
}

type Edge = Pick<
  AppConfigValues,
  'graphiql' | 'graphqlIntrospection' | 'corsOrigins' | 'graphqlLimits' | 'metricsPort' | 'readyMaxQueueAgeSeconds'
>;

const readEdge = (reader: EnvironmentReader): Edge => ({
  graphiql: reader.flag('GRAPHIQL', true),
  graphqlIntrospection: reader.flag('GRAPHQL_INTROSPECTION', true),
  corsOrigins: reader.origins('CORS_ORIGINS'),
  graphqlLimits: {
    maxDepth: reader.integer('GRAPHQL_MAX_DEPTH', 15, { min: 3, max: 100 }),
    maxAliases: reader.integer('GRAPHQL_MAX_ALIASES', 200, { min: 0, max: 10_000 }),
    maxRootFields: reader.integer('GRAPHQL_MAX_ROOT_FIELDS', 50, { min: 1, max: 1_000 }),
    maxCost: reader.integer('GRAPHQL_MAX_COST', 100_000, { min: 100, max: 100_000_000 }),
  },
  metricsPort:
    reader.optional('METRICS_PORT') === null ? null : reader.integer('METRICS_PORT', 0, { min: 1, max: 65_535 }),
  readyMaxQueueAgeSeconds: reader.integer('READY_MAX_QUEUE_AGE_SECONDS', 3_600, { min: 0, max: 604_800 }),
});

type Database = Pick<
  AppConfigValues,
  'databaseUrl' | 'databaseMigrationUrl' | 'databaseDirectUrl' | 'databasePoolSize' | 'dataDir'
>;

function readDatabase(reader: EnvironmentReader): Database {
  const expected = 'a URL such as postgresql://user:password@host/name, special characters percent-encoded';
  return {
    databaseUrl: reader.url('DATABASE_URL', POSTGRES_URL, expected),
    databaseMigrationUrl: reader.url('DATABASE_MIGRATION_URL', POSTGRES_URL, expected),
    databaseDirectUrl: reader.url('DATABASE_DIRECT_URL', POSTGRES_URL, expected),
    databasePoolSize: reader.integer('DATABASE_POOL_SIZE', 20, { min: 2, max: 200 }),
    dataDir: reader.text('RELAIS_DATA_DIR', '.relais'),
  };
}

type Secrets = Pick<AppConfigValues, 'adminApiKey' | 'masterKey' | 'masterKeyPrevious'>;

const readSecrets = (reader: EnvironmentReader): Secrets => ({
  adminApiKey: reader.matching('ADMIN_API_KEY', API_KEY, '"rk_" and 43 base64url characters (256 random bits)'),
  masterKey: reader.matching('MASTER_KEY', MASTER_KEY, MASTER_KEY_HINT),
  masterKeyPrevious: reader.matching('MASTER_KEY_PREVIOUS', MASTER_KEY, MASTER_KEY_HINT),
});

type Limits = Pick<AppConfigValues, 'authFailuresPerSecond' | 'requestsPerSecond'>;

/** What one caller may do to a process. */
const readLimits = (reader: EnvironmentReader): Limits => ({
  authFailuresPerSecond: reader.integer('AUTH_FAILURES_PER_SECOND', 10, { min: 0, max: 10_000 }),
  requestsPerSecond: reader.integer('REQUESTS_PER_SECOND', 500, { min: 0, max: 100_000 }),
});

type Sending = Omit<AppConfigValues, keyof Server | keyof Edge | keyof Database | keyof Secrets | keyof Limits>;

const readSending = (reader: EnvironmentReader, policies: readonly string[]): Sending => ({
  smsProvider: reader.choice('SMS_PROVIDER', PROVIDERS, 'simulator'),
  smspartnerBaseUrl: readUrl(reader, 'SMSPARTNER_BASE_URL') ?? 'https://api.smspartner.fr',
  smspartnerApiKey: reader.optional('SMSPARTNER_API_KEY'),
  smspartnerTimeoutMs: reader.integer('SMSPARTNER_TIMEOUT_MS', 10_000, { min: 100, max: 20_000 }),
  doubtGraceSeconds: reader.integer('DOUBT_GRACE_SECONDS', 600, { min: 1, max: 86_400 }),
  providerRatePerMinute: reader.integer('PROVIDER_RATE_PER_MINUTE', 2_000, { min: 0, max: 1_000_000 }),
  providerMessagesPerCall: reader.integer('PROVIDER_MESSAGES_PER_CALL', 500, { min: 1, max: 500 }),
  breakerFaults: reader.integer('BREAKER_FAULTS', 10, { min: 0, max: 1_000 }),
  callbackDays: reader.integer('CALLBACK_DAYS', 30, { min: 3, max: 3_650 }),
  optOutSyncSeconds: reader.integer('OPT_OUT_SYNC_SECONDS', 600, { min: 10, max: 86_400 }),
  retention: {
    // The least is longer than anything is still on its way; see SHORTEST_RETENTION_DAYS of the tenants.
    messages: reader.integer('RETENTION_DAYS', 365, { min: 7, max: 3_650 }),
    receipts: reader.integer('RECEIPT_DAYS', 30, { min: 1, max: 3_650 }),
    webhookDeliveries: reader.integer('WEBHOOK_DELIVERY_DAYS', 30, { min: 1, max: 3_650 }),
    idempotencyKeys: reader.integer('IDEMPOTENCY_DAYS', 7, { min: 1, max: 365 }),
  },
  sendPolicy: reader.choice('SEND_POLICY', policies, policies[0] ?? ''),
  abroadTimeZone: reader.timeZone('ABROAD_TIME_ZONE', 'Europe/Paris'),
  stopMention:
    reader.matching('STOP_MENTION', STOP_MENTION, 'up to 30 characters of the GSM 03.38 alphabet') ?? 'STOP au 36180',
  simulatorReceiptDelayMs: reader.integer('SIMULATOR_RECEIPT_DELAY_MS', 1_000, { min: 0, max: 3_600_000 }),
});

const readUrl = (reader: EnvironmentReader, name: string): string | null =>
  reader.url(name, HTTP_URL, 'an http or https URL')?.replace(/\/+$/, '') ?? null;
