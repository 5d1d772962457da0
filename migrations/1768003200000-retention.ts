import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a time limit needs: how long each tenant's texts and numbers are kept (null: as long as the platform says), when a
 * message ended, what is erased already, and indexes of what is not. `ended_at` is null where an older version of Relais
 * ended the message, before this or while both run: then its acceptance counts.
 */
const CHANGES = `
alter table tenants add column retention_days integer;
alter table tenants add constraint tenants_retention_days check (retention_days between 7 and 3650);

alter table messages add column ended_at timestamptz, add column erased_at timestamptz;
create index messages_to_erase on messages (tenant_id, coalesce(ended_at, created_at))
  where erased_at is null and status in ('COMPLETED', 'CANCELLED', 'FAILED');

alter table receipts alter column raw drop not null;
create index receipts_to_trim on receipts (tenant_id, received_at) where raw is not null and due_at is null;

alter table replies add column erased_at timestamptz;
create index replies_to_erase on replies (tenant_id, received_at) where erased_at is null;

create index reply_posts_to_trim on reply_posts (tenant_id, received_at) where due_at is null;

create index webhook_deliveries_ended on webhook_deliveries (tenant_id, ended_at) where ended_at is not null;
create index idempotency_records_age on idempotency_records (tenant_id, created_at);
`;

const GRANTS = `
grant select (ended_at, erased_at) on messages to relais_system;
grant select (tenant_id, received_at, erased_at) on replies to relais_system;
create policy of_the_system on replies for select to relais_system using (true);
grant select (received_at) on reply_posts to relais_system;
grant select (tenant_id, created_at) on idempotency_records to relais_system;
create policy of_the_system on idempotency_records for select to relais_system using (true);
`;

/** Days of 24 hours: an interval of days would depend on the session's time zone. */
const daysAgo = (days: string): string => `p_now - make_interval(hours => 24 * ${days})`;
const KEPT = 'coalesce(t.retention_days, p_retention_days)';

const FUNCTIONS: readonly (readonly [signature: string, body: string])[] = [
  [
    // The erasure of what is old: whose is it? The oldest of each tenant's, in the order of the index that has it: asked whether any
    // is old enough, PostgreSQL reads a whole table with statistics where none is.
    'tenants_with_old_rows(p_now timestamptz, p_retention_days integer, p_receipt_days integer, p_webhook_days integer, p_idempotency_days integer, p_after uuid, p_limit integer)',
    `returns table (tenant_id uuid) language sql stable
     as $$
       select t.id from public.tenants t
        where t.id > p_after
          and ((select coalesce(m.ended_at, m.created_at) from public.messages m
                 where m.tenant_id = t.id and m.erased_at is null and m.status in ('COMPLETED', 'CANCELLED', 'FAILED')
                 order by coalesce(m.ended_at, m.created_at) limit 1) < ${daysAgo(KEPT)}
            or (select r.received_at from public.receipts r
                 where r.tenant_id = t.id and r.raw is not null and r.due_at is null
                 order by r.received_at limit 1) < ${daysAgo(`least(p_receipt_days, ${KEPT})`)}
            or (select r.received_at from public.replies r
                 where r.tenant_id = t.id and r.erased_at is null
                 order by r.received_at limit 1) < ${daysAgo(KEPT)}
            or (select p.received_at from public.reply_posts p
                 where p.tenant_id = t.id and p.due_at is null
                 order by p.received_at limit 1) < ${daysAgo(`least(p_receipt_days, ${KEPT})`)}
            or (select w.ended_at from public.webhook_deliveries w
                 where w.tenant_id = t.id and w.ended_at is not null
                 order by w.ended_at limit 1) < ${daysAgo(`least(p_webhook_days, ${KEPT})`)}
            or (select i.created_at from public.idempotency_records i
                 where i.tenant_id = t.id
                 order by i.created_at limit 1) < ${daysAgo(`least(p_idempotency_days, ${KEPT})`)})
        order by t.id limit p_limit
     $$`,
  ],
];

const asSystem = ([signature, body]: readonly [string, string]): string => `
create function ${signature} ${body} security definer set search_path = '';
alter function ${signature} owner to relais_system;
revoke all on function ${signature} from public;
grant execute on function ${signature} to relais_app;`;

export class Retention1768003200000 implements MigrationInterface {
  name = 'Retention1768003200000';

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
    await runner.query('drop policy of_the_system on idempotency_records');
    await runner.query('drop policy of_the_system on replies');
    await runner.query('revoke select (tenant_id, created_at) on idempotency_records from relais_system');
    await runner.query('revoke select (received_at) on reply_posts from relais_system');
    await runner.query('revoke select (tenant_id, received_at, erased_at) on replies from relais_system');
    await runner.query('revoke select (ended_at, erased_at) on messages from relais_system');
    await runner.query(
      'drop index idempotency_records_age, webhook_deliveries_ended, reply_posts_to_trim, receipts_to_trim',
    );
    await runner.query('alter table replies drop column erased_at');
    await runner.query(`update receipts set raw = '' where raw is null`);
    await runner.query('alter table receipts alter column raw set not null');
    await runner.query('alter table messages drop column ended_at, drop column erased_at');
    await runner.query('alter table tenants drop column retention_days');
  }
}
