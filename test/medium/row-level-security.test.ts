import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, query, type TestDatabase } from '../support/database.js';
import { accepted } from '../support/messages.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

let database: TestDatabase;
let app: TestApp;
let a: TestTenant;
let b: TestTenant;
let tables: string[];
beforeAll(async () => {
  database = await createDatabase();
  app = await appAt('2026-01-06T09:00:00Z', { databaseUrl: database.ownerUrl });
  a = await furnished();
  b = await furnished();
  tables = (
    await query<{ name: string }>(
      database.ownerUrl,
      `select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'tenant_id' order by 1`,
    )
  ).map(({ name }) => name);
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

/** A tenant with a row in every table. */
async function furnished(): Promise<TestTenant> {
  const tenant = await app.tenant();
  await tenant.gql.run('mutation { addOptOut(phoneNumber: "+33699999999") { source } }');
  await accepted(tenant.gql, { idempotencyKey: 'k', receiptUrl: 'https://a.example/dlr' });
  await tenant.gql.run(
    'mutation { sendBatch(input: { messages: [{ to: "+33612345678", text: "x" }] }) { __typename } }',
  );
  await tenant.gql.run(
    'mutation { createWebhook(input: { url: "https://a.example/hooks", events: ["reply.received"] }) { secret } }',
  );
  await app.tick();
  app.clock.advance({ seconds: 2 });
  await app.tick();
  await app.admin.run('mutation ($id: ID!) { setProviderCredential(tenantId: $id, apiKey: "x") { id } }', {
    id: tenant.id,
  });
  await app.sql(
    `insert into provider_blocks (tenant_id, provider, code, reason, since, probe_at) values ($1, 'smspartner', '11', 'x', now(), now())`,
    [tenant.id],
  );
  await app.sql('insert into opt_out_syncs (tenant_id, due_at) values ($1, now())', [tenant.id]);
  await app.sql(
    `insert into opt_out_removals (tenant_id, phone_number, provider_stop_id, created_at) values ($1, '+33600000001', '1', now())`,
    [tenant.id],
  );
  const reply = app.simulator.accepted.at(-1)?.sms.replyUrl ?? '';
  await fetch(reply, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'response', phone_number: '+33612345678', text: 'merci', message_id: 1 }),
  });
  await app.tick();
  return tenant;
}

/** Works as the app does: under the lesser role, for the tenants named (null: none), in a transaction that is undone. */
async function asApp<T>(tenants: string | null, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.ownerUrl, options: '-c role=relais_app' });
  await client.connect();
  try {
    await client.query('begin');
    if (tenants !== null) await client.query(`select set_config('app.tenant_ids', $1, true)`, [tenants]);
    return await work(client);
  } finally {
    await client.query('rollback').catch(() => undefined);
    await client.end();
  }
}

const codeOf = (failing: Promise<unknown>): Promise<string> =>
  failing.then(
    () => 'done',
    (error: unknown) => (error instanceof pg.DatabaseError ? (error.code ?? 'no code') : 'no database error'),
  );
const DENIED = '42501';

