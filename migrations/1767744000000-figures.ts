import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is queued by a tenant whose account with the provider is blocked waits for its probe: see claim_queued_submissions. */
const BLOCKED = `exists (
  select 1 from public.provider_blocks b
   where b.provider = p_provider and b.probe_at > p_now
     and b.tenant_id = case when exists (select 1 from public.provider_credentials c
       where c.tenant_id = walk.tenant_id and c.provider = p_provider) then walk.tenant_id
       else '00000000-0000-0000-0000-000000000000'::uuid end)`;

/**
 * The oldest submission in one of the states that a worker could take now, whatever its tenant: walks from tenant to tenant
 * as claim_submissions does, one step of the index each, so that a million rows that wait for their hour cost nothing. What
 * waits for its tenant or its account is no work left undone.
 */
const oldestIn = (states: string, but: string): string => `
  (select min(oldest.due_at)
     from unnest(${states}) as wanted (state) cross join unnest(array['COMMERCIAL', 'TRANSACTIONAL']) as kind (category)
          cross join lateral (
            with recursive walk (tenant_id) as (
              (select s.tenant_id from public.submissions s
                where s.state = wanted.state and s.category = kind.category and s.due_at is not null order by s.tenant_id limit 1)
              union all
              select next.tenant_id from walk cross join lateral (
                select s.tenant_id from public.submissions s
                 where s.state = wanted.state and s.category = kind.category and s.tenant_id > walk.tenant_id and s.due_at is not null
                 order by s.tenant_id limit 1) next)
            select first.due_at
              from walk cross join lateral (
                select s.due_at from public.submissions s
                 where s.state = wanted.state and s.category = kind.category and s.tenant_id = walk.tenant_id and s.due_at <= p_now
                 order by s.due_at limit 1) first
             where (select t.status from public.tenants t where t.id = walk.tenant_id) = 'ACTIVE' ${but}) oldest)`;

const SIGNATURE = 'work_figures(p_provider text, p_now timestamptz)';

/** Counts and ages over all tenants, and nothing of any of them. Counts stop where more would say no more. */
const FUNCTION = `
create function ${SIGNATURE}
  returns table (unconfirmed integer, webhook_backlog integer, oldest_release timestamptz, oldest_send timestamptz,
                 oldest_receipt timestamptz, oldest_webhook timestamptz)
  language sql stable security definer set search_path = ''
as $$
  select (select count(*)::int from (select from public.messages m where m.status = 'UNCONFIRMED' limit 100000) counted),
         webhooks.backlog,
         ${oldestIn(`array['SCHEDULED', 'HELD']`, '')},
         ${oldestIn(`array['QUEUED']`, `and not ${BLOCKED}`)},
         (select min(r.due_at) from public.receipts r where r.due_at <= p_now),
         webhooks.oldest
    from (select count(*)::int as backlog, min(counted.due_at) filter (where counted.due_at <= p_now) as oldest
            from (select w.due_at from public.webhook_deliveries w where w.due_at is not null limit 100000) counted) webhooks
$$;
alter function ${SIGNATURE} owner to relais_system;
revoke all on function ${SIGNATURE} from public;
grant execute on function ${SIGNATURE} to relais_app`;

export class Figures1767744000000 implements MigrationInterface {
  name = 'Figures1767744000000';

  async up(runner: QueryRunner): Promise<void> {
    // A function's owner must be able to create in its schema, for as long as it is given the function.
    await runner.query('grant create on schema public to relais_system');
    await runner.query(FUNCTION);
    await runner.query('revoke create on schema public from relais_system');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop function ${SIGNATURE}`);
  }
}
