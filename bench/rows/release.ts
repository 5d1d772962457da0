import type { Bench } from '../bench.js';
import { generateMessages } from '../data/generate-messages.js';
import { URGENT_PREFIX, urgentPhoneOf } from '../data/numbers.js';
import { percentile } from '../figures.js';
import type { Done } from '../load/questions.js';
import { ServerClock } from '../processes/server-clock.js';
import { atMost, plain, type Result } from '../result.js';
import { expectSentOnce } from './left.js';
import { expectEqual, type Row } from './row.js';
import { waitUntil } from './wait-until.js';

const NAME = 'release';
const URGENT_PER_SECOND = 20;
const ARRIVES_WITHIN_S = 10;
/** However late it is; and what the rows after it need. */
const LEAST_S = 4;
const KEPT_S = 12;
const BARE_UPDATE = `update submissions set state = 'QUEUED', due_at = now(), release_at = null, wait_kind = 'QUEUE' where state = 'HELD'`;

/** 08:00 in Paris on a Tuesday in March to come: never a holiday, always winter time. */
function opening(): Date {
  const day = new Date(Date.UTC(new Date().getUTCFullYear() + 1, 2, 8, 7));
  while (day.getUTCDay() !== 2) day.setUTCDate(day.getUTCDate() + 1);
  return day;
}

/**
 * Held commercial SMS of three tenants when their hour comes, while a fourth sends codes. The provider takes as many as come.
 * What has not left when the time is over is extrapolated, and said to be.
 */
export const release: Row = {
  name: NAME,
  takes: { full: 45, quick: 9 },
  async run(bench: Bench): Promise<readonly Result[]> {
    const { postgres, provider, scale } = bench;
    const database = 'release';

    const opens = opening();
    const clock = new ServerClock(bench.folder);
    await clock.put(new Date(opens.getTime() - 3_600_000));
    await postgres.create(database);
    const bareSeconds = await hold(bench, database, opens);
    await provider.reset();
    const server = await bench.relais(NAME, { database, calls: true, clock });
    await clock.put(opens);
    const began = Date.now();
    const seconds = Math.min(scale.releaseSeconds, Math.max(LEAST_S, bench.secondsLeft - KEPT_S));
    const urgent = bench.load.requests({
      of: 'send',
      address: server.url,
      keys: bench.keys.slice(3),
      connections: URGENT_PER_SECOND,
      first: 0,
      perSecond: URGENT_PER_SECOND,
      seconds,
      urgent: true,
    });
    // A failure is told where it is awaited, below.
    urgent.catch(() => undefined);
    await waitUntil(async () => (await provider.count('+336')) >= scale.held, seconds);
    const measuredMs = Date.now() - began;
    const left = await provider.count('+336');
    const asked = await urgent;
    await waitUntil(async () => (await provider.count(URGENT_PREFIX)) >= asked.count, ARRIVES_WITHIN_S);
    const waits = await waitsOf(bench, asked);
    const { warnings } = server;
    await bench.end(server);
    expectEqual('all that left', await expectSentOnce(bench, database), await booked(bench));
    await bench.clearUp([database]);
    return tell(bench, { left, measuredMs, bareSeconds, waits, warnings });
  },
};

const booked = async ({ provider }: Bench): Promise<number> =>
  (await provider.count('+336')) + (await provider.count(URGENT_PREFIX));

/** Answers how long one bare UPDATE of the same rows takes. */
async function hold({ postgres, tenantIds, scale }: Bench, database: string, opens: Date): Promise<number> {
  const held = { tenantIds: tenantIds.slice(0, 3), first: 0, count: scale.held, tenEvery: 0, apartMs: 10 };
  const until = new Date(opens.getTime() - 10 * 3_600_000);
  await generateMessages(postgres, database, { ...held, until, stage: 'held', releaseAt: opens });
  await postgres.query(database, 'vacuum analyze');
  await postgres.query(database, 'begin');
  const began = performance.now();
  await postgres.query(database, BARE_UPDATE);
  const seconds = (performance.now() - began) / 1_000;
  await postgres.query(database, 'rollback');
  await postgres.query(database, 'vacuum submissions');
  await postgres.query('postgres', 'checkpoint');
  return seconds;
}

/** From asking to the provider, in seconds; of one that has not arrived, as long as it has waited by now. */
async function waitsOf({ provider }: Bench, asked: Done): Promise<readonly number[]> {
  const arrivals = await provider.arrivals(URGENT_PREFIX);
  const now = Date.now();
  return asked.startedAt.map((startedAt, index) => ((arrivals.get(urgentPhoneOf(index)) ?? now) - startedAt) / 1_000);
}

interface Measured {
  readonly left: number;
  readonly measuredMs: number;
  readonly bareSeconds: number;
  readonly waits: readonly number[];
  readonly warnings: readonly string[];
}

function tell({ scale }: Bench, { left, measuredMs, bareSeconds, waits, warnings }: Measured): readonly Result[] {
  const all = left >= scale.held;
  const seconds = measuredMs / 1_000;
  const inAll = all ? seconds : (seconds * scale.held) / Math.max(left, 1);
  const what = `${all ? '' : '≈ '}${scale.held.toLocaleString('en')} gone in`;
  const cut = `${left} of ${scale.held} had left after ${Math.round(seconds)} s, the rest is extrapolated`;
  const released: Result = {
    row: NAME,
    measured: { what, unit: 's', rounds: [inAll] },
    floor: { what: 'one bare UPDATE', unit: 's', rounds: [bareSeconds] },
    ratio: inAll / bareSeconds,
    aim: 'seconds',
    met: null,
    notes: [...(all ? [] : [cut]), ...warnings],
  };
  const p99 = { what: 'p99 of codes meanwhile', unit: 's', rounds: [percentile(waits, 0.99)] };
  const median = percentile(waits, 0.5).toFixed(3);
  const note = `${waits.length} codes, ${URGENT_PER_SECOND}/s, from asking to the provider; their median ${median} s`;
  return [released, plain('release-codes', p99, atMost(1, ' s'), [note])];
}