describe('the wall between tenants', () => {
  test('stands, enabled and forced, round every table with a tenant_id and round the tenants; the rest is the platform’s', async () => {
    const all = await query<{ name: string; secured: boolean; policies: string[] }>(
      database.ownerUrl,
      `select relname as name, relrowsecurity and relforcerowsecurity as secured,
              array(select polname::text from pg_policy where polrelid = c.oid order by 1) as policies
         from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`,
    );
    const secured = all.filter(table => table.secured).map(({ name }) => name);
    expect(secured).toEqual([...tables, 'tenants'].toSorted());
    expect(all.filter(table => !table.secured).map(({ name }) => name)).toEqual([
      'migrations',
      'prices',
      'rate_limits',
    ]);
    for (const { name, policies } of all.filter(table => table.secured))
      expect([name, policies]).toEqual([name, expect.arrayContaining(['tenants_of_the_transaction'])]);
  });

  test('without a tenant, every table shows no row at all', async () => {
    for (const unset of [null, '']) {
      const seen = await asApp(unset, async client => {
        const counted: Record<string, number> = {};
        for (const table of [...tables, 'tenants'])
          counted[table] = (await client.query(`select 1 from ${table}`)).rowCount ?? -1;
        return counted;
      });
      expect(seen).toEqual(Object.fromEntries([...tables, 'tenants'].map(table => [table, 0])));
    }
  });

  test("with a tenant, every table shows that tenant's rows, all of them and no others", async () => {
    for (const { id } of [a, b]) {
      for (const table of tables) {
        const all = await app.sql<{ count: number }>(
          `select count(*)::int as count from ${table} where tenant_id = $1`,
          [id],
        );
        const seen = await asApp(id, client =>
          client.query(`select tenant_id, count(*)::int as count from ${table} group by tenant_id`),
        );
        expect([table, seen.rows]).toEqual([table, [{ tenant_id: id, count: all[0]?.count }]]);
      }
      const tenants = await asApp(id, client => client.query('select id from tenants'));
      expect(tenants.rows).toEqual([{ id }]);
    }
  });

  test("without a WHERE, no statement on any table changes or removes another tenant's rows", async () => {
    const append = new Set(['ledger_entries', 'audit_entries']);
    for (const table of tables.filter(name => !append.has(name))) {
      const of = async (): Promise<unknown> =>
        (await app.sql(`select t::text as row from ${table} t where tenant_id = $1 order by 1`, [b.id])).map(
          ({ row }) => row,
        );
      const own = await app.sql<{ count: number }>(`select count(*)::int as count from ${table} where tenant_id = $1`, [
        a.id,
      ]);
      const before = await of();
      const touched = await asApp(a.id, async client => {
        // Submissions hang on their messages, which a removal of them all must not trip over.
        await client.query('savepoint whole');
        if (table === 'messages') await client.query('delete from submissions');
        const removed = (await client.query(`delete from ${table}`)).rowCount;
        await client.query('rollback to savepoint whole');
        const changed = (await client.query(`update ${table} set tenant_id = tenant_id`)).rowCount;
        await client.query('commit');
        return [removed, changed];
      });
      expect([table, touched]).toEqual([table, [own[0]?.count, own[0]?.count]]);
      expect(await of()).toEqual(before);
    }
  });

  test('with two tenants, a batch sees exactly the two', async () => {
    const seen = await asApp(`${a.id},${b.id}`, client => client.query('select distinct tenant_id from messages'));
    expect(new Set(seen.rows.map(row => row.tenant_id))).toEqual(new Set([a.id, b.id]));
  });

  test("another tenant's row is neither written, moved nor removed", async () => {
    const insert = `insert into opt_outs (tenant_id, phone_number, id, number, source, created_at) values ('${b.id}', '+33600000000', gen_random_uuid(), 1, 'api', now())`;
    expect(await codeOf(asApp(a.id, client => client.query(insert)))).toBe(DENIED);
    expect(await codeOf(asApp(a.id, client => client.query(`update opt_outs set tenant_id = '${b.id}'`)))).toBe(DENIED);
    const touched = await asApp(a.id, async client => [
      (await client.query(`update balances set amount = 0 where tenant_id = '${b.id}'`)).rowCount,
      (await client.query(`delete from opt_outs where tenant_id = '${b.id}'`)).rowCount,
      (await client.query(`update tenants set name = 'x' where id = '${b.id}'`)).rowCount,
    ]);
    expect(touched).toEqual([0, 0, 0]);
  });

  test('nothing is left of a tenant on the connection once its transaction is over', async () => {
    const client = new pg.Client({ connectionString: database.ownerUrl, options: '-c role=relais_app' });
    await client.connect();
    for (const end of ['commit', 'rollback']) {
      await client.query('begin');
      await client.query(`select set_config('app.tenant_ids', $1, true)`, [a.id]);
      expect((await client.query('select 1 from messages')).rowCount).toBe(2);
      await client.query(end);
      expect((await client.query('select 1 from messages')).rowCount).toBe(0);
    }
    await client.end();
  });
});

