import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Webhooks: where a tenant is told of events, its secrets sealed. A call knows the event it tells of, and its lane: what has the
 * same receiver, so that a dead one keeps none of the tenant's others waiting.
 */
const CHANGES = `
create table webhooks (
  tenant_id uuid not null,
  id uuid not null,
  url text not null,
  events text[] not null,
  sealed_secret bytea not null,
  previous_sealed_secret bytea,
  previous_until timestamptz,
  switched_off_at timestamptz,
  switched_off_because text,
  created_at timestamptz not null,
  constraint webhooks_pk primary key (tenant_id, id)
);

alter table webhook_deliveries add column event_id uuid, add column lane text not null default '';
update webhook_deliveries set lane = webhook_id::text where webhook_id is not null;
drop index webhook_deliveries_due;
create index webhook_deliveries_due on webhook_deliveries (tenant_id, lane, due_at) where due_at is not null;
create index webhook_deliveries_in_hand on webhook_deliveries (tenant_id, lane) where lease is not null;
create index webhook_deliveries_of_webhook on webhook_deliveries (tenant_id, webhook_id, id) where webhook_id is not null;
`;

/** As in the first migration, which must never change. */
const ADMITTED = `(select string_to_array(nullif(current_setting('app.tenant_ids', true), ''), ',')::uuid[])::uuid[]`;

const GRANTS = `
alter table webhooks enable row level security;
alter table webhooks force row level security;
create policy tenants_of_the_transaction on webhooks
  using (tenant_id = any(${ADMITTED})) with check (tenant_id = any(${ADMITTED}));
grant select, insert, update, delete on webhooks to relais_app;
`;

const BY_TENANT =
  'claim_webhook_deliveries(p_now timestamptz, p_lease_until timestamptz, p_lease uuid, p_limit integer, p_each integer)';
const BY_LANE =
  'claim_webhook_deliveries(p_now timestamptz, p_lease_until timestamptz, p_lease uuid, p_limit integer, p_each integer, p_each_lane integer)';

// A worker takes due calls to tenants' addresses under a lease: tenants in turn, and of each no more under way at once, over
// all processes, than p_each, of which p_each_lane to one receiver. A receiver with fewer under way goes first, so that what a
// dead one gives free is not its own again while another waits.
const CLAIM_BY_LANE = `returns table (tenant_id uuid, id uuid) language sql volatile
     as $$
       with recursive walk (tenant_id, lane) as (
         (select w.tenant_id, w.lane from public.webhook_deliveries w where w.due_at is not null
           order by w.tenant_id, w.lane limit 1)
         union all
         select next.tenant_id, next.lane from walk cross join lateral (
           select w.tenant_id, w.lane from public.webhook_deliveries w
            where w.due_at is not null and (w.tenant_id, w.lane) > (walk.tenant_id, walk.lane)
            order by w.tenant_id, w.lane limit 1) next),
       lanes as materialized (
         select walk.tenant_id, walk.lane,
                (select count(*) from public.webhook_deliveries busy
                  where busy.tenant_id = walk.tenant_id and busy.lane = walk.lane and busy.lease is not null
                    and busy.due_at > p_now) as busy
           from walk),
       places as (
         select due.tenant_id, due.id, row_number() over (partition by due.tenant_id order by due.place, random()) as turn
           from lanes cross join lateral (
             select w.tenant_id, w.id, lanes.busy + row_number() over (order by w.due_at) as place
               from public.webhook_deliveries w
              where w.tenant_id = lanes.tenant_id and w.lane = lanes.lane and w.due_at <= p_now
              order by w.due_at
              limit greatest(0, p_each_lane - lanes.busy)) due),
       chosen as (
         select places.tenant_id, places.id, busy.count + places.turn as place
           from places join (select l.tenant_id, sum(l.busy) as count from lanes l group by l.tenant_id) busy
             on busy.tenant_id = places.tenant_id
          where busy.count + places.turn <= p_each
          order by place, random()
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
     $$`;

/** As in the second migration. */
const CLAIM_BY_TENANT = `returns table (tenant_id uuid, id uuid) language sql volatile
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
     $$`;

async function createAsSystem(runner: QueryRunner, signature: string, body: string): Promise<void> {
  // A function's owner must be able to create in its schema, for as long as it is given the function.
  await runner.query('grant create on schema public to relais_system');
  await runner.query(`
create function ${signature} ${body} security definer set search_path = '';
alter function ${signature} owner to relais_system;
revoke all on function ${signature} from public;
grant execute on function ${signature} to relais_app;`);
  await runner.query('revoke create on schema public from relais_system');
}

export class Webhooks1767571200000 implements MigrationInterface {
  name = 'Webhooks1767571200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
    await runner.query(GRANTS);
    await runner.query(`drop function ${BY_TENANT}`);
    await createAsSystem(runner, BY_LANE, CLAIM_BY_LANE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop function ${BY_LANE}`);
    await createAsSystem(runner, BY_TENANT, CLAIM_BY_TENANT);
    await runner.query('drop index webhook_deliveries_due, webhook_deliveries_in_hand, webhook_deliveries_of_webhook');
    await runner.query(
      'create index webhook_deliveries_due on webhook_deliveries (tenant_id, due_at) where due_at is not null',
    );
    await runner.query('alter table webhook_deliveries drop column event_id, drop column lane');
    await runner.query('drop table webhooks');
  }
}
