import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The drop-in API and the provider's other endpoints: batches, IP allow-lists, numbered opt-outs and their sync with the
 * provider, calls to the tenants' own addresses, the purge of sandbox messages.
 */
const TABLES = `
create table batches (
  tenant_id uuid not null,
  id uuid not null,
  number bigint not null,
  message_count integer not null,
  sandbox boolean not null,
  created_at timestamptz not null,
  constraint batches_pk primary key (tenant_id, id)
);
create unique index batches_number on batches (tenant_id, number);

alter table messages add column batch_id uuid, add column batch_number bigint;
create index messages_of_batch on messages (tenant_id, batch_id, id) where batch_id is not null;
create index messages_sandbox on messages (created_at) where sandbox;

alter table api_keys add column allowed_ips text[];

create sequence opt_out_numbers as bigint minvalue 100 maxvalue 536870911;
alter table opt_outs add column number bigint, add column provider_stop_id text;
update opt_outs set number = nextval('opt_out_numbers') * 4;
alter table opt_outs alter column number set not null;
create unique index opt_outs_number on opt_outs (tenant_id, number);

create table opt_out_removals (
  tenant_id uuid not null,
  phone_number text not null,
  provider_stop_id text not null,
  created_at timestamptz not null,
  constraint opt_out_removals_pk primary key (tenant_id, phone_number)
);

create table opt_out_syncs (
  tenant_id uuid not null,
  due_at timestamptz not null,
  constraint opt_out_syncs_pk primary key (tenant_id)
);

create table webhook_deliveries (
  tenant_id uuid not null,
  id uuid not null,
  webhook_id uuid,
  event_type text not null,
  url text not null,
  payload text not null,
  message_id uuid,
  state text not null,
  attempts integer not null,
  last_status_code integer,
  last_error text,
  due_at timestamptz,
  lease uuid,
  created_at timestamptz not null,
  ended_at timestamptz,
  constraint webhook_deliveries_pk primary key (tenant_id, id),
  constraint webhook_deliveries_state check (state in ('PENDING', 'DELIVERED', 'FAILED'))
);
create index webhook_deliveries_due on webhook_deliveries (tenant_id, due_at) where due_at is not null;
create index webhook_deliveries_of_message on webhook_deliveries (tenant_id, message_id) where message_id is not null;
`;

const TENANT_TABLES = ['batches', 'opt_out_removals', 'opt_out_syncs', 'webhook_deliveries'];

/** As in the first migration, which must never change. */
const ADMITTED = `(select string_to_array(nullif(current_setting('app.tenant_ids', true), ''), ',')::uuid[])::uuid[]`;

const secure = (table: string): string => `
alter table ${table} enable row level security;
alter table ${table} force row level security;
create policy tenants_of_the_transaction on ${table}
  using (tenant_id = any(${ADMITTED})) with check (tenant_id = any(${ADMITTED}));`;

const GRANTS = `
grant select, insert, update, delete on ${TENANT_TABLES.join(', ')} to relais_app;
grant usage on sequence opt_out_numbers to relais_app;

grant select, update on webhook_deliveries to relais_system;
create policy of_the_system on webhook_deliveries to relais_system using (true);
grant select (tenant_id, id, sandbox, created_at) on messages to relais_system;
create policy of_the_system on messages for select to relais_system using (true);
`;

const FUNCTIONS: readonly (readonly [signature: string, body: string])[] = [
  [
    // A worker takes due calls to tenants' addresses under a lease: tenants in turn, and of each no more under way at once,
    // over all processes, than p_each, so that a slow or dead address keeps nobody else waiting.
    'claim_webhook_deliveries(p_now timestamptz, p_lease_until timestamptz, p_lease uuid, p_limit integer, p_each integer)',
    `returns table (tenant_id uuid, id uuid) language sql volatile
     as $$
       with recursive walk (tenant_id) as (
         (select w.tenant_id from public.webhook_deliveries w where w.due_at is not null order by w.tenant_id limit 1)
         union all
         select next.tenant_id from walk cross join lateral (
           select w.tenant_id from public.webhook_deliveries w
            where w.due_at is not null and w.tenant_id > walk.tenant_id order by w.tenant_id limit 1) next),
       chosen as (
         select due.tenant_id, due.id, due.place
           from walk cross join lateral (
             select w.tenant_id, w.id, row_number() over (order by w.due_at) as place
               from public.webhook_deliveries w
              where w.tenant_id = walk.tenant_id and w.due_at <= p_now
              order by w.due_at
              limit greatest(0, p_each - (select count(*) from public.webhook_deliveries busy
                where busy.tenant_id = walk.tenant_id and busy.due_at > p_now and busy.lease is not null))) due
          order by due.place, random()
          limit p_limit * 2),
       locked as (
         select w.tenant_id, w.id
           from chosen join public.webhook_deliveries w on w.tenant_id = chosen.tenant_id and w.id = chosen.id
          where w.due_at <= p_now
          order by chosen.place
          limit p_limit for update of w skip locked)
       update public.webhook_deliveries w set lease = p_lease, due_at = p_lease_until
         from locked where w.tenant_id = locked.tenant_id and w.id = locked.id
       returning w.tenant_id, w.id
     $$`,
  ],
  [
    // The daily purge: whose sandbox messages are old?
    'sandbox_messages_before(p_before timestamptz, p_limit integer)',
    `returns table (tenant_id uuid, id uuid) language sql stable
     as $$ select m.tenant_id, m.id from public.messages m where m.sandbox and m.created_at < p_before order by m.created_at limit p_limit $$`,
  ],
];

const asSystem = ([signature, body]: readonly [string, string]): string => `
create function ${signature} ${body} security definer set search_path = '';
alter function ${signature} owner to relais_system;
revoke all on function ${signature} from public;
grant execute on function ${signature} to relais_app;`;

export class DropIn1767312000000 implements MigrationInterface {
  name = 'DropIn1767312000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of TENANT_TABLES) await runner.query(secure(table));
    await runner.query(GRANTS);
    // A function's owner must be able to create in its schema, for as long as it is given the function.
    await runner.query('grant create on schema public to relais_system');
    for (const definition of FUNCTIONS) await runner.query(asSystem(definition));
    await runner.query('revoke create on schema public from relais_system');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [signature] of FUNCTIONS) await runner.query(`drop function ${signature}`);
    await runner.query('drop policy of_the_system on messages');
    await runner.query('revoke select (tenant_id, id, sandbox, created_at) on messages from relais_system');
    for (const table of TENANT_TABLES) await runner.query(`drop table ${table}`);
    await runner.query('drop index opt_outs_number');
    await runner.query('alter table opt_outs drop column number, drop column provider_stop_id');
    await runner.query('drop sequence opt_out_numbers');
    await runner.query('alter table api_keys drop column allowed_ips');
    await runner.query('drop index messages_of_batch, messages_sandbox');
    await runner.query('alter table messages drop column batch_id, drop column batch_number');
  }
}