describe('the ledger and the audit trail', () => {
  test.for(['ledger_entries', 'audit_entries'])(
    '%s can be added to and read, never changed or removed',
    async table => {
      for (const sql of [
        `update ${table} set tenant_id = tenant_id`,
        `delete from ${table}`,
        `truncate ${table}`,
        `drop table ${table}`,
      ])
        expect([sql, await codeOf(asApp(a.id, client => client.query(sql)))]).toEqual([sql, DENIED]);
      expect(
        await asApp(a.id, async client => (await client.query(`select 1 from ${table}`)).rowCount),
      ).toBeGreaterThan(0);
    },
  );
});

/** What has no tenant yet goes through these, and they tell no more than this. */
const FUNCTIONS = {
  // To who shows the whole key, and of a key in force only.
  api_key_in_force:
    'TABLE(tenant_id uuid, id uuid, scopes text[], default_category text, allowed_ips text[], until timestamp with time zone)',
  api_key_tenant: 'TABLE(tenant_id uuid)',
  audit_entries_before: 'TABLE(tenant_id uuid, id uuid)',
  attempt_by_secret: 'TABLE(tenant_id uuid, id uuid, message_id uuid)',
  claim_queued_submissions: 'TABLE(tenant_id uuid, message_id uuid, id uuid)',
  claim_left_submissions: 'TABLE(tenant_id uuid, message_id uuid, id uuid)',
  claim_reply_posts: 'TABLE(tenant_id uuid, attempt_id uuid, id uuid)',
  claim_receipts: 'TABLE(tenant_id uuid, attempt_id uuid, id uuid)',
  claim_submissions: 'TABLE(tenant_id uuid, message_id uuid, id uuid)',
  claim_submissions_without_account: 'TABLE(tenant_id uuid, message_id uuid, id uuid)',
  claim_webhook_deliveries: 'TABLE(tenant_id uuid, id uuid)',
  sandbox_messages_before: 'TABLE(tenant_id uuid, id uuid)',
  tenant_ids_before: 'TABLE(id uuid)',
  tenants_with_old_rows: 'TABLE(tenant_id uuid)',
  token_issuer_in_force: 'TABLE(tenant_id uuid, id uuid, until timestamp with time zone)',
  unconfirmed_message_tenant: 'TABLE(tenant_id uuid)',
  work_figures:
    'TABLE(unconfirmed integer, webhook_backlog integer, oldest_release timestamp with time zone, oldest_send timestamp with time zone, oldest_receipt timestamp with time zone, oldest_webhook timestamp with time zone)',
};

