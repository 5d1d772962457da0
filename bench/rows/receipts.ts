import type { Bench } from '../bench.js';
import { generateMessages } from '../data/generate-messages.js';
import { atLeast, overFloor, type Result } from '../result.js';
import { inTurn, type Measurement } from '../rounds.js';
import { loadRate } from './rates.js';
import { expectEqual, type Row } from './row.js';
import { waitUntil } from './wait-until.js';

const NAME = 'receipts';
const CONNECTIONS = 64;
const GIVES_UP_S = 60;
const OPEN = 'select count(*) from receipts where due_at is not null';

/** Receipts posted over 64 connections, from the first post until the last is applied, beside bare updates of the same rows. */
export const receipts: Row = {
  name: NAME,
  takes: { full: 45, quick: 6 },
  async run(bench: Bench): Promise<readonly Result[]> {
    const { postgres, load, scale, tenantIds, settings } = bench;
    const [database, floorDatabase] = ['receipts', 'receipts_floor'];
    await postgres.create(database);
    const attempts = settings.quick ? 3_000 : 16_000;
    const most = Math.floor(attempts / (scale.rounds + 1));
    const sent = { tenantIds, first: 0, count: attempts, tenEvery: 0, apartMs: 1 };
    await generateMessages(postgres, database, { ...sent, until: new Date(), stage: 'sent' });
    await postgres.query(database, 'vacuum analyze');
    await postgres.create(floorDatabase, database);
    const server = await bench.relais(NAME, { database, calls: true });
    const applying = applyingRate(bench, { database, address: server.url, most });
    const written = {
      name: 'apply-receipts',
      databaseUrl: postgres.urlOf(floorDatabase),
      clients: CONNECTIONS,
      tenantIds,
    } as const;
    const floor = loadRate(bench, bounds => load.floor({ ...written, ...bounds, count: most }));
    const rounds = await inTurn(scale.rounds, { floor: floor.measure, measured: applying.measure });
    const { warnings } = server;
    await bench.end(server);
    await expectApplied(bench, database, applying.count());
    await expectApplied(bench, floorDatabase, floor.count());
    await bench.clearUp([database, floorDatabase]);
    const series = {
      measured: { what: 'applied', unit: '/s', rounds: rounds.measured },
      floor: { what: 'bare pg', unit: '/s', rounds: rounds.floor },
    };
    return [overFloor(NAME, series, atLeast(0.7), [`${CONNECTIONS} connections, an attempt for each`, ...warnings])];
  },
};

function applyingRate(
  { load, postgres, scale }: Bench,
  of: { readonly database: string; readonly address: string; readonly most: number },
): { readonly measure: Measurement; readonly count: () => number } {
  const { database, address, most } = of;
  let count = 0;
  const round = async (seconds: number): Promise<number> => {
    const began = performance.now();
    const posted = await load.requests({
      of: 'receipt',
      address,
      keys: [],
      connections: CONNECTIONS,
      first: count,
      seconds,
      count: most,
    });
    count += posted.count;
    const all = await waitUntil(async () => (await postgres.number(database, OPEN)) === 0, GIVES_UP_S);
    if (!all) throw new Error(`receipts were not applied within ${GIVES_UP_S} s`);
    return posted.count / ((performance.now() - began) / 1_000);
  };
  return {
    measure: async () => {
      if (count === 0) await round(scale.warmUpSeconds);
      // Applying goes on after the last post.
      return round(scale.roundSeconds / 2);
    },
    count: () => count,
  };
}

async function expectApplied({ postgres }: Bench, database: string, expected: number): Promise<void> {
  const count = (sql: string): Promise<number> => postgres.number(database, sql);
  expectEqual('delivered', await count(`select count(*) from deliveries where status = 'DELIVERED'`), expected);
  expectEqual('counted as delivered', await count('select sum(delivered) from submissions'), expected);
  expectEqual('completed', await count(`select count(*) from messages where status = 'COMPLETED'`), expected);
  expectEqual('receipts applied', await count(`select count(*) from receipts where state = 'APPLIED'`), expected);
}
