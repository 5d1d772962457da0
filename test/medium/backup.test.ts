import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProviderCredentials } from '../../src/accounts/index.js';
import { asTenantId, Transactions } from '../../src/kernel/index.js';
import { migrate } from '../../src/migrate.js';
import { query } from '../support/database.js';
import { everythingStoredIn } from '../support/everything-stored.js';
import { GraphqlClient } from '../support/graphql-client.js';
import { accepted, look } from '../support/messages.js';
import { backupGround, type BackupGround } from '../support/postgres-tools.js';
import { appAt } from '../support/test-app.js';

const TUESDAY = '2026-01-06T09:00:00Z';
const MASTER_KEY = randomBytes(32).toString('base64');

let ground: BackupGround | null;
let folder: string;
const made: string[] = [];
beforeAll(async () => {
  ground = await backupGround();
  folder = await mkdtemp(join(tmpdir(), 'relais-dump-'));
});
afterAll(async () => {
  for (const name of made) await query(ground?.url ?? '', `drop database if exists ${name} with (force)`);
  await ground?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function emptyDatabase(on: BackupGround): Promise<string> {
  const name = `backup_${randomBytes(6).toString('hex')}`;
  await query(on.url, `create database ${name}`);
  made.push(name);
  const url = new URL(on.url);
  url.pathname = `/${name}`;
  return url.href;
}

test('a database that was dumped and restored elsewhere is whole: Relais starts on it, and its keys, messages and credentials are there', async ({
  skip,
}) => {
  if (ground === null) return skip('no pg_dump for any server here');
  const original = await emptyDatabase(ground);
  await migrate(original);
  const before = await appAt(TUESDAY, { databaseUrl: original, env: { MASTER_KEY } });
  const tenant = await before.tenant();
  const message = await accepted(tenant.gql, { text: 'Bonjour après la panne' });
  await before.admin.run('mutation ($id: ID!) { setProviderCredential(tenantId: $id, apiKey: "x-1") { id } }', {
    id: tenant.id,
  });
  const held = await accepted(tenant.gql);
  await before.close();

  const file = join(folder, 'relais.dump');
  await ground.dump(original, file);
  const restored = await emptyDatabase(ground);
  await ground.restore(restored, file);
  expect((await everythingStoredIn(restored)).split('\n').toSorted()).toEqual(
    (await everythingStoredIn(original)).split('\n').toSorted(),
  );
  expect(await migrate(restored)).toBe(0);

  const after = await appAt(TUESDAY, { databaseUrl: restored, env: { MASTER_KEY } });
  try {
    const gql = new GraphqlClient(after.url, tenant.key);
    expect((await look(gql, message.id)).text).toBe('Bonjour après la panne');
    const id = asTenantId(tenant.id);
    const opened = await after.nest
      .get(Transactions)
      .run(id, tx => after.nest.get(ProviderCredentials).open(tx, id, 'smspartner'));
    expect(opened).toEqual({ kind: 'opened', apiKey: 'x-1' });
    await after.tick();
    expect((await look(gql, held.id)).status).toBe('SENT');
    const lone = await after.tenant();
    await expect(look(lone.gql, message.id)).rejects.toThrow('no such message');
  } finally {
    await after.close();
  }
}, 120_000);

test("the schema's owner cannot dump it: he sees no tenant's rows, and is told so instead of keeping an empty file", async ({
  skip,
}) => {
  if (ground === null) return skip('no pg_dump for any server here');
  const database = await emptyDatabase(ground);
  const owner = `owner_${randomBytes(6).toString('hex')}`;
  await query(ground.url, `create role ${owner} login createrole password 'x'`);
  await query(ground.url, `grant relais_app, relais_system to ${owner} with admin option`);
  await query(ground.url, `alter database ${new URL(database).pathname.slice(1)} owner to ${owner}`);
  await query(database, `alter schema public owner to ${owner}`);
  const url = new URL(database);
  url.username = owner;
  url.password = 'x';
  await migrate(url.href);
  await expect(ground.dump(url.href, join(folder, 'owner.dump'))).rejects.toThrow(/row-level security/);
}, 60_000);
