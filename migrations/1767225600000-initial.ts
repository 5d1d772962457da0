import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The first schema. Two roles besides the owner:
 * - relais_app: what the app works as; owns nothing, sees only the tenants named in its transaction (row-level security);
 * - relais_system: owns the few SECURITY DEFINER functions for what has no tenant yet, and nobody logs in as it.
 * Row-level security is forced: the owner itself sees no tenant's rows.
 */
const TENANT_TABLES = [
  'api_keys',
  'provider_credentials',
  'balances',
  'ledger_entries',
  'messages',
  'submissions',
  'deliveries',
  'attempts',
  'attempt_submissions',
  'receipts',
  'replies',
  'opt_outs',
  'idempotency_records',
  'timeline_events',
  'audit_entries',
];
const ALL_TABLES = ['tenants', ...TENANT_TABLES, 'prices'];

// Roles belong to the whole server: another database of Relais, or an administrator, may have made them already. Whoever
// makes a role on PostgreSQL 16 or later may grant it, and must, before he can act as it.
const ROLES = `
do $$
declare role_name text;
begin
  foreach role_name in array array['relais_app', 'relais_system'] loop
    begin
      if not exists (select from pg_roles where rolname = role_name) then
        begin
          execute format('create role %I nologin', role_name);
        exception when duplicate_object or unique_violation then null;
        end;
      end if;
      if not pg_has_role(current_user, role_name, 'usage') then
        execute format('grant %I to current_user', role_name);
      end if;
    exception when insufficient_privilege then
      raise exception 'the migration may not make or use the role %: as an administrator of the server, run "CREATE ROLE %" where it does not exist and then "GRANT % TO %"',
        role_name, role_name, role_name, current_user using errcode = 'insufficient_privilege';
    end;
  end loop;
end $$`;

