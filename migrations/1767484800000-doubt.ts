import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What settles doubt and keeps accounts, limits and silence in hand: lookups of an attempt by its tag, blocked accounts, the
 * shared rate limit. Receipts that do not come are looked for by the submission's own due time, in state DONE.
 */
const CHANGES = `
alter table attempts
  add column credential_key text,
  add column looked_at timestamptz,
  add column lookups integer not null default 0,
  add column absent_since timestamptz;
alter table attempts drop constraint attempts_outcome;
alter table attempts add constraint attempts_outcome check (outcome in
  ('accepted', 'refused', 'not-sent', 'blocked', 'outside-hours', 'unknown', 'abandoned', 'absent'));

update submissions set due_at = now() where state = 'DONE' and sent > 0;
update submissions set due_at = now() where state = 'UNCONFIRMED';
alter table submissions add column sandbox boolean not null default false;
update submissions s set sandbox = true from messages m where m.tenant_id = s.tenant_id and m.id = s.message_id and m.sandbox;
create index submissions_sandbox_due on submissions (due_at) where sandbox and due_at is not null;
create index submissions_queued_expiry on submissions (expires_at) where state = 'QUEUED';

create index messages_unconfirmed on messages (id) where status = 'UNCONFIRMED';

alter table idempotency_records add column answer jsonb;

create table provider_blocks (
  tenant_id uuid not null,
  provider text not null,
  code text not null,
  reason text not null,
  since timestamptz not null,
  probe_at timestamptz not null,
  constraint provider_blocks_pk primary key (tenant_id, provider)
);

create table rate_limits (
  name text not null,
  next_at timestamptz not null,
  constraint rate_limits_pk primary key (name)
);
`;

/** As in the first migration, which must never change. */
const ADMITTED = `(select string_to_array(nullif(current_setting('app.tenant_ids', true), ''), ',')::uuid[])::uuid[]`;

const GRANTS = `
alter table provider_blocks enable row level security;
alter table provider_blocks force row level security;
create policy tenants_of_the_transaction on provider_blocks
  using (tenant_id = any(${ADMITTED})) with check (tenant_id = any(${ADMITTED}));
grant select, insert, update, delete on provider_blocks, rate_limits to relais_app;

grant select (tenant_id, provider, probe_at) on provider_blocks to relais_system;
create policy of_the_system on provider_blocks for select to relais_system using (true);
grant select (status) on messages to relais_system;
grant select (tenant_id, provider) on provider_credentials to relais_system;
create policy of_the_system on provider_credentials for select to relais_system using (true);
`;

const PLATFORM = `'00000000-0000-0000-0000-000000000000'::uuid`;

/** The walk of claim_submissions (first migration), for a state and under conditions of its own. */
const claimInTurn = (state: string, conditions: string): string => `
     returns table (tenant_id uuid, message_id uuid, id uuid) language sql volatile
     as $$
       with recursive walk (tenant_id, turn, wrapped) as (
         select p_after, 0, false
         union all
         select next.tenant_id, walk.turn + 1, next.wrapped
           from walk cross join lateral (
             (select following.tenant_id, walk.wrapped
                from (select s.state, s.category, s.tenant_id from public.submissions s
                       where (s.state, s.category, s.tenant_id) > (${state}, p_category, walk.tenant_id) and s.due_at is not null
                       order by s.state, s.category, s.tenant_id limit 1) following
               where following.state = ${state} and following.category = p_category)
             union all
             (select ${PLATFORM}, true where not walk.wrapped)
             limit 1) next (tenant_id, wrapped)
          where not next.wrapped or next.tenant_id <= p_after),
       turns as (
         select walk.tenant_id, walk.turn from walk
          where walk.turn > 0
            and (select s.due_at from public.submissions s
                  where s.state = ${state} and s.category = p_category and s.tenant_id = walk.tenant_id and s.due_at is not null
                  order by s.due_at limit 1) <= p_now
            ${conditions}
          limit 50),
       chosen as (
         select due.tenant_id, due.id, due.place, turns.turn
           from turns cross join lateral (
             select s.tenant_id, s.id, row_number() over (order by s.due_at) as place
               from public.submissions s
              where s.state = ${state} and s.category = p_category and s.tenant_id = turns.tenant_id and s.due_at <= p_now
              order by s.due_at limit p_limit * 4) due
          order by due.place, turns.turn
          limit p_limit * 4),
       locked as (
         select s.tenant_id, s.id
           from chosen join public.submissions s on s.tenant_id = chosen.tenant_id and s.id = chosen.id
          where s.state = ${state} and s.due_at <= p_now
          order by chosen.place, chosen.turn
          limit p_limit for update of s skip locked),
       taken as (
         update public.submissions s set lease = p_lease, due_at = p_lease_until
           from locked where s.tenant_id = locked.tenant_id and s.id = locked.id
         returning s.tenant_id, s.message_id, s.id)
       select taken.tenant_id, taken.message_id, taken.id
         from taken join chosen on chosen.tenant_id = taken.tenant_id and chosen.id = taken.id
        order by chosen.place, chosen.turn
     $$`;