describe('the doors in the wall', () => {
  test('are these functions and no others, each telling ids or counts alone, owned by relais_system and opened by relais_app only', async () => {
    const functions = await query<{
      name: string;
      result: string;
      owner: string;
      definer: boolean;
      path: string[];
      acl: string[];
    }>(
      database.ownerUrl,
      `select proname as name, pg_get_function_result(p.oid) as result, pg_get_userbyid(proowner) as owner, prosecdef as definer,
              proconfig as path, array(select grantee::regrole::text from aclexplode(proacl)) as acl
         from pg_proc p where pronamespace = 'public'::regnamespace order by 1`,
    );
    expect(Object.fromEntries(functions.map(({ name, result }) => [name, result]))).toEqual(FUNCTIONS);
    for (const { name, owner, definer, path, acl } of functions) {
      expect({ name, owner, definer, path, acl: acl.toSorted() }).toEqual({
        name,
        owner: 'relais_system',
        definer: true,
        path: ['search_path=""'],
        acl: ['relais_app', 'relais_system'],
      });
    }
  });

  test('stand in README, each with its reason, and no other does', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const [, table = ''] = readme.split('| Function ');
    const rows = table.slice(0, table.indexOf('\n\n')).split('\n').slice(2);
    const named = rows.flatMap(row =>
      [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''),
    );
    expect(named.toSorted()).toEqual(Object.keys(FUNCTIONS).toSorted());
    for (const row of rows) expect(row.split('|')[2]?.trim()).not.toBe('');
  });

  test('tell an id only to who knows the secret, and never a column beside', async () => {
    const found = await asApp(null, async client => [
      (await client.query('select * from api_key_in_force($1, now())', [Buffer.alloc(32)])).rowCount,
      (await client.query('select * from attempt_by_secret($1)', [Buffer.alloc(32)])).rowCount,
      (await client.query('select * from api_key_tenant(gen_random_uuid())')).rowCount,
    ]);
    expect(found).toEqual([0, 0, 0]);
    const { fields } = await asApp(null, client => client.query('select * from tenant_ids_before(null, 10)'));
    expect(fields.map(field => field.name)).toEqual(['id']);
  });

  test('are held by a role that nobody logs in as and that may touch no more than they need', async () => {
    const roles = await query(
      database.ownerUrl,
      `select rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname in ('relais_app', 'relais_system') order by 1`,
    );
    const powerless = {
      rolcanlogin: false,
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
    };
    expect(roles).toEqual([
      { rolname: 'relais_app', ...powerless },
      { rolname: 'relais_system', ...powerless },
    ]);
    const grants = await query<{ grant: string }>(
      database.ownerUrl,
      `select table_name || ' ' || string_agg(privilege_type, ',' order by privilege_type) as grant
         from information_schema.role_table_grants where grantee = 'relais_system' group by table_name order by 1`,
    );
    expect(grants.map(row => row.grant)).toEqual([
      'api_keys SELECT',
      'attempts SELECT',
      'receipts SELECT,UPDATE',
      'submissions SELECT,UPDATE',
      'tenants SELECT',
      'webhook_deliveries SELECT,UPDATE',
    ]);
    const columns = await query<{ grant: string }>(
      database.ownerUrl,
      `select distinct table_name || '.' || column_name || case privilege_type when 'SELECT' then '' else ' ' || privilege_type end as grant
         from information_schema.column_privileges
        where grantee = 'relais_system' and table_name in ('audit_entries', 'idempotency_records', 'messages', 'provider_blocks', 'provider_credentials', 'replies', 'reply_posts') order by 1`,
    );
    expect(columns.map(row => row.grant)).toEqual([
      'audit_entries.id',
      'audit_entries.tenant_id',
      'idempotency_records.created_at',
      'idempotency_records.tenant_id',
      'messages.created_at',
      'messages.ended_at',
      'messages.erased_at',
      'messages.id',
      'messages.sandbox',
      'messages.status',
      'messages.tenant_id',
      'provider_blocks.probe_at',
      'provider_blocks.provider',
      'provider_blocks.tenant_id',
      'provider_credentials.provider',
      'provider_credentials.tenant_id',
      'replies.erased_at',
      'replies.received_at',
      'replies.tenant_id',
      'reply_posts.attempt_id',
      'reply_posts.due_at',
      'reply_posts.due_at UPDATE',
      'reply_posts.id',
      'reply_posts.lease UPDATE',
      'reply_posts.received_at',
      'reply_posts.tenant_id',
    ]);
  });

  test('and the app owns nothing, makes nothing and becomes nobody else by them', async () => {
    const owned = await query(
      database.ownerUrl,
      `select relname from pg_class where relnamespace = 'public'::regnamespace and pg_get_userbyid(relowner) in ('relais_app', 'relais_system')`,
    );
    expect(owned).toEqual([]);
    for (const sql of [
      'create table x (y int)',
      'alter table messages disable row level security',
      'drop policy tenants_of_the_transaction on messages',
    ])
      expect([sql, await codeOf(asApp(a.id, client => client.query(sql)))]).toEqual([sql, DENIED]);
    const member = await query<{ member: boolean }>(
      database.ownerUrl,
      `select pg_has_role('relais_app', 'relais_system', 'member') as member`,
    );
    expect(member).toEqual([{ member: false }]);
  });
});
