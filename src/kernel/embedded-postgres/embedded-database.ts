import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const DATABASE = 'relais';

export interface EmbeddedDatabase {
  /** Of the owner; the app's own role is made by the migrations. */
  readonly ownerUrl: string;
  /** False where another Relais process on this data folder already runs it. */
  readonly started: boolean;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL in `dataDir`/postgres (made on the first run), or joins the one that already runs there: one data
 * folder, one server. Listens on the loopback address only, on a free port. Rejects with one clear sentence.
 */
export async function startEmbeddedDatabase(
  dataDir: string,
  postgresFlags: readonly string[] = [],
): Promise<EmbeddedDatabase> {
  const folder = resolve(dataDir);
  const cluster = join(folder, 'postgres');
  await mkdir(folder, { recursive: true });
  // PostgreSQL refuses to run as root and then runs as the user "postgres", who must be able to walk in.
  if (process.getuid?.() === 0) await chmod(folder, 0o711);
  const password = await secretIn(join(folder, 'postgres.password'), () => randomBytes(24).toString('base64url'));
  const runningPort = await portOfRunningServer(cluster);
  if (runningPort !== null) {
    return { ownerUrl: urlOf(password, runningPort), started: false, stop: () => Promise.resolve() };
  }
  const port = await freePort();
  const known = await exists(join(cluster, 'PG_VERSION'));
  const flags = [
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'unix_socket_directories=',
    '-c',
    'max_connections=200',
    ...postgresFlags,
  ];
  const keeper = startKeeper([cluster, String(port), known ? 'keep' : 'initialise', ...flags], password);
  await ready(keeper, cluster);
  await createDatabase(urlOf(password, port));
  return { ownerUrl: urlOf(password, port), started: true, stop: () => stop(keeper) };
}

/** Reads a secret from a file that only we can read, or makes it. */
export async function secretIn(file: string, make: () => string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    const secret = make();
    await writeFile(file, `${secret}\n`, { mode: 0o600, flag: 'wx' });
    return secret;
  }
}

const urlOf = (password: string, port: number): string =>
  `postgresql://relais_owner:${password}@127.0.0.1:${port}/${DATABASE}`;

async function createDatabase(ownerUrl: string): Promise<void> {
  const maintenance = new URL(ownerUrl);
  maintenance.pathname = '/postgres';
  const client = new pg.Client({ connectionString: maintenance.href });
  await client.connect();
  try {
    const known = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (known.rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

/** postmaster.pid: line 1 the process, line 4 the port, line 8 "ready". A dead process's file counts as none. */
async function portOfRunningServer(cluster: string): Promise<number | null> {
  const content = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = content.split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port) || port <= 0) return null;
  try {
    process.kill(pid, 0);
    return port;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? port : null;
  }
}

function startKeeper(args: readonly string[], password: string): ChildProcess {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const script = fileURLToPath(new URL(`./keeper.${extension}`, import.meta.url));
  return spawn(process.execPath, [script, ...args], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // oxlint-disable-next-line no-restricted-properties -- handed on whole: the server needs PATH and the locale
    env: { ...process.env, RELAIS_EMBEDDED_PASSWORD: password },
  });
}

function ready(keeper: ChildProcess, cluster: string): Promise<void> {
  return new Promise((resolved, rejected) => {
    const fail = (reason: string): void =>
      rejected(
        new Error(`the embedded PostgreSQL did not start in ${cluster}: ${reason || 'it stopped without a word'}`),
      );
    keeper.once('message', message => {
      if (typeof message === 'object' && 'ready' in message) resolved();
      else fail(typeof message === 'object' && 'failed' in message ? String(message.failed) : 'unexpected answer');
    });
    keeper.once('error', error => fail(error.message));
    keeper.once('exit', () => fail(''));
  });
}

function stop(keeper: ChildProcess): Promise<void> {
  return new Promise(resolved => {
    if (keeper.exitCode !== null || !keeper.connected) return resolved();
    keeper.once('exit', () => resolved());
    keeper.disconnect();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolved, rejected) => {
    const probe = createServer();
    probe.once('error', rejected);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolved(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

const exists = (file: string): Promise<boolean> =>
  readFile(file).then(
    () => true,
    () => false,
  );