const TABLES = `
create table tenants (
  id uuid primary key,
  name text not null,
  status text not null,
  suspended_reason text,
  suspended_at timestamptz,
  default_category text not null,
  transactional_allowed boolean not null,
  unicode_allowed boolean not null,
  quiet_hours_enforced boolean not null,
  default_sender text,
  allowed_senders text[],
  resend_when_absent boolean not null,
  currency text not null,
  created_at timestamptz not null,
  constraint tenants_status check (status in ('ACTIVE', 'SUSPENDED')),
  constraint tenants_default_category check (default_category in ('COMMERCIAL', 'TRANSACTIONAL'))
);

create table api_keys (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  prefix text not null,
  hash bytea not null,
  scopes text[] not null,
  default_category text,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  constraint api_keys_pk primary key (tenant_id, id)
);
create unique index api_keys_hash on api_keys (hash);

create table provider_credentials (
  tenant_id uuid not null,
  provider text not null,
  sealed bytea not null,
  master_key_id text not null,
  created_at timestamptz not null,
  constraint provider_credentials_pk primary key (tenant_id, provider)
);

create table audit_entries (
  tenant_id uuid not null,
  id uuid not null,
  actor_key_id uuid,
  action text not null,
  detail jsonb not null,
  at timestamptz not null,
  constraint audit_entries_pk primary key (tenant_id, id)
);

create table balances (
  tenant_id uuid not null,
  amount numeric(14,4) not null,
  constraint balances_pk primary key (tenant_id),
  constraint balances_never_negative check (amount >= 0)
);

create table ledger_entries (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  amount numeric(14,4) not null,
  balance_after numeric(14,4) not null,
  message_id uuid,
  reason text,
  idempotency_key text,
  created_at timestamptz not null,
  constraint ledger_entries_pk primary key (tenant_id, id),
  constraint ledger_entries_kind check (kind in ('CREDIT', 'RESERVATION', 'REFUND'))
);
create unique index ledger_entries_idempotency on ledger_entries (tenant_id, idempotency_key) where idempotency_key is not null;

create table prices (
  route text not null,
  prefix text not null,
  currency text not null,
  valid_from timestamptz not null,
  amount numeric(14,4) not null,
  constraint prices_pk primary key (route, prefix, currency, valid_from),
  constraint prices_amount check (amount >= 0)
);

create sequence message_numbers as bigint minvalue 1000 maxvalue 536870911;

create table messages (
  tenant_id uuid not null,
  id uuid not null,
  number bigint not null,
  status text not null,
  category text not null,
  route text not null,
  sender text,
  text text,
  bare_text text,
  sent_text text,
  append_stop boolean not null,
  unicode boolean not null,
  encoding text not null,
  parts integer not null,
  tag text,
  sandbox boolean not null,
  recipient_count integer not null,
  cost numeric(14,4) not null,
  currency text not null,
  scheduled_for timestamptz,
  validity_seconds integer not null,
  receipt_url text,
  reply_url text,
  created_at timestamptz not null,
  constraint messages_pk primary key (tenant_id, id)
);
create unique index messages_number on messages (tenant_id, number);
create index messages_tag on messages (tenant_id, tag, id) where tag is not null;
create index messages_unsettled on messages (tenant_id, status, id) where status not in ('COMPLETED', 'CANCELLED', 'FAILED');

create table submissions (
  tenant_id uuid not null,
  id uuid not null,
  message_id uuid not null,
  territory text not null,
  category text not null,
  state text not null,
  release_at timestamptz,
  expires_at timestamptz not null,
  due_at timestamptz,
  lease uuid,
  attempts integer not null,
  wait_kind text,
  wait_since timestamptz not null,
  wait_detail text,
  hold jsonb,
  attempt_id uuid,
  waiting integer not null default 0,
  sent integer not null default 0,
  delivered integer not null default 0,
  undelivered integer not null default 0,
  expired integer not null default 0,
  refused integer not null default 0,
  opted_out integer not null default 0,
  cancelled integer not null default 0,
  unconfirmed integer not null default 0,
  constraint submissions_pk primary key (tenant_id, id),
  constraint submissions_message foreign key (tenant_id, message_id) references messages (tenant_id, id),
  constraint submissions_state check (state in ('SCHEDULED', 'HELD', 'QUEUED', 'SENDING', 'UNCONFIRMED', 'DONE'))
);
create index submissions_of_message on submissions (tenant_id, message_id);
create index submissions_due on submissions (state, category, tenant_id, due_at) where due_at is not null;

create table deliveries (
  tenant_id uuid not null,
  id uuid not null,
  message_id uuid not null,
  submission_id uuid not null,
  phone_number text,
  territory text not null,
  status text not null,
  cost numeric(14,4) not null,
  charge text not null,
  error_code text,
  error_message text,
  updated_at timestamptz not null,
  constraint deliveries_pk primary key (tenant_id, id),
  constraint deliveries_charge check (charge in ('RESERVED', 'CHARGED', 'RETURNED', 'NONE')),
  constraint deliveries_status check (status in
    ('WAITING', 'SENT', 'DELIVERED', 'UNDELIVERED', 'EXPIRED', 'REFUSED', 'OPTED_OUT', 'CANCELLED', 'UNCONFIRMED'))
);
create index deliveries_of_message on deliveries (tenant_id, message_id, id);
create index deliveries_of_submission on deliveries (tenant_id, submission_id);
create index deliveries_phone_number on deliveries (tenant_id, phone_number, message_id);

create table attempts (
  tenant_id uuid not null,
  id uuid not null,
  message_id uuid not null,
  tag text not null,
  provider text not null,
  credential text not null,
  secret_hash bytea not null,
  outcome text,
  provider_message_id text,
  provider_parts integer,
  provider_cost numeric(14,4),
  provider_currency text,
  code text,
  reason text,
  started_at timestamptz not null,
  ended_at timestamptz,
  constraint attempts_pk primary key (tenant_id, id),
  constraint attempts_outcome check (outcome in
    ('accepted', 'refused', 'not-sent', 'blocked', 'outside-hours', 'unknown', 'abandoned'))
);
create unique index attempts_tag on attempts (tag);
create unique index attempts_secret on attempts (secret_hash);

create table attempt_submissions (
  tenant_id uuid not null,
  attempt_id uuid not null,
  submission_id uuid not null,
  constraint attempt_submissions_pk primary key (tenant_id, attempt_id, submission_id)
);

create table receipts (
  tenant_id uuid not null,
  id uuid not null,
  attempt_id uuid not null,
  raw text not null,
  state text not null,
  message_id uuid,
  delivery_id uuid,
  status text,
  reason text,
  received_at timestamptz not null,
  due_at timestamptz,
  lease uuid,
  constraint receipts_pk primary key (tenant_id, id),
  constraint receipts_state check (state in ('NEW', 'APPLIED', 'REDUNDANT', 'UNREADABLE', 'UNKNOWN'))
);
create index receipts_due on receipts (due_at) where due_at is not null;
create index receipts_due_of_attempt on receipts (tenant_id, attempt_id) where due_at is not null;
create index receipts_of_message on receipts (tenant_id, message_id) where message_id is not null;

create table replies (
  tenant_id uuid not null,
  id uuid not null,
  message_id uuid,
  kind text not null,
  phone_number text,
  text text,
  raw text,
  received_at timestamptz not null,
  constraint replies_pk primary key (tenant_id, id),
  constraint replies_kind check (kind in ('response', 'stop', 'unreadable'))
);

create table opt_outs (
  tenant_id uuid not null,
  phone_number text not null,
  id uuid not null,
  source text not null,
  created_at timestamptz not null,
  constraint opt_outs_pk primary key (tenant_id, phone_number)
);
create index opt_outs_newest on opt_outs (tenant_id, id);

create table idempotency_records (
  tenant_id uuid not null,
  key text not null,
  fingerprint bytea not null,
  message_id uuid not null,
  created_at timestamptz not null,
  constraint idempotency_records_pk primary key (tenant_id, key)
);

create table timeline_events (
  tenant_id uuid not null,
  message_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  kind text not null,
  detail text not null,
  constraint timeline_events_pk primary key (tenant_id, message_id, id)
);
`;

