import type { Bench } from '../bench.js';
import { generateMessages } from '../data/generate-messages.js';

export interface History {
  readonly database: string;
  /** Of some messages, for each tenant. */
  readonly ids: readonly (readonly string[])[];
}

/** Every so manieth message went to ten recipients: about four deliveries of ten came alone. */
const TEN_EVERY = 7;
const PER_MESSAGE = (TEN_EVERY - 1 + 10) / TEN_EVERY;
const DAYS = 30;
const AT_ONCE = 50_000;
const LOOKED_AT = 500;

/** A database with so many deliveries of the last thirty days, made once a run. */
export async function historyOf(bench: Bench, database: string, deliveries: number): Promise<History> {
  const { postgres, tenantIds } = bench;
  const known = await postgres.number('postgres', 'select count(*) from pg_database where datname = $1', [database]);
  if (known === 0) await makeHistory(bench, database, Math.round(deliveries / PER_MESSAGE));
  const ids: string[][] = [];
  for (const tenantId of tenantIds) {
    const rows = await postgres.query<{ id: string }>(
      database,
      `select id from (select id from messages where tenant_id = $1 order by number % 9973, id limit $2) m order by random()`,
      [tenantId, LOOKED_AT],
    );
    ids.push(rows.map(({ id }) => id));
  }
  await postgres.letGo(database);
  return { database, ids };
}

async function makeHistory({ postgres, tenantIds }: Bench, database: string, messages: number): Promise<void> {
  await postgres.create(database);
  const apartMs = Math.floor((DAYS * 86_400_000) / messages);
  const now = Date.now();
  // As much room as a grown installation would have; the default is for a young one.
  await postgres.query(database, `set maintenance_work_mem = '256MB'`);
  for (let first = 0; first < messages; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, messages - first);
    const until = new Date(now - (messages - first - count) * apartMs);
    const part = { tenantIds, first, count, tenEvery: TEN_EVERY, until, apartMs, stage: 'delivered' } as const;
    await generateMessages(postgres, database, part);
  }
  for (const statement of besides(tenantIds)) await postgres.query(database, statement);
  await postgres.query(database, 'vacuum analyze');
  await postgres.query('postgres', 'checkpoint');
}

/** What else grows: keys of requests, STOPs, calls to tenants' addresses, replies, batches. */
const besides = (tenantIds: readonly string[]): readonly string[] => {
  const some = `(select n, (array['${tenantIds.join("','")}']::uuid[])[1 + n % ${tenantIds.length}] as tenant_id from generate_series(1, 50000) n) s`;
  return [
    `insert into idempotency_records (tenant_id, key, fingerprint, message_id, created_at, answer)
     select tenant_id, 'order-' || n, sha256('x'), uuidv7(), now(), '{}' from ${some}`,
    `insert into opt_outs (tenant_id, phone_number, id, number, source, created_at)
     select tenant_id, '+337' || (30000000 + n), uuidv7(), nextval('opt_out_numbers') * 4, 'STOP_REPLY', now() from ${some}`,
    `insert into webhook_deliveries (tenant_id, id, event_type, url, payload, state, attempts, created_at, ended_at)
     select tenant_id, uuidv7(), 'receipt', 'http://127.0.0.1:9/', '{}', 'DELIVERED', 1, now(), now() from ${some}`,
    `insert into replies (tenant_id, id, kind, phone_number, text, received_at)
     select tenant_id, uuidv7(), 'response', '+337' || (30000000 + n), 'Merci', now() from ${some}`,
    `insert into audit_entries (tenant_id, id, action, detail, at) select tenant_id, uuidv7(), 'bench', '{}', now() from ${some}`,
  ];
};
