import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '../../src/migrate.js';
import type { Cleanup } from '../cleanup.js';
import { freePort } from './free-port.js';

const KEEPER = fileURLToPath(new URL('./postgres-keeper.js', import.meta.url));
/**
 * As the embedded database runs, fsync included; only a checkpoint comes later than by default, or it would fall upon one
 * round and not upon the next.
 */
const FLAGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'max_wal_size=4GB',
  'checkpoint_timeout=30min',
  'log_line_prefix=@@',
];
/** Costs a little, so only where it is asked for. */
const PROFILED = ['shared_preload_libraries=pg_stat_statements', 'pg_stat_statements.track=top'];
export const TEMPLATE = 'bench_template';

/** A PostgreSQL of the bench's own, with a migrated database to copy from. */
export class Postgres {
  private readonly clients = new Map<string, pg.Client>();

  private constructor(
    private readonly server: string,
    private readonly logFile: string,
  ) {}

  static async start(
    folder: string,
    cleanup: Cleanup,
    { profiled }: { readonly profiled: boolean },
  ): Promise<Postgres> {
    const port = await freePort();
    const password = randomBytes(12).toString('hex');
    const logFile = join(folder, 'postgres.log');
    const flags = [...FLAGS, ...(profiled ? PROFILED : [])].flatMap(setting => ['-c', setting]);
    const keeper = fork(KEEPER, [join(folder, 'postgres'), String(port), password, logFile, ...flags], {
      detached: true,
    });
    cleanup.add(() => endOf(keeper));
    const ended = once(keeper, 'exit').then(() => true);
    const failed = await Promise.race([once(keeper, 'message').then(() => false), ended]);
    if (failed) throw new Error(`PostgreSQL did not start: ${await readFile(logFile, 'utf8').catch(() => '')}`);
    const postgres = new Postgres(`postgresql://relais_owner:${password}@127.0.0.1:${port}`, logFile);
    cleanup.add(() => postgres.letGoOfAll());
    if (profiled) await postgres.query('postgres', 'create extension pg_stat_statements');
    await postgres.query('postgres', `create database ${TEMPLATE}`);
    await migrate(postgres.urlOf(TEMPLATE));
    return postgres;
  }

  /** As the owner. */
  urlOf(database: string): string {
    return `${this.server}/${database}`;
  }

  /** A fresh database, or a copy of one that nobody is connected to. */
  async create(database: string, from = TEMPLATE): Promise<void> {
    await this.letGo(from);
    await this.query('postgres', `create database ${database} template ${from}`);
  }

  async drop(database: string): Promise<void> {
    await this.letGo(database);
    await this.query('postgres', `drop database if exists ${database} with (force)`);
  }

  /** Over one connection for each database. */
  async query<T extends pg.QueryResultRow>(
    database: string,
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<T[]> {
    const client = this.clients.get(database) ?? (await this.connect(database));
    return (await client.query<T>(sql, [...parameters])).rows;
  }

  /** One figure. */
  async number(database: string, sql: string, parameters: readonly unknown[] = []): Promise<number> {
    const [row] = await this.query<{ figure: string }>(database, `select (${sql})::numeric as figure`, parameters);
    return Number(row?.figure);
  }

  /** All that the server has logged. */
  log(): Promise<string> {
    return readFile(this.logFile, 'utf8');
  }

  private async letGoOfAll(): Promise<void> {
    for (const database of this.clients.keys()) await this.letGo(database);
  }

  async letGo(database: string): Promise<void> {
    const client = this.clients.get(database);
    this.clients.delete(database);
    await client?.end().catch(() => undefined);
  }

  private async connect(database: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.urlOf(database) });
    client.on('error', () => undefined);
    await client.connect();
    this.clients.set(database, client);
    return client;
  }
}

async function endOf(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null || keeper.signalCode !== null) return;
  const ended = once(keeper, 'exit');
  if (keeper.connected) keeper.disconnect();
  await ended;
}
