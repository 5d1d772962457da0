import type { Postgres } from '../processes/postgres.js';
import { STAGES, type Stage } from './stages.js';

export interface Messages {
  readonly tenantIds: readonly string[];
  /** Index of the first message; a message to one recipient goes to phoneOf(its index) where all before went to one. */
  readonly first: number;
  readonly count: number;
  /** Every so manieth message goes to ten recipients; 0: none. */
  readonly tenEvery: number;
  /** When the last was asked for; the ones before, `apartMs` apart. */
  readonly until: Date;
  readonly apartMs: number;
  readonly stage: Stage;
  /** When those that are held are released. */
  readonly releaseAt?: Date;
}

/**
 * Messages as acceptance and what came after would have left them, by SQL and through the real constraints: UUIDv7 of their
 * time, counts, ledger and balances right. In one transaction, so that workers see all of it at once.
 */
export async function generateMessages(postgres: Postgres, database: string, messages: Messages): Promise<void> {
  const run = (sql: string): Promise<unknown> => postgres.query(database, sql);
  await run('begin');
  await run('set local synchronous_commit = off');
  await run(seeds(messages));
  for (const statement of statementsOf(messages)) await run(statement);
  await run('commit');
}

const instant = (at: Date): string => `'${at.toISOString()}'::timestamptz`;

const seeds = ({ tenantIds, first, count, tenEvery, until, apartMs }: Messages): string => `
  create temp table seeds on commit drop as
  select n, tenant_id, at, recipients, message_id, submission_id, attempt_id, sum(recipients) over (order by n) - recipients as skipped
    from (
      select n, (array['${tenantIds.join("','")}']::uuid[])[1 + n % ${tenantIds.length}] as tenant_id, at,
             case when ${tenEvery} > 0 and n % greatest(${tenEvery}, 1) = 0 then 10 else 1 end as recipients,
             uuidv7(at - clock_timestamp()) as message_id, uuidv7(at - clock_timestamp()) as submission_id,
             uuidv7(at - clock_timestamp()) as attempt_id
        from generate_series(${first}, ${first + count - 1}) n
       cross join lateral (select ${instant(until)} - (${first + count - 1} - n) * interval '${apartMs} milliseconds' as at) t) s`;

function statementsOf({ first, stage, releaseAt }: Messages): readonly string[] {
  const { message, submission, delivery, charge, left, event } = STAGES[stage];
  const release = releaseAt === undefined ? 'null::timestamptz' : instant(releaseAt);
  const held = stage === 'held';
  const accepted = [
    `insert into messages (tenant_id, number, id, status, category, route, text, bare_text, sent_text, append_stop, unicode, encoding, parts,
       sandbox, recipient_count, cost, currency, validity_seconds, created_at)
     select tenant_id, nextval('message_numbers') * 4 + n % 4, message_id, '${message}', '${held ? 'COMMERCIAL' : 'TRANSACTIONAL'}', 'PREMIUM',
       'Votre code : ' || n, 'Votre code : ' || n, 'Votre code : ' || n, ${held}, false, 'GSM7', 1, false, recipients, recipients * 0.0450, 'EUR', 172800, at
       from seeds order by n`,
    `insert into submissions (tenant_id, category, wait_since, sandbox, attempts, message_id, id, territory, state, release_at, expires_at, due_at,
       hold, attempt_id, ${submission.counted})
     select tenant_id, '${held ? 'COMMERCIAL' : 'TRANSACTIONAL'}', at, false, ${left ? 1 : 0}, message_id, submission_id, 'METROPOLE', '${submission.state}', ${release},
       coalesce(${release}, at) + interval '2 days', ${submission.dueAt(release)}, ${held ? HOLD : 'null::jsonb'}, ${left ? 'attempt_id' : 'null'}, recipients
       from seeds order by n`,
    `insert into deliveries (tenant_id, updated_at, message_id, id, submission_id, phone_number, territory, status, cost, charge)
     select tenant_id, at, message_id, uuidv7(at - clock_timestamp()), submission_id, '+336' || (10000000 + ${first} + skipped + place), 'METROPOLE',
       '${delivery}', 0.0450, '${charge}'
       from seeds cross join lateral generate_series(0, recipients - 1) place order by n, place`,
    `insert into ledger_entries (tenant_id, id, kind, amount, balance_after, message_id, created_at, place)
     select s.tenant_id, uuidv7(at - clock_timestamp()), 'RESERVATION', recipients * -0.0450,
       b.amount - sum(recipients * 0.0450) over (partition by s.tenant_id order by n), message_id, at,
       b.entries + row_number() over (partition by s.tenant_id order by n)
       from seeds s join balances b on b.tenant_id = s.tenant_id order by n`,
    `update balances b set amount = b.amount - spent.amount, entries = b.entries + spent.entries
       from (select tenant_id, sum(recipients) * 0.0450 as amount, count(*) as entries from seeds group by tenant_id) spent where b.tenant_id = spent.tenant_id`,
    timeline('accepted', `recipients || ' recipients'`),
  ];
  if (event !== null) accepted.push(timeline(event, `recipients || ' recipients'`));
  return left ? [...accepted, ...leaving(stage)] : accepted;
}

const HOLD = `jsonb_build_object('rule', 'NIGHT', 'policy', 'smspartner', 'timeZone', 'Europe/Paris', 'localTime', '2026-03-09T21:00:00', 'holiday', null,
  'explanation', 'Commercial SMS may leave from 08:00 to 20:00.')`;

const timeline = (kind: string, detail: string): string =>
  `insert into timeline_events (tenant_id, message_id, id, at, kind, detail)
   select tenant_id, message_id, uuidv7(at - clock_timestamp()), at, '${kind}', ${detail} from seeds order by n`;

function leaving(stage: Stage): readonly string[] {
  const called = [
    `insert into attempts (tenant_id, id, message_id, tag, provider, credential, credential_key, secret_hash, outcome, provider_message_id,
       provider_parts, provider_cost, provider_currency, started_at, ended_at)
     select tenant_id, attempt_id, message_id, lpad(to_hex(n), 16, 'x'), 'smspartner', 'platform', null,
       sha256(convert_to('bench-' || lpad(n::text, 37, '0'), 'UTF8')), 'accepted', n::text, recipients, recipients * 0.0450, 'EUR', at, at
       from seeds order by n`,
    `insert into attempt_submissions (tenant_id, attempt_id, submission_id) select tenant_id, attempt_id, submission_id from seeds order by n`,
    timeline('attempt', `recipients || ' recipients to smspartner'`),
  ];
  if (stage === 'sent') return called;
  return [
    ...called,
    `insert into receipts (tenant_id, id, attempt_id, raw, state, message_id, delivery_id, status, received_at)
     select s.tenant_id, uuidv7(at - clock_timestamp()), attempt_id,
       '{"status":"delivered","msgId":"' || n || '","phone":"' || d.phone_number || '","cost":"0.045"}', 'APPLIED', s.message_id, d.id, 'delivered', at
       from seeds s join deliveries d on d.tenant_id = s.tenant_id and d.message_id = s.message_id where s.recipients = 1 order by n`,
  ];
}
