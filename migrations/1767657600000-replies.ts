import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Replies as they come, stored before they are understood (as receipts are), with what of them is a part of a longer one;
 * and what a long number tells beside the text. What nobody could read so far moves to where it is kept from now on.
 */
const CHANGES = `
create table reply_posts (
  tenant_id uuid not null,
  id uuid not null,
  attempt_id uuid not null,
  raw text,
  digest bytea not null,
  state text not null,
  concat_key text,
  concat_part integer,
  reply_id uuid,
  reason text,
  received_at timestamptz not null,
  due_at timestamptz,
  lease uuid,
  constraint reply_posts_pk primary key (tenant_id, id),
  constraint reply_posts_state check (state in ('NEW', 'PART', 'READ', 'REPEATED', 'UNREADABLE'))
);
create index reply_posts_due on reply_posts (due_at) where due_at is not null;
create index reply_posts_unread on reply_posts (tenant_id, received_at) where state = 'NEW';
create index reply_posts_of_attempt on reply_posts (tenant_id, attempt_id, digest);
create index reply_posts_parts on reply_posts (tenant_id, attempt_id, concat_key) where concat_key is not null;

alter table replies
  add column long_number text,
  add column keyword text,
  add column provider_message_id text,
  add column provider_timestamp text;
create index replies_of_message on replies (tenant_id, message_id) where message_id is not null;
`;

/** Row-level security is forced: without a word, the owner himself would see none of them. */
const MOVED_AS_OWNER = (statement: string): string => `
alter table attempts no force row level security;
alter table replies no force row level security;
alter table reply_posts no force row level security;
${statement}
alter table attempts force row level security;
alter table replies force row level security;
alter table reply_posts force row level security;
`;

const UNREADABLE_OUT_OF_REPLIES = `
insert into reply_posts (tenant_id, id, attempt_id, raw, digest, state, reason, received_at)
  select distinct on (r.tenant_id, r.id) r.tenant_id, r.id, a.id, r.raw, sha256(convert_to(coalesce(r.raw, ''), 'UTF8')), 'UNREADABLE',
         'it could not be read', r.received_at
    from replies r join attempts a on a.tenant_id = r.tenant_id and a.message_id = r.message_id
   where r.kind = 'unreadable';
delete from replies where kind = 'unreadable';
`;

const UNREADABLE_INTO_REPLIES = `
insert into replies (tenant_id, id, message_id, kind, raw, received_at)
  select p.tenant_id, p.id, a.message_id, 'unreadable', p.raw, p.received_at
    from reply_posts p left join attempts a on a.tenant_id = p.tenant_id and a.id = p.attempt_id
   where p.state <> 'READ' and p.state <> 'REPEATED';
`;

/** As in the first migration, which must never change. */
const ADMITTED = `(select string_to_array(nullif(current_setting('app.tenant_ids', true), ''), ',')::uuid[])::uuid[]`;

const GRANTS = `
alter table reply_posts enable row level security;
alter table reply_posts force row level security;
create policy tenants_of_the_transaction on reply_posts
  using (tenant_id = any(${ADMITTED})) with check (tenant_id = any(${ADMITTED}));
grant select, insert, update, delete on reply_posts to relais_app;

grant select (tenant_id, id, attempt_id, due_at), update (due_at, lease) on reply_posts to relais_system;
create policy of_the_system on reply_posts to relais_system using (true);
`;

const FUNCTIONS: readonly (readonly [signature: string, body: string])[] = [
  [
    // As claim_receipts: a worker takes stored replies that are to be read, under a lease, an attempt's together.
    'claim_reply_posts(p_now timestamptz, p_lease_until timestamptz, p_lease uuid, p_attempts integer)',
    `returns table (tenant_id uuid, attempt_id uuid, id uuid) language sql volatile
     as $$
       with called as (
         select distinct soonest.tenant_id, soonest.attempt_id
           from (select p.tenant_id, p.attempt_id from public.reply_posts p
                  where p.due_at <= p_now order by p.due_at limit 500) soonest
          limit p_attempts),
       due as (
         select p.tenant_id, p.id
           from called join public.reply_posts p on p.tenant_id = called.tenant_id and p.attempt_id = called.attempt_id
          where p.due_at <= p_now
          limit 1000 for update of p skip locked)
       update public.reply_posts p set lease = p_lease, due_at = p_lease_until
         from due where p.tenant_id = due.tenant_id and p.id = due.id
       returning p.tenant_id, p.attempt_id, p.id
     $$`,
  ],
];

const asSystem = ([signature, body]: readonly [string, string]): string => `
create function ${signature} ${body} security definer set search_path = '';
alter function ${signature} owner to relais_system;
revoke all on function ${signature} from public;
grant execute on function ${signature} to relais_app;`;

export class Replies1767657600000 implements MigrationInterface {
  name = 'Replies1767657600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
    await runner.query(GRANTS);
    await runner.query(MOVED_AS_OWNER(UNREADABLE_OUT_OF_REPLIES));
    await runner.query(`
      alter table replies drop column raw, drop constraint replies_kind,
        add constraint replies_kind check (kind in ('response', 'stop'))`);
    // A function's owner must be able to create in its schema, for as long as it is given the function.
    await runner.query('grant create on schema public to relais_system');
    for (const definition of FUNCTIONS) await runner.query(asSystem(definition));
    await runner.query('revoke create on schema public from relais_system');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [signature] of FUNCTIONS) await runner.query(`drop function ${signature}`);
    await runner.query(`
      alter table replies add column raw text, drop constraint replies_kind,
        add constraint replies_kind check (kind in ('response', 'stop', 'unreadable'))`);
    await runner.query(MOVED_AS_OWNER(UNREADABLE_INTO_REPLIES));
    await runner.query('drop table reply_posts');
    await runner.query('drop index replies_of_message');
    await runner.query(`
      alter table replies drop column long_number, drop column keyword, drop column provider_message_id, drop column provider_timestamp`);
  }
}
