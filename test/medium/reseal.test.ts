import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CheckSeals, ProviderCredentials, ResealSecrets, Seal } from '../../src/accounts/index.js';
import { type TenantId, Transactions } from '../../src/kernel/index.js';
import { start } from '../../src/start.js';
import { createDatabase, query, type TestDatabase } from '../support/database.js';
import { appAt, configOf, type TestApp } from '../support/test-app.js';
import { resealOnly } from '../../src/reseal.js';

const keyOf = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
const [OLD, NEW, OTHER] = [keyOf(1), keyOf(2), keyOf(3)];
const API_KEY = 'cle-du-client-0123456789';

let database: TestDatabase;
const apps: TestApp[] = [];
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  await database.drop();
});

async function runUnder(MASTER_KEY: string, previous?: string): Promise<TestApp> {
  const env = { MASTER_KEY, ...(previous !== undefined && { MASTER_KEY_PREVIOUS: previous }) };
  const app = await appAt('2026-01-06T09:00:00Z', { databaseUrl: database.ownerUrl, env });
  apps.push(app);
  return app;
}

async function withCredential(app: TestApp): Promise<TenantId> {
  const { id } = await app.tenant();
  await app.admin.run(
    'mutation ($id: ID!, $key: String!) { setProviderCredential(tenantId: $id, apiKey: $key) { id } }',
    {
      id,
      key: API_KEY,
    },
  );
  return id;
}

const opened = (app: TestApp, tenantId: TenantId): Promise<unknown> =>
  app.nest
    .get(Transactions)
    .run(tenantId, tx => app.nest.get(ProviderCredentials).open(tx, tenantId, 'smspartner'))
    .then(own => (own.kind === 'opened' ? own.apiKey : own.kind));

const sealUnder = (MASTER_KEY: string): Seal => new Seal(configOf({ DATABASE_URL: 'postgresql://x', MASTER_KEY }));
/** What the command and the start are given. */
const environment = (MASTER_KEY: string, more: Readonly<Record<string, string>> = {}) => ({
  DATABASE_URL: database.ownerUrl,
  LOG_LEVEL: 'silent',
  PORT: '0',
  HOST: '127.0.0.1',
  ROLE: 'worker',
  PUBLIC_URL: 'http://127.0.0.1',
  MASTER_KEY,
  ...more,
});

describe('under a new master key', () => {
  test('what the one before sealed still opens, where it is given, and what is sealed anew needs it no more', async () => {
    const before = await runUnder(OLD);
    const tenants = [await withCredential(before), await withCredential(before), await withCredential(before)];
    const [first] = tenants;
    if (first === undefined) throw new Error('no tenant');
    expect(await opened(await runUnder(NEW), first)).toBe('sealed-otherwise');
    const both = await runUnder(NEW, OLD);
    expect(await opened(both, first)).toBe(API_KEY);
    const later = await withCredential(both);

    const report = await resealOnly(environment(NEW, { MASTER_KEY_PREVIOUS: OLD }));
    expect(report).toEqual({
      text: 'Sealed anew under MASTER_KEY: 3. Under it before: 1. MASTER_KEY_PREVIOUS is not needed any more.',
      complete: true,
    });
    const after = await runUnder(NEW);
    for (const tenantId of [...tenants, later]) expect(await opened(after, tenantId)).toBe(API_KEY);
    expect(await after.sql('select distinct master_key_id as id from provider_credentials')).toEqual([
      { id: sealUnder(NEW).keyId },
    ]);
    const again = await resealOnly(environment(NEW));
    expect(again.text).toBe(
      'Sealed anew under MASTER_KEY: 0. Under it before: 4. MASTER_KEY_PREVIOUS is not needed any more.',
    );
  });

  test('sealing anew is audited with each tenant, and names no key', async () => {
    const tenantId = await withCredential(await runUnder(OLD));
    await (await runUnder(NEW, OLD)).nest.get(ResealSecrets).execute();
    const acts = await query(
      database.ownerUrl,
      `select tenant_id, actor_key_id, detail from audit_entries where action = 'secrets.resealed'`,
    );
    expect(acts).toEqual([
      { tenant_id: tenantId, actor_key_id: null, detail: { count: 1, masterKeyId: sealUnder(NEW).keyId } },
    ]);
  });

  test('what opens under neither key is told by its tenant and left as it is', async () => {
    const before = await runUnder(OLD);
    const [good, lost] = [await withCredential(before), await withCredential(before)];
    const stranger = sealUnder(OTHER).close(API_KEY, `${lost}/smspartner`);
    await before.sql('update provider_credentials set sealed = $2 where tenant_id = $1', [lost, stranger]);
    const { text, complete } = await resealOnly(environment(NEW, { MASTER_KEY_PREVIOUS: OLD }));
    expect(complete).toBe(false);
    expect(text.split('\n')).toEqual([
      'Sealed anew under MASTER_KEY: 1. Under it before: 0.',
      'These 1 open under neither MASTER_KEY nor MASTER_KEY_PREVIOUS; set them anew:',
      `  provider_credentials smspartner of tenant ${lost}`,
    ]);
    const after = await runUnder(NEW);
    expect([await opened(after, good), await opened(after, lost)]).toEqual([API_KEY, 'sealed-otherwise']);
  });

  test('two commands at once, and credentials set meanwhile, lose nothing', async () => {
    const before = await runUnder(OLD);
    const tenants = await Promise.all(Array.from({ length: 8 }, () => withCredential(before)));
    const both = await runUnder(NEW, OLD);
    const reseal = both.nest.get(ResealSecrets);
    const renewed = tenants.map(id =>
      both.admin.run('mutation ($id: ID!) { setProviderCredential(tenantId: $id, apiKey: "renewed") { id } }', { id }),
    );
    await Promise.all([reseal.execute(), reseal.execute(), ...renewed]);
    const after = await runUnder(NEW);
    for (const tenantId of tenants) expect(await opened(after, tenantId)).toBe('renewed');
  });
});