/** The tenants of this transaction. The inner select makes it one evaluation a statement: without it, three times slower. */
const ADMITTED = `(select string_to_array(nullif(current_setting('app.tenant_ids', true), ''), ',')::uuid[])::uuid[]`;

const secure = (table: string, column: string): string => `
alter table ${table} enable row level security;
alter table ${table} force row level security;
create policy tenants_of_the_transaction on ${table}
  using (${column} = any(${ADMITTED})) with check (${column} = any(${ADMITTED}));`;

const GRANTS = `
grant usage on schema public to relais_app, relais_system;
grant usage on sequence message_numbers to relais_app;
grant select, insert, update, delete on ${ALL_TABLES.filter(t => !['audit_entries', 'ledger_entries'].includes(t)).join(', ')} to relais_app;
grant select, insert on audit_entries, ledger_entries to relais_app;
grant select on migrations to relais_app;

grant select on tenants, api_keys, attempts to relais_system;
grant select, update on submissions, receipts to relais_system;
create policy of_the_system on tenants for select to relais_system using (true);
create policy of_the_system on api_keys for select to relais_system using (true);
create policy of_the_system on attempts for select to relais_system using (true);
create policy of_the_system on submissions to relais_system using (true);
create policy of_the_system on receipts to relais_system using (true);
`;

