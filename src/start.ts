import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CreateTenant, IssueApiKey } from './accounts/index.js';
import { CreditTenant, SetPrice } from './billing/index.js';
import { createApp } from './create-app.js';
import { firstRun, type FirstRunKeys } from './first-run.js';
import { AppConfig, Transactions } from './kernel/index.js';
import { readConfig } from './kernel/config/read-config.js';
import {
  type EmbeddedDatabase,
  secretIn,
  startEmbeddedDatabase,
} from './kernel/embedded-postgres/embedded-database.js';
import { checkAppRole, migrate } from './migrate.js';
import { SEND_POLICIES } from './scheduling/index.js';
import { BadConfiguration } from './start-failure.js';

export interface Running {
  /** Null for a pure worker, which does not listen. */
  readonly address: string | null;
  readonly firstRunKeys: FirstRunKeys | null;
  /** Drains, lets go of the database, and stops the embedded one where this process started it. */
  stop(): Promise<void>;
}

/** Everything between an environment and a running Relais. What fails throws, and nothing is left running. */
export async function start(env: Readonly<Record<string, string | undefined>>): Promise<Running> {
  const reading = readConfig(env, SEND_POLICIES);
  if (!reading.ok) throw new BadConfiguration(reading.problems);
  // Asked early, so that a taken port is told before a database is started for nothing.
  if (reading.config.role !== 'worker') await checkPort(reading.config);
  const { config, embedded } = await withDatabase(reading.config);
  let app: NestFastifyApplication | null = null;
  try {
    await migrate(config.databaseMigrationUrl ?? config.databaseUrl ?? '');
    await checkAppRole(config.databaseUrl ?? '', config.databaseMigrationUrl === null);
    app = await createApp(config);
    const firstRunKeys = await firstRun(servicesOf(app, config));
    const address = await listen(app, config);
    const running = app;
    return { address, firstRunKeys, stop: () => stopAll(running, embedded) };
  } catch (error) {
    await stopAll(app, embedded);
    throw error;
  }
}

async function stopAll(app: NestFastifyApplication | null, embedded: EmbeddedDatabase | null): Promise<void> {
  try {
    await app?.close();
  } finally {
    await embedded?.stop();
  }
}

async function withDatabase(config: AppConfig): Promise<{ config: AppConfig; embedded: EmbeddedDatabase | null }> {
  if (config.databaseUrl !== null) return { config, embedded: null };
  const embedded = await startEmbeddedDatabase(config.dataDir);
  const masterKey =
    config.masterKey ?? (await secretIn(join(config.dataDir, 'master.key'), () => randomBytes(32).toString('base64')));
  return { config: new AppConfig({ ...config, databaseUrl: embedded.ownerUrl, masterKey }), embedded };
}

async function listen(app: NestFastifyApplication, config: AppConfig): Promise<string | null> {
  if (config.role === 'worker') {
    await app.init();
    return null;
  }
  await app.listen(config.port, config.host);
  const address = app.getHttpServer().address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  return `http://localhost:${port}`;
}

function checkPort({ port, host }: AppConfig): Promise<void> {
  return new Promise((resolved, rejected) => {
    const probe = createServer();
    probe.once('error', rejected);
    probe.listen(port, host, () => probe.close(() => resolved()));
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
