import type { Bench } from '../bench.js';
import { percentile } from '../figures.js';
import type { RequestKind } from '../load/questions.js';
import type { Relais } from '../processes/relais.js';
import { atMost, overFloor, type Result } from '../result.js';
import { historyOf } from './history.js';
import type { Row } from './row.js';

const NAME = 'queries';
const CONNECTIONS = 2;
const STEPS = 10;

interface Asking {
  readonly server: Relais;
  readonly ids: readonly (readonly string[])[];
  readonly latencies: { readonly page: number[]; readonly message: number[] };
}

/** The same questions to a server with little behind it and to one with much, in turn. */
export const queries: Row = {
  name: NAME,
  takes: { full: 75, quick: 7 },
  async run(bench: Bench): Promise<readonly Result[]> {
    const { scale } = bench;
    const small = await historyOf(bench, 'small', scale.small);
    const large = await historyOf(bench, 'large', scale.large);
    const askings: Asking[] = [];
    for (const { database, ids } of [small, large]) {
      const server = await bench.relais(NAME, { database, role: 'api' });
      askings.push({ server, ids, latencies: { page: [], message: [] } });
    }
    await askInTurn(bench, askings);
    const warnings = askings.flatMap(({ server }) => server.warnings);
    await bench.clearUp([small.database]);
    const [few, many] = askings;
    if (few === undefined || many === undefined) throw new Error('two servers were to be asked');
    return (['page', 'message'] as const).map(kind => rowOf(bench, kind, [few, many], warnings));
  },
};

async function askInTurn({ load, keys, scale }: Bench, askings: readonly Asking[]): Promise<void> {
  const count = Math.ceil(scale.queries / STEPS);
  // The first step only warms up.
  for (let step = 0; step <= STEPS; step += 1) {
    for (const kind of ['page', 'message'] as const satisfies readonly RequestKind[]) {
      for (const { server, ids, latencies } of askings) {
        const asked = {
          of: kind,
          address: server.url,
          keys,
          ids,
          connections: CONNECTIONS,
          first: step * count,
          count,
        };
        const done = await load.requests(asked);
        if (step > 0) latencies[kind].push(...done.latencies);
      }
    }
  }
}

function rowOf(
  { scale }: Bench,
  kind: 'page' | 'message',
  [few, many]: readonly [Asking, Asking],
  warnings: readonly string[],
): Result {
  const p99 = ({ latencies }: Asking): number => percentile(latencies[kind], 0.99);
  const p50 = ({ latencies }: Asking): string => percentile(latencies[kind], 0.5).toFixed(1);
  const series = {
    measured: { what: `p99 at ${scale.large.toLocaleString('en')}`, unit: 'ms', rounds: [p99(many)] },
    floor: { what: `p99 at ${scale.small.toLocaleString('en')}`, unit: 'ms', rounds: [p99(few)] },
  };
  const what = kind === 'page' ? 'messages(first: 50)' : 'message(id)';
  const note = `${what}, ${many.latencies[kind].length} requests each; medians ${p50(many)} and ${p50(few)} ms`;
  return overFloor(`${NAME}-${kind}`, series, atMost(1.5), [note, ...warnings]);
}