describe('what was sealed', () => {
  test('names its key, so that another key and damage are told apart', () => {
    const sealed = sealUnder(OLD).close(API_KEY, 'x');
    expect(sealed.includes(Buffer.from(sealUnder(OLD).keyId, 'hex'))).toBe(true);
    expect(sealUnder(OLD).unseal(sealed, 'x')).toEqual({ kind: 'opened', secret: API_KEY, current: true });
    expect(sealUnder(OLD).unseal(sealed, 'y')).toEqual({ kind: 'damaged' });
    expect(sealUnder(NEW).unseal(sealed, 'x')).toEqual({ kind: 'other-key' });
    for (const length of [0, 1, 12, 20, 30])
      expect(sealUnder(OLD).unseal(sealed.subarray(0, length), 'x').kind).not.toBe('opened');
  });

  test('before keys were named still opens, and is sealed anew with its name', async () => {
    const app = await runUnder(OLD);
    const tenantId = await withCredential(app);
    // As the first version laid it out: nonce, tag, ciphertext.
    await app.sql('update provider_credentials set sealed = substring(sealed from 13)');
    expect(await opened(app, tenantId)).toBe(API_KEY);
    expect(await app.nest.get(CheckSeals).execute()).toBeNull();
    expect(await app.nest.get(ResealSecrets).execute()).toEqual({ anew: 1, already: 0, left: [] });
    expect(await opened(app, tenantId)).toBe(API_KEY);
    expect(await app.nest.get(ResealSecrets).execute()).toEqual({ anew: 0, already: 1, left: [] });
  });
});

describe('a start', () => {
  test('with a MASTER_KEY that opens nothing ends with its name and how to mend it, and without its value', async () => {
    await withCredential(await runUnder(OLD));
    const failure = await start(environment(NEW)).then(
      () => 'started',
      (error: unknown) => String(error),
    );
    expect(failure).toMatch(/MASTER_KEY opens none of the 1 sealed secrets.*MASTER_KEY_PREVIOUS.*npm run db:reseal/);
    expect(failure).not.toContain(NEW);
    const running = await start(environment(NEW, { MASTER_KEY_PREVIOUS: OLD }));
    await running.stop();
  });

  test('with one that opens some goes on: whose does not open waits for its account', async () => {
    const before = await runUnder(OLD);
    await withCredential(before);
    await withCredential(await runUnder(NEW));
    await (await start(environment(NEW))).stop();
    expect(await before.sql('select count(*)::int from provider_credentials')).toEqual([{ count: 2 }]);
  });

  test('where all there is is damaged goes on: that is no matter of the key', async () => {
    const app = await runUnder(OLD);
    await withCredential(app);
    await app.sql('update provider_credentials set sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1)');
    expect(await app.nest.get(CheckSeals).execute()).toBeNull();
  });

  test('with nothing sealed yet goes on with any', async () => {
    expect(await (await runUnder(NEW)).nest.get(CheckSeals).execute()).toBeNull();
  });
});
