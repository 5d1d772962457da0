import { setTimeout } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { askForEverything, callBack } from '../explain/hot-requests.js';
import { inWords, readPlans } from '../explain/read-plans.js';
import { atMost, plain, type Result } from '../result.js';
import { historyOf } from './history.js';
import type { Row } from './row.js';
import { waitUntil } from './wait-until.js';

const NAME = 'explain';
const DATABASE = 'large';
/** Every worker sweeps once a second. */
const SWEEPS_MS = 2_500;
/** What grows with what is sent, looked at or asked; tenants, keys and prices do not. */
const GROWING = [
  'messages',
  'submissions',
  'deliveries',
  'attempts',
  'attempt_submissions',
  'receipts',
  'replies',
  'timeline_events',
  'ledger_entries',
  'idempotency_records',
  'opt_outs',
  'webhook_deliveries',
  'audit_entries',
];
/** A table of a few pages is rightly read whole. */
const LARGE_ROWS = 5_000;
/** auto_explain for every statement, those inside functions too, of whoever connects from now on. */
const EXPLAINED = [
  `alter database ${DATABASE} set session_preload_libraries = 'auto_explain'`,
  `alter database ${DATABASE} set auto_explain.log_min_duration = 0`,
  `alter database ${DATABASE} set auto_explain.log_nested_statements = on`,
  `alter database ${DATABASE} set auto_explain.log_analyze = on`,
  `alter database ${DATABASE} set auto_explain.log_timing = off`,
  `alter database ${DATABASE} set auto_explain.log_format = 'json'`,
];

/** The plans of what the application itself asks the large database, taken from the server's log while it is used. */
export const explain: Row = {
  name: NAME,
  takes: { full: 20, quick: 7 },
  async run(bench: Bench): Promise<readonly Result[]> {
    const { postgres, provider, scale } = bench;
    const { ids } = await historyOf(bench, DATABASE, scale.large);
    for (const statement of EXPLAINED) await postgres.query('postgres', statement);
    await provider.reset();
    const env = { WEBHOOK_ALLOW: '127.0.0.0/8' };
    const server = await bench.relais(NAME, { database: DATABASE, calls: true, env });
    const [key = ''] = bench.keys;
    const messageId = ids[0]?.[0] ?? '';
    await askForEverything({ address: server.url, key, messageId, receiver: `${provider.url}/receiver` });
    await waitUntil(async () => (await provider.tally()).sms >= 8, 10);
    await callBack(await provider.receiptUrls());
    await setTimeout(SWEEPS_MS);
    const { warnings } = server;
    await bench.end(server);
    const large = await postgres.query<{ name: string }>(
      DATABASE,
      'select relname as name from pg_class where relname = any($1) and reltuples >= $2',
      [GROWING, LARGE_ROWS],
    );
    const { statements, faults } = readPlans(await postgres.log(), new Set(large.map(({ name }) => name)));
    const judged = `${statements.length} different statements on ${large.length} tables of more than ${LARGE_ROWS} rows`;
    const series = { what: 'plans that grow with a table', unit: `of ${statements.length}`, rounds: [faults.length] };
    const result = plain(NAME, series, atMost(0), [judged, ...faults.map(inWords), ...warnings]);
    return [{ ...result, details: { statements, faults } }];
  },
};
