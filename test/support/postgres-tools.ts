import { execFile, spawnSync } from 'node:child_process';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { query } from './database.js';

const run = promisify(execFile);

/** A server that this machine's pg_dump can read, and the pg_dump and pg_restore for it. */
export interface BackupGround {
  /** A superuser's, of its maintenance database. */
  readonly url: string;
  readonly dump: (databaseUrl: string, file: string) => Promise<unknown>;
  readonly restore: (databaseUrl: string, file: string) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

/**
 * The tests' own PostgreSQL where the installed pg_dump is new enough for it; else a server of the pg_dump's own version that
 * lies beside it. Null: there is neither.
 */
export async function backupGround(): Promise<BackupGround | null> {
  const bin = binFolder();
  if (bin === null) return null;
  const tools = (url: string, stop: () => Promise<void>): BackupGround => ({
    url,
    dump: (database, file) => run(join(bin, 'pg_dump'), ['--format=custom', `--file=${file}`, `--dbname=${database}`]),
    restore: (database, file) => run(join(bin, 'pg_restore'), ['--exit-on-error', `--dbname=${database}`, file]),
    stop,
  });
  const own = new URL(inject('templateUrl'));
  own.pathname = '/postgres';
  const [server] = await query<{ version: number }>(
    own.href,
    `select current_setting('server_version_num')::int / 10000 as version`,
  );
  const major = Number(/\d+/.exec(spawnSync(join(bin, 'pg_dump'), ['--version'], { encoding: 'utf8' }).stdout)?.[0]);
  if (server !== undefined && major >= server.version) return tools(own.href, () => Promise.resolve());
  const started = await serverBeside(bin);
  return started && tools(started.url, started.stop);
}

/** Where pg_dump really lies: Debian has a wrapper in /usr/bin. */
function binFolder(): string | null {
  const asked = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  const folders = [asked.status === 0 ? asked.stdout.trim() : '', ...(process.env['PATH'] ?? '').split(delimiter)];
  const newest = spawnSync('sh', ['-c', 'ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1'], {
    encoding: 'utf8',
  });
  const found = [newest.stdout.trim(), ...folders].find(
    folder => folder !== '' && spawnSync(join(folder, 'pg_restore'), ['--version']).status === 0,
  );
  return found === undefined ? null : dirname(realpathSync(join(found, 'pg_dump')));
}

async function serverBeside(bin: string): Promise<{ readonly url: string; readonly stop: () => Promise<void> } | null> {
  if (spawnSync(join(bin, 'initdb'), ['--version']).status !== 0) return null;
  const folder = await mkdtemp(join(tmpdir(), 'relais-backup-'));
  // PostgreSQL refuses to run as root.
  const asPostgres = process.getuid?.() === 0;
  const user = asPostgres ? idsOf('postgres') : null;
  if (asPostgres && user === null) return null;
  const ids = user ?? {};
  await chmod(folder, 0o711);
  if (user !== null) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const port = await freePort();
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--no-sync'], ids);
  const flags = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories= -c fsync=off`;
  const start = ['-D', data, '-w', '-l', join(folder, 'log'), '-o', flags, 'start'];
  await run(join(bin, 'pg_ctl'), start, ids);
  return {
    url: `postgresql://postgres:x@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await run(join(bin, 'pg_ctl'), ['-D', data, '-w', '-m', 'immediate', 'stop'], ids);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function idsOf(user: string): { readonly uid: number; readonly gid: number } | null {
  const [uid, gid] = ['-u', '-g'].map(flag => spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout.trim());
  return uid === '' || uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
