import type { Bench } from '../bench.js';
import { generateMessages } from '../data/generate-messages.js';
import { atLeast, overFloor, type Result } from '../result.js';
import { inTurn, type Measurement } from '../rounds.js';
import { expectSentOnce } from './left.js';
import { loadRate } from './rates.js';
import { expectEqual, type Row } from './row.js';
import { waitUntil } from './wait-until.js';

const NAME = 'dispatch';
/** As many calls as a worker has under way. */
const CONNECTIONS = 16;
const WARM_UP = 100;
/** Queueing them takes its time too. */
const MOST = 20_000;
const GIVES_UP_S = 60;

/** Single-recipient messages of four tenants, all queued at one moment, beside a bare loop of calls to the same provider. */
export const dispatch: Row = {
  name: NAME,
  takes: { full: 40, quick: 6 },
  async run(bench: Bench): Promise<readonly Result[]> {
    const { postgres, provider, load, scale } = bench;
    const database = 'dispatch';
    await postgres.create(database);
    await provider.reset();
    const server = await bench.relais(NAME, { database, role: 'worker', calls: true });
    const sending = sendingRate(bench, database);
    const asked = { of: 'provider-call', address: provider.url, keys: [], connections: CONNECTIONS } as const;
    const floor = loadRate(bench, bounds => load.requests({ ...asked, ...bounds }));
    const rounds = await inTurn(scale.rounds, { floor: floor.measure, measured: sending.measure });
    const { warnings } = server;
    const { calls, sms } = await provider.tally();
    await bench.end(server);
    expectEqual('SMS', await expectSentOnce(bench, database), sending.count());
    await bench.clearUp([database]);
    const series = {
      measured: { what: 'SMS', unit: '/s', rounds: rounds.measured },
      floor: { what: 'bare POST', unit: '/s', rounds: rounds.floor },
    };
    const notes = [`${CONNECTIONS} connections of the floor; ${sms} SMS in ${calls} calls`, ...warnings];
    return [overFloor(NAME, series, atLeast(0.5), notes)];
  },
};

/** From the commit that queues them to the provider's last. As many as take about a round. */
function sendingRate(bench: Bench, database: string): { readonly measure: Measurement; readonly count: () => number } {
  const { scale, postgres, provider, tenantIds } = bench;
  let count = 0;
  let wanted = WARM_UP;
  const round = async (): Promise<number> => {
    const began = Date.now();
    const queued = {
      tenantIds,
      first: count,
      count: wanted,
      tenEvery: 0,
      until: new Date(began),
      apartMs: 1,
      stage: 'queued',
    } as const;
    await generateMessages(postgres, database, queued);
    await postgres.query(database, `select pg_notify('relais_wake_up', 'dispatch')`);
    const committed = Date.now();
    count += wanted;
    const all = await waitUntil(async () => (await provider.tally()).sms >= count, GIVES_UP_S);
    if (!all) throw new Error(`only ${(await provider.tally()).sms} of ${count} SMS left within ${GIVES_UP_S} s`);
    const { lastAt } = await provider.tally();
    await waitUntil(async () => (await postgres.number(database, UNDER_WAY)) === 0, GIVES_UP_S);
    return (wanted * 1_000) / Math.max(1, lastAt - committed);
  };
  return {
    measure: async () => {
      if (count === 0) {
        await round();
        // As autovacuum does within the first minute of new tables.
        await postgres.query(database, 'analyze');
        // Again and again: the first ones are slow for many reasons, and a short round tells little.
        for (let time = 0; time < 3; time += 1) {
          wanted = Math.min(MOST, Math.ceil(Math.max(WARM_UP, (await round()) * scale.roundSeconds)));
        }
      }
      return round();
    },
    count: () => count,
  };
}

const UNDER_WAY = `select count(*) from submissions where state in ('QUEUED', 'SENDING') and due_at is not null`;
