import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { BuiltRelais, emptyFolder, eventually, processesOn } from '../support/built-relais.js';
import { createDatabase, query } from '../support/database.js';
import { listenOnLoopback } from '../support/smspartner-stub.js';

const MASTER_KEY = randomBytes(32).toString('base64');

let folder: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ path: folder, remove } = await emptyFolder());
});

afterEach(async () => {
  await eventually(async () => (await processesOn(folder)).length === 0, 20);
  await remove();
});

/** Runs to its end, which must be exit code 1 with nothing on stdout; the lines on stderr. */
async function failure(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<string[]> {
  const relais = BuiltRelais.run(folder, env, args);
  expect(await relais.ended).toEqual({ code: 1, signal: null });
  expect(relais.stdout).toBe('');
  expect(relais.stderr).not.toMatch(/^\s+at /m);
  expect(await processesOn(folder)).toEqual([]);
  return relais.stderr.trimEnd().split('\n');
}

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  return { server, port: await listenOnLoopback(server) };
}

/** The address of the test server with one thing changed. */
function databaseUrl(change: (url: URL) => void): string {
  const url = new URL(inject('templateUrl'));
  change(url);
  return url.href;
}

test('a port in use', async () => {
  const { server, port } = await listening();
  expect(await failure({ PORT: String(port) })).toEqual([
    `Relais cannot start: port ${port} is in use; stop what listens there, or set PORT`,
  ]);
  server.close();
});

test('a HOST that is no address of this machine', async () => {
  expect(await failure({ HOST: '192.0.2.1' })).toEqual(['Relais cannot start: HOST is no address of this machine']);
});

test('a database that cannot be reached', async () => {
  const { server, port } = await listening();
  await new Promise(closed => server.close(closed));
  const DATABASE_URL = `postgresql://relais:secret-password@127.0.0.1:${port}/relais`;
  const told =
    'the database of DATABASE_URL cannot be reached (ECONNREFUSED); is it running, and is the address right?';
  expect(await failure({ DATABASE_URL, MASTER_KEY })).toEqual([`Relais cannot start: ${told}`]);
  expect(await failure({ DATABASE_URL }, ['migrate'])).toEqual([`Relais cannot start: ${told}`]);
});

test('a database server that accepts connections and never answers', async () => {
  const { server, port } = await listening();
  const DATABASE_URL = `postgresql://relais:secret-password@127.0.0.1:${port}/relais`;
  expect(await failure({ DATABASE_URL, MASTER_KEY })).toEqual([
    'Relais cannot start: the database of DATABASE_URL cannot be reached (time-out); is it running, and is the address right?',
  ]);
  server.close();
});

test('a wrong password, an unknown user, an unknown database', async () => {
  const refused = 'Relais cannot start: the database of DATABASE_URL refuses the user or the password in it';
  const wrong = databaseUrl(url => (url.password = 'wrong-password'));
  expect(await failure({ DATABASE_URL: wrong, MASTER_KEY })).toEqual([refused]);
  const nobody = databaseUrl(url => (url.username = 'nobody-here'));
  expect(await failure({ DATABASE_URL: nobody, MASTER_KEY })).toEqual([refused]);
  const missing = databaseUrl(url => (url.pathname = '/missing_database'));
  expect(await failure({ DATABASE_URL: missing, MASTER_KEY })).toEqual([
    'Relais cannot start: the database of DATABASE_URL does not exist on its server; create it, or mend the name',
  ]);
  expect(await failure({ DATABASE_URL: missing, DATABASE_MIGRATION_URL: wrong, MASTER_KEY })).toEqual([
    'Relais cannot start: the database of DATABASE_MIGRATION_URL refuses the user or the password in it',
  ]);
});

test('an owner or superuser as DATABASE_URL beside DATABASE_MIGRATION_URL', async () => {
  const database = await createDatabase();
  const env = { DATABASE_URL: database.ownerUrl, DATABASE_MIGRATION_URL: database.ownerUrl, MASTER_KEY };
  expect(await failure(env)).toEqual([
    expect.stringMatching(
      /^Relais cannot start: DATABASE_URL must name a role that is no superuser.*GRANT relais_app TO/,
    ),
  ]);
  await database.drop();
});