const FUNCTIONS: readonly (readonly [signature: string, body: string])[] = [
  [
    // A caller shows a key: whose is it?
    'api_key_by_hash(p_hash bytea)',
    `returns table (tenant_id uuid, id uuid) language sql stable
     as $$ select k.tenant_id, k.id from public.api_keys k where k.hash = p_hash $$`,
  ],
  [
    // An administrator names a key without its tenant.
    'api_key_tenant(p_id uuid)',
    `returns table (tenant_id uuid) language sql stable
     as $$ select k.tenant_id from public.api_keys k where k.id = p_id $$`,
  ],
  [
    // An administrator lists tenants: their ids, newest first.
    'tenant_ids_before(p_before uuid, p_limit integer)',
    `returns table (id uuid) language sql stable
     as $$ select t.id from public.tenants t where p_before is null or t.id < p_before order by t.id desc limit p_limit $$`,
  ],
  [
    // The provider calls back with an attempt's secret: whose is it?
    'attempt_by_secret(p_hash bytea)',
    `returns table (tenant_id uuid, id uuid, message_id uuid) language sql stable
     as $$ select a.tenant_id, a.id, a.message_id from public.attempts a where a.secret_hash = p_hash $$`,
  ],
  [
    // A worker takes due submissions of one state and category under a lease, tenants in turn: active ones with something
    // due, from the one after p_after on and round to it; the last row is whose turn it was last. Within a turn nothing but
    // the turn counts: by due time across tenants, an old backlog would go before every other tenant's new rows. Walks an
    // index from tenant to tenant, so that a million rows of one cost nothing; the row comparison and the orders are such
    // that only submissions_due serves them, whatever the statistics say.
    'claim_submissions(p_state text, p_category text, p_after uuid, p_now timestamptz, p_lease_until timestamptz, p_lease uuid, p_limit integer)',
    `returns table (tenant_id uuid, message_id uuid, id uuid) language sql volatile
     as $$
       with recursive walk (tenant_id, turn, wrapped) as (
         select p_after, 0, false
         union all
         select next.tenant_id, walk.turn + 1, next.wrapped
           from walk cross join lateral (
             (select following.tenant_id, walk.wrapped
                from (select s.state, s.category, s.tenant_id from public.submissions s
                       where (s.state, s.category, s.tenant_id) > (p_state, p_category, walk.tenant_id) and s.due_at is not null
                       order by s.state, s.category, s.tenant_id limit 1) following
               where following.state = p_state and following.category = p_category)
             union all
             (select '00000000-0000-0000-0000-000000000000'::uuid, true where not walk.wrapped)
             limit 1) next (tenant_id, wrapped)
          where not next.wrapped or next.tenant_id <= p_after),
       turns as (
         select walk.tenant_id, walk.turn from walk
          where walk.turn > 0
            and (select s.due_at from public.submissions s
                  where s.state = p_state and s.category = p_category and s.tenant_id = walk.tenant_id and s.due_at is not null
                  order by s.due_at limit 1) <= p_now
            and (p_state = 'SENDING' or (select t.status from public.tenants t where t.id = walk.tenant_id) = 'ACTIVE')
          limit 50),
       chosen as (
         select due.tenant_id, due.id, due.place, turns.turn
           from turns cross join lateral (
             select s.tenant_id, s.id, row_number() over (order by s.due_at) as place
               from public.submissions s
              where s.state = p_state and s.category = p_category and s.tenant_id = turns.tenant_id and s.due_at <= p_now
              order by s.due_at limit p_limit * 4) due
          order by due.place, turns.turn
          limit p_limit * 4),
       locked as (
         select s.tenant_id, s.id
           from chosen join public.submissions s on s.tenant_id = chosen.tenant_id and s.id = chosen.id
          where s.state = p_state and s.due_at <= p_now
          order by chosen.place, chosen.turn
          limit p_limit for update of s skip locked),
       taken as (
         update public.submissions s set lease = p_lease, due_at = p_lease_until
           from locked where s.tenant_id = locked.tenant_id and s.id = locked.id
         returning s.tenant_id, s.message_id, s.id)
       select taken.tenant_id, taken.message_id, taken.id
         from taken join chosen on chosen.tenant_id = taken.tenant_id and chosen.id = taken.id
        order by chosen.place, chosen.turn
     $$`,
  ],
  [
    // A worker takes stored receipts that are to be applied, under a lease: those of a few attempts, all together.
    'claim_receipts(p_now timestamptz, p_lease_until timestamptz, p_lease uuid, p_attempts integer)',
    `returns table (tenant_id uuid, attempt_id uuid, id uuid) language sql volatile
     as $$
       with called as (
         select distinct soonest.tenant_id, soonest.attempt_id
           from (select r.tenant_id, r.attempt_id from public.receipts r
                  where r.due_at <= p_now order by r.due_at limit 500) soonest
          limit p_attempts),
       due as (
         select r.tenant_id, r.id
           from called join public.receipts r on r.tenant_id = called.tenant_id and r.attempt_id = called.attempt_id
          where r.due_at <= p_now
          limit 1000 for update of r skip locked)
       update public.receipts r set lease = p_lease, due_at = p_lease_until
         from due where r.tenant_id = due.tenant_id and r.id = due.id
       returning r.tenant_id, r.attempt_id, r.id
     $$`,
  ],
];

const asSystem = ([signature, body]: readonly [string, string]): string => `
create function ${signature} ${body} security definer set search_path = '';
alter function ${signature} owner to relais_system;
revoke all on function ${signature} from public;
grant execute on function ${signature} to relais_app;`;

export class Initial1767225600000 implements MigrationInterface {
  name = 'Initial1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ROLES);
    await runner.query(TABLES);
    await runner.query(secure('tenants', 'id'));
    for (const table of TENANT_TABLES) await runner.query(secure(table, 'tenant_id'));
    await runner.query(GRANTS);
    // A function's owner must be able to create in its schema, for as long as it is given the function.
    await runner.query('grant create on schema public to relais_system');
    for (const definition of FUNCTIONS) await runner.query(asSystem(definition));
    await runner.query('revoke create on schema public from relais_system');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [signature] of FUNCTIONS) await runner.query(`drop function ${signature}`);
    for (const table of ALL_TABLES.toReversed()) await runner.query(`drop table ${table} cascade`);
    await runner.query('drop sequence message_numbers');
    await runner.query('revoke all on schema public from relais_app, relais_system');
    await runner.query('revoke all on table migrations from relais_app');
  }
}
