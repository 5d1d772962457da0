import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CheckSeals, CreateTenant, IssueApiKey } from './accounts/index.js';
import { CreditTenant, SetPrice } from './billing/index.js';
import { createApp } from './create-app.js';
import { firstRun, type FirstRunKeys } from './first-run.js';
import { AppConfig, Transactions } from './kernel/index.js';
import { localUrl, readConfig, readMigrationConfig } from './kernel/config/read-config.js';
import {
  type EmbeddedDatabase,
  secretIn,
  startEmbeddedDatabase,
} from './kernel/embedded-postgres/embedded-database.js';
import { checkAppRole, migrate } from './migrate.js';
import { SEND_POLICIES } from './scheduling/index.js';
import { BadConfiguration, DatabaseFailure } from './start-failure.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Running {
  /** Null for a pure worker, which does not listen. */
  readonly address: string | null;
  readonly firstRunKeys: FirstRunKeys | null;
  /** Drains, lets go of the database, and stops the embedded one where this process started it. */
  stop(): Promise<void>;
}

/** Everything between an environment and a running Relais. What fails throws, and nothing is left running. */
export async function start(env: Environment): Promise<Running> {
  const reading = readConfig(env, SEND_POLICIES);
  if (!reading.ok) throw new BadConfiguration(reading.problems);
  const port = await portFor(reading.config);
  const { config, embedded } = await withDatabase(port.config).catch(async (error: unknown) => {
    await port.release();
    throw error;
  });
  let app: NestFastifyApplication | null = null;
  try {
    const separate = config.databaseMigrationUrl !== null;
    const variable = embedded === null ? 'DATABASE_URL' : null;
    await naming(
      separate ? 'DATABASE_MIGRATION_URL' : variable,
      migrate(config.databaseMigrationUrl ?? config.databaseDirectUrl ?? config.databaseUrl ?? ''),
    );
    // As the app will work: past the pooler where a role is to be taken on at the connection.
    const asked = separate ? config.databaseUrl : (config.databaseDirectUrl ?? config.databaseUrl);
    await naming(variable, checkAppRole(asked ?? '', !separate));
    app = await createApp(config);
    const wrongKey = await app.get(CheckSeals).execute();
    if (wrongKey !== null) throw new BadConfiguration([wrongKey]);
    const address = await listen(app, config, port);
    // Made when they can be told, and by a process that tells: keys are shown once.
    const firstRunKeys = address === null ? null : await firstRun(servicesOf(app, config));
    const running = app;
    return { address, firstRunKeys, stop: () => stopAll(running, embedded) };
  } catch (error) {
    await port.release();
    await stopAll(app, embedded);
    throw error;
  }
}

/** Migrates and ends: needs no more of the environment than where the database is. Says what it did. */
export async function migrateOnly(env: Environment): Promise<string> {
  const reading = readMigrationConfig(env);
  if (!reading.ok) throw new BadConfiguration(reading.problems);
  const { databaseMigrationUrl, databaseDirectUrl, databaseUrl, dataDir } = reading.database;
  // Past a pooler: what several processes wait for one another by is a lock of the session.
  const given = databaseMigrationUrl ?? databaseDirectUrl ?? databaseUrl;
  const embedded = given === null ? await startEmbeddedDatabase(dataDir) : null;
  const variable = databaseMigrationUrl === null ? 'DATABASE_URL' : 'DATABASE_MIGRATION_URL';
  try {
    const done = await naming(embedded === null ? variable : null, migrate(given ?? embedded?.ownerUrl ?? ''));
    return done === 0 ? 'The database is up to date.' : `The database is up to date: ${done} migrated.`;
  } finally {
    await embedded?.stop();
  }
}

const naming = <T>(variable: string | null, work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw new DatabaseFailure(variable, error);
  });

export async function stopAll(app: NestFastifyApplication | null, embedded: EmbeddedDatabase | null): Promise<void> {
  try {
    await app?.close();
  } finally {
    await embedded?.stop();
  }
}

/** An embedded database, where none is given, with the master key that was made with it. */
export async function withDatabase(
  config: AppConfig,
): Promise<{ config: AppConfig; embedded: EmbeddedDatabase | null }> {
  if (config.databaseUrl !== null) return { config, embedded: null };
  await mkdir(config.dataDir, { recursive: true });
  const masterKey =
    config.masterKey ?? (await secretIn(join(config.dataDir, 'master.key'), () => randomBytes(32).toString('base64')));
  const embedded = await startEmbeddedDatabase(config.dataDir);
  return { config: new AppConfig({ ...config, databaseUrl: embedded.ownerUrl, masterKey }), embedded };
}

async function listen(app: NestFastifyApplication, config: AppConfig, port: Port): Promise<string | null> {
  await app.init();
  if (config.role === 'worker') return null;
  await port.release();
  await app.listen(config.port, config.host);
  return localUrl(config.host, config.port);
}

interface Port {
  readonly config: AppConfig;
  /** To be called right before listening. */
  release(): Promise<void>;
}

/**
 * Asked early, so that a taken port is told before a database is started for nothing, and a free one (PORT=0) is known to what
 * calls back. A free one is kept until we listen: else the system may give it to the next who asks.
 */
async function portFor(config: AppConfig): Promise<Port> {
  if (config.role === 'worker') return { config, release: () => Promise.resolve() };
  const keeper = await keepPort(config);
  const { port } = keeper;
  if (config.port !== 0) await keeper.release();
  const local = config.publicUrl === localUrl(config.host, config.port);
  const publicUrl = local ? localUrl(config.host, port) : config.publicUrl;
  return { config: new AppConfig({ ...config, port, publicUrl }), release: () => keeper.release() };
}

function keepPort({ port, host }: AppConfig): Promise<{ readonly port: number; release(): Promise<void> }> {
  return new Promise((resolved, rejected) => {
    const keeper = createServer(socket => socket.destroy());
    const release = (): Promise<void> => new Promise(closed => keeper.close(() => closed()));
    keeper.once('error', rejected);
    keeper.listen(port, host, () => {
      const address = keeper.address();
      resolved({ port: typeof address === 'object' && address !== null ? address.port : port, release });
    });
  });
}

const servicesOf = (app: NestFastifyApplication, config: AppConfig): Parameters<typeof firstRun>[0] => ({
  config,
  transactions: app.get(Transactions),
  tenants: app.get(CreateTenant),
  keys: app.get(IssueApiKey),
  credit: app.get(CreditTenant),
  prices: app.get(SetPrice),
});
