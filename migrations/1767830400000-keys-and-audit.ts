import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Keys that are authenticated in one statement and rotated with an overlap, an audit trail that administrators read, and a
 * ledger in the order in which the balance moved.
 */
const CHANGES = `
alter table api_keys add column retires_at timestamptz;

create index audit_entries_newest on audit_entries (id);

alter table balances add column entries bigint not null default 0;
alter table ledger_entries add column place bigint;
`;

/** Forced, row-level security would hide the rows from the owner, who is to number them. */
const NUMBERED = `
alter table ledger_entries no force row level security;
alter table balances no force row level security;
update ledger_entries l set place = n.place
  from (select tenant_id, id, row_number() over (partition by tenant_id order by id) as place from ledger_entries) n
 where l.tenant_id = n.tenant_id and l.id = n.id;
update balances b set entries = (select count(*) from ledger_entries l where l.tenant_id = b.tenant_id);
alter table ledger_entries alter column place set not null;
create unique index ledger_entries_place on ledger_entries (tenant_id, place);
alter table balances force row level security;
alter table ledger_entries force row level security;
`;

const GRANTS = `
grant select (tenant_id, id) on audit_entries to relais_system;
create policy of_the_system on audit_entries for select to relais_system using (true);
`;

const KEY_BY_HASH: readonly [signature: string, body: string] = [
  'api_key_by_hash(p_hash bytea)',
  `returns table (tenant_id uuid, id uuid) language sql stable
     as $$ select k.tenant_id, k.id from public.api_keys k where k.hash = p_hash $$`,
];

const FUNCTIONS: readonly (readonly [signature: string, body: string])[] = [
  [
    // A caller shows a key: whose is it, and what may it do? Of a key that is over nothing is told, as of none.
    'api_key_in_force(p_hash bytea, p_now timestamptz)',
    `returns table (tenant_id uuid, id uuid, scopes text[], default_category text, allowed_ips text[], until timestamptz) language sql stable
     as $$
       select k.tenant_id, k.id, k.scopes, k.default_category, k.allowed_ips, least(k.expires_at, k.retires_at)
         from public.api_keys k
        where k.hash = p_hash and k.revoked_at is null
          and (k.expires_at is null or k.expires_at > p_now) and (k.retires_at is null or k.retires_at > p_now)
     $$`,
  ],
  [
    // A browser shows a token that Relais signed: is the key that issued it still in force?
    'token_issuer_in_force(p_tenant_id uuid, p_id uuid, p_now timestamptz)',
    `returns table (tenant_id uuid, id uuid, until timestamptz) language sql stable
     as $$
       select k.tenant_id, k.id, least(k.expires_at, k.retires_at) from public.api_keys k
        where k.tenant_id = p_tenant_id and k.id = p_id and k.revoked_at is null
          and (k.expires_at is null or k.expires_at > p_now) and (k.retires_at is null or k.retires_at > p_now)
     $$`,
  ],
  [
    // An administrator reads the audit trail over all tenants: ids, newest first.
    'audit_entries_before(p_before uuid, p_limit integer)',
    `returns table (tenant_id uuid, id uuid) language sql stable
     as $$ select a.tenant_id, a.id from public.audit_entries a where p_before is null or a.id < p_before order by a.id desc limit p_limit $$`,
  ],
];

const asSystem = ([signature, body]: readonly [string, string]): string => `
create function ${signature} ${body} security definer set search_path = '';
alter function ${signature} owner to relais_system;
revoke all on function ${signature} from public;
grant execute on function ${signature} to relais_app;`;

/** A function's owner must be able to create in its schema, for as long as it is given the function. */
async function give(runner: QueryRunner, functions: readonly (readonly [string, string])[]): Promise<void> {
  await runner.query('grant create on schema public to relais_system');
  for (const definition of functions) await runner.query(asSystem(definition));
  await runner.query('revoke create on schema public from relais_system');
}

export class KeysAndAudit1767830400000 implements MigrationInterface {
  name = 'KeysAndAudit1767830400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
    await runner.query(NUMBERED);
    await runner.query(GRANTS);
    await runner.query(`drop function ${KEY_BY_HASH[0]}`);
    await give(runner, FUNCTIONS);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [signature] of FUNCTIONS) await runner.query(`drop function ${signature}`);
    await give(runner, [KEY_BY_HASH]);
    await runner.query('drop policy of_the_system on audit_entries');
    await runner.query('revoke select (tenant_id, id) on audit_entries from relais_system');
    await runner.query('drop index ledger_entries_place');
    await runner.query('alter table ledger_entries drop column place');
    await runner.query('alter table balances drop column entries');
    await runner.query('drop index audit_entries_newest');
    await runner.query('alter table api_keys drop column retires_at');
  }
}
