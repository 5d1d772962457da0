import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { freePort } from './free-port.js';

const KEEPER = fileURLToPath(new URL('../../../src/kernel/embedded-postgres/keeper.ts', import.meta.url));
// Everything else as PostgreSQL has it: what it has confirmed must outlive a kill.
const FLAGS = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'];
const TRIES = 40;

/** A real PostgreSQL that can be killed with all its processes at any moment, and starts again on the same folder and port. */
export class KillablePostgres {
  /** Why a start came to nothing: what was killed may not be quite gone yet. */
  readonly failedStarts: string[] = [];
  private keeper: ChildProcess | null = null;
  private readonly password = randomBytes(12).toString('hex');

  private constructor(
    private readonly cluster: string,
    private readonly port: number,
  ) {}

  /** In `folder`/postgres, with an empty database. */
  static async start(folder: string): Promise<KillablePostgres> {
    const postgres = new KillablePostgres(join(folder, 'postgres'), await freePort());
    await postgres.start();
    await postgres.query('create database relais', [], 'postgres');
    return postgres;
  }

  /** As the owner. */
  get url(): string {
    return this.urlOf('relais');
  }

  /** Until it takes connections: right after a kill it takes a moment until the old one is gone. */
  async start(): Promise<void> {
    for (let tried = 1; ; tried += 1) {
      const failed = await this.startOnce();
      if (failed === null) return;
      this.failedStarts.push(failed);
      if (tried === TRIES) throw new Error(`PostgreSQL did not start again: ${failed}`);
      await setTimeout(100);
    }
  }

  /** kill -9 of the server and of everything that it started. */
  async kill(): Promise<void> {
    const postmaster = Number((await readFile(join(this.cluster, 'postmaster.pid'), 'utf8')).split('\n')[0]);
    // It must not start another one meanwhile: an orphan keeps the port, and waits for locks that nobody gives back.
    process.kill(postmaster, 'SIGSTOP');
    const children = await childrenOf(postmaster);
    for (const pid of [postmaster, ...children]) killHard(pid);
    await this.end(this.keeper, () => this.keeper?.kill('SIGKILL'));
  }

  async stop(): Promise<void> {
    await this.end(this.keeper, () => this.keeper?.disconnect());
  }

  async query<T extends pg.QueryResultRow>(
    sql: string,
    parameters: readonly unknown[] = [],
    database = 'relais',
  ): Promise<T[]> {
    const client = new pg.Client({ connectionString: this.urlOf(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<T>(sql, [...parameters])).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private urlOf(database: string): string {
    return `postgresql://relais_owner:${this.password}@127.0.0.1:${this.port}/${database}`;
  }

  /** Null: it runs. Else why it does not. */
  private async startOnce(): Promise<string | null> {
    const flags = FLAGS.flatMap(setting => ['-c', setting]);
    const keeper = spawn(process.execPath, [KEEPER, this.cluster, String(this.port), ...flags], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { ...process.env, RELAIS_EMBEDDED_PASSWORD: this.password },
    });
    const { promise, resolve } = Promise.withResolvers<string | null>();
    keeper.once('message', message =>
      resolve(JSON.stringify(message) === '{"ready":true}' ? null : JSON.stringify(message)),
    );
    keeper.once('exit', () => resolve('its keeper ended'));
    const failed = await promise;
    if (failed === null) this.keeper = keeper;
    else keeper.kill('SIGKILL');
    return failed;
  }

  private async end(keeper: ChildProcess | null, how: () => void): Promise<void> {
    this.keeper = keeper;
    if (keeper === null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    keeper.once('exit', () => resolve());
    if (keeper.exitCode !== null || keeper.signalCode !== null) resolve();
    else how();
    await promise;
    this.keeper = null;
  }
}

/** Where /proc is missing they notice by themselves that their parent is gone. */
async function childrenOf(parent: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => Number(/\) \S (\d+)/.exec(stats[index] ?? '')?.[1]) === parent);
}

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