const FUNCTIONS: readonly (readonly [signature: string, body: string])[] = [
  [
    // As claim_submissions, for what is queued: tenants whose account with the provider is blocked are passed over until it is
    // probed again, so that a million rows that cannot leave cost nothing; the account is the tenant's own or the platform's.
    'claim_queued_submissions(p_provider text, p_category text, p_after uuid, p_now timestamptz, p_lease_until timestamptz, p_lease uuid, p_limit integer)',
    claimInTurn(
      `'QUEUED'`,
      `and (select t.status from public.tenants t where t.id = walk.tenant_id) = 'ACTIVE'
            and not exists (
              select 1 from public.provider_blocks b
               where b.provider = p_provider and b.probe_at > p_now
                 and b.tenant_id = case when exists (select 1 from public.provider_credentials c
                   where c.tenant_id = walk.tenant_id and c.provider = p_provider) then walk.tenant_id else ${PLATFORM} end)`,
    ),
  ],
  [
    // What has left or may have left is followed whatever became of its tenant: doubt, and receipts that do not come.
    'claim_left_submissions(p_state text, p_category text, p_after uuid, p_now timestamptz, p_lease_until timestamptz, p_lease uuid, p_limit integer)',
    claimInTurn('p_state', ''),
  ],
  [
    // What waits for no account: queued sandbox submissions, which reach nobody, and those whose validity is over, which are
    // paid back whoever's account is blocked.
    'claim_submissions_without_account(p_now timestamptz, p_lease_until timestamptz, p_lease uuid, p_limit integer)',
    `returns table (tenant_id uuid, message_id uuid, id uuid) language sql volatile
     as $$
       with found as (
         (select s.tenant_id, s.id from public.submissions s
           where s.sandbox and s.due_at <= p_now and s.state = 'QUEUED' order by s.due_at limit p_limit)
         union
         (select s.tenant_id, s.id from public.submissions s
           where s.state = 'QUEUED' and s.expires_at <= p_now and (s.lease is null or s.due_at <= p_now)
           order by s.expires_at limit p_limit)),
       locked as (
         select s.tenant_id, s.id
           from found join public.submissions s on s.tenant_id = found.tenant_id and s.id = found.id
          where s.state = 'QUEUED' and (s.lease is null or s.due_at <= p_now)
            and (select t.status from public.tenants t where t.id = s.tenant_id) = 'ACTIVE'
          limit p_limit for update of s skip locked)
       update public.submissions s set lease = p_lease, due_at = p_lease_until
         from locked where s.tenant_id = locked.tenant_id and s.id = locked.id
       returning s.tenant_id, s.message_id, s.id
     $$`,
  ],
  [
    // An administrator closes the doubt of a message that he names without its tenant.
    'unconfirmed_message_tenant(p_id uuid)',
    `returns table (tenant_id uuid) language sql stable
     as $$ select m.tenant_id from public.messages m where m.id = p_id and m.status = 'UNCONFIRMED' $$`,
  ],
];

const asSystem = ([signature, body]: readonly [string, string]): string => `
create function ${signature} ${body} security definer set search_path = '';
alter function ${signature} owner to relais_system;
revoke all on function ${signature} from public;
grant execute on function ${signature} to relais_app;`;

export class Doubt1767484800000 implements MigrationInterface {
  name = 'Doubt1767484800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
    await runner.query(GRANTS);
    // A function's owner must be able to create in its schema, for as long as it is given the function.
    await runner.query('grant create on schema public to relais_system');
    for (const definition of FUNCTIONS) await runner.query(asSystem(definition));
    await runner.query('revoke create on schema public from relais_system');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [signature] of FUNCTIONS) await runner.query(`drop function ${signature}`);
    await runner.query('drop policy of_the_system on provider_credentials');
    await runner.query('revoke select (tenant_id, provider) on provider_credentials from relais_system');
    await runner.query('revoke select (status) on messages from relais_system');
    await runner.query('drop table rate_limits, provider_blocks');
    await runner.query('alter table idempotency_records drop column answer');
    await runner.query('drop index messages_unconfirmed');
    await runner.query('drop index submissions_sandbox_due, submissions_queued_expiry');
    await runner.query('alter table submissions drop column sandbox');
    await runner.query(`update attempts set outcome = 'not-sent' where outcome = 'absent'`);
    await runner.query(`
      alter table attempts drop constraint attempts_outcome,
        drop column credential_key, drop column looked_at, drop column lookups, drop column absent_since`);
    await runner.query(`
      alter table attempts add constraint attempts_outcome check (outcome in
        ('accepted', 'refused', 'not-sent', 'blocked', 'outside-hours', 'unknown', 'abandoned'))`);
  }
}
