import type { CrashPointName } from '../crash-points.js';

/** Everything the environment decides, read and checked once at start. */
export class AppConfig {
  readonly port: number;
  readonly host: string;
  readonly role: 'all' | 'api' | 'worker';
  /** Null: an embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | null;
  /** Owns the schema. Null: `databaseUrl` migrates and the app then works under the lesser role relais_app. */
  readonly databaseMigrationUrl: string | null;
  /** For LISTEN, where a transaction-mode pooler sits between. Null: `databaseUrl`. */
  readonly databaseDirectUrl: string | null;
  readonly databasePoolSize: number;
  readonly dataDir: string;
  /** What providers call back, without a trailing slash. */
  readonly publicUrl: string;
  /** CIDRs of the proxies in front, whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** CIDRs that calls to tenants' addresses may reach although they are inside; any port, and http. */
  readonly webhookAllow: readonly string[];
  readonly adminApiKey: string | null;
  /** 32 bytes in base64. Null only while the database is embedded: then it is made in `dataDir`. */
  readonly masterKey: string | null;
  /** The master key before this one, read with and never sealed with, until all is sealed anew. */
  readonly masterKeyPrevious: string | null;
  /** Failed authentications of one address a second, five times as many at once; 0: no limit. Of this process. */
  readonly authFailuresPerSecond: number;
  /** Requests of one key a second, twice as many at once; 0: no limit. Of this process. */
  readonly requestsPerSecond: number;
  readonly smsProvider: 'simulator' | 'smspartner';
  readonly smspartnerBaseUrl: string;
  readonly smspartnerApiKey: string | null;
  readonly smspartnerTimeoutMs: number;
  /** How long after a call its receipts and replies are taken. */
  readonly callbackDays: number;
  /** How often the STOP lists of provider accounts are brought into step. */
  readonly optOutSyncSeconds: number;
  /** How long apart the provider must deny a doubtful call twice before it counts as not made. */
  readonly doubtGraceSeconds: number;
  /** Calls that this platform's address may make a minute, over all processes; 0: as many as it likes. */
  readonly providerRatePerMinute: number;
  /** How many messages to one recipient each share a provider call at most, a batch's included; 1: each goes by itself. */
  readonly providerMessagesPerCall: number;
  /** Faults in a row after which an account is not called for a while; 0: never. */
  readonly breakerFaults: number;
  /** For how long what is personal or no longer needed is kept. */
  readonly retention: RetentionDays;
  readonly sendPolicy: string;
  readonly abroadTimeZone: string;
  readonly stopMention: string;
  readonly simulatorReceiptDelayMs: number;
  /** For tests only: where this process kills itself. */
  readonly crashAt: CrashPointName | 'never';
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly graphiql: boolean;
  /** Whether the schema may be asked for. */
  readonly graphqlIntrospection: boolean;
  /** Exact origins of the front ends that may call from a browser. */
  readonly corsOrigins: readonly string[];
  /** Null: metrics are on the public port, and a pure worker does not listen. */
  readonly metricsPort: number | null;
  /** Older due work than this, and a process says that it is not ready; 0: never for that. */
  readonly readyMaxQueueAgeSeconds: number;
  /** What one GraphQL operation may ask for. */
  readonly graphqlLimits: OperationLimits;

  constructor(values: AppConfigValues) {
    Object.assign(this, values);
  }
}

/** All in days of 24 hours. */
export interface RetentionDays {
  /** Texts and numbers, after their message has ended, where the tenant has no time of its own. */
  readonly messages: number;
  /** Receipts as they came, after they were applied. */
  readonly receipts: number;
  /** Calls to tenants' addresses, after the last attempt. */
  readonly webhookDeliveries: number;
  /** What an idempotency key stood for. */
  readonly idempotencyKeys: number;
}

/** What one GraphQL operation may ask for, over HTTP and over WebSocket alike. */
export interface OperationLimits {
  /** Fields inside one another; introspection does not count. */
  readonly maxDepth: number;
  /** Fields that are given another name, wherever a fragment with them is used. */
  readonly maxAliases: number;
  /** Fields of Query, Mutation or Subscription. */
  readonly maxRootFields: number;
  /** Values that the answer may hold, and input items; see operation-cost. */
  readonly maxCost: number;
}

export type AppConfigValues = { readonly [K in keyof AppConfig]: AppConfig[K] };