test('a missing MASTER_KEY', async () => {
  const [line, ...more] = await failure({ DATABASE_URL: inject('templateUrl') });
  expect(line).toMatch(/^Relais cannot start: MASTER_KEY is required where DATABASE_URL is set: .*openssl rand/);
  expect(more).toEqual([]);
});

test('a MASTER_KEY that opens nothing of what is stored, told without its value', async () => {
  const database = await createDatabase();
  await query(
    database.ownerUrl,
    `insert into provider_credentials (tenant_id, provider, sealed, master_key_id, created_at)
     values ('0198a1b2-0000-7000-8000-000000000001', 'smspartner', decode('72733100' || repeat('ab', 50), 'hex'), 'abab', now())`,
  );
  await query(
    database.ownerUrl,
    `insert into tenants (id, name, status, default_category, transactional_allowed, unicode_allowed, quiet_hours_enforced, resend_when_absent, currency, created_at)
     values ('0198a1b2-0000-7000-8000-000000000001', 'x', 'ACTIVE', 'COMMERCIAL', false, false, true, true, 'EUR', now())`,
  );
  const lines = await failure({ DATABASE_URL: database.ownerUrl, MASTER_KEY, LOG_LEVEL: 'silent' });
  expect(lines).toEqual([
    expect.stringMatching(/^Relais cannot start: MASTER_KEY opens none of the 1 sealed secrets .*"npm run db:reseal"$/),
  ]);
  expect(lines.join('')).not.toContain(MASTER_KEY);
  const reseal = BuiltRelais.run(folder, { DATABASE_URL: database.ownerUrl, MASTER_KEY, LOG_LEVEL: 'silent' }, [
    'reseal',
  ]);
  expect(await reseal.ended).toEqual({ code: 1, signal: null });
  expect(reseal.stdout).toContain('These 1 open under neither MASTER_KEY nor MASTER_KEY_PREVIOUS; set them anew:');
  await database.drop();
});

test('several bad variables: a line each, and no value repeated', async () => {
  const bad = { PORT: '70000', ROLE: 'boss', MASTER_KEY: 'my-master-key', ADMIN_API_KEY: 'my-admin-key' };
  const lines = await failure({ ...bad, DATABASE_URL: 'mysql://me:my-password@host/db' });
  expect(lines.map(line => /^Relais cannot start: ([A-Z_]+) must be /.exec(line)?.[1] ?? line).toSorted()).toEqual(
    [...Object.keys(bad), 'DATABASE_URL'].toSorted(),
  );
  for (const value of ['70000', 'boss', 'my-']) expect(lines.join('\n')).not.toContain(value);
});

test('a .env file is read, and what is wrong in it is told alike', async () => {
  await writeFile(join(folder, 'home', '.env'), 'LOG_LEVEL=loud\n');
  const lines = await failure({});
  expect(lines).toEqual([expect.stringMatching(/^Relais cannot start: LOG_LEVEL must be one of /)]);
});

test('a command that does not exist', async () => {
  expect(await failure({}, ['migrat'])).toEqual([
    'Relais cannot start: the only commands are "migrate" and "reseal"; without one, Relais serves',
  ]);
});

test('a data folder that cannot be one', async () => {
  await writeFile(join(folder, 'file'), '');
  expect(await failure({ RELAIS_DATA_DIR: join(folder, 'file', 'data') })).toEqual([
    `Relais cannot start: ${join(folder, 'file', 'data')} cannot be written by this user; set RELAIS_DATA_DIR to a folder that can`,
  ]);
});

test.runIf(process.getuid?.() === 0)('as root, a data folder that the user postgres cannot reach', async () => {
  const closed = join(folder, 'closed');
  await mkdir(closed);
  await chmod(closed, 0o700);
  const [line = '', ...more] = await failure({ RELAIS_DATA_DIR: join(closed, 'data') });
  expect(line).toContain('PostgreSQL does not run as root');
  expect(line).toContain(`run "chmod o+x ${closed}"`);
  expect(more).toEqual([]);
});

test('a data folder whose password was lost', async () => {
  const first = BuiltRelais.run(folder, {}, ['migrate']);
  expect(await first.ended).toEqual({ code: 0, signal: null });
  await writeFile(join(folder, 'data', 'postgres.password'), 'another\n');
  expect(await failure({})).toEqual([
    `Relais cannot start: ${join(folder, 'data', 'postgres')} was made with another password than postgres.password beside it`,
  ]);
});
