import { setTimeout } from 'node:timers/promises';
import { request } from 'undici';
import type { Bench } from '../bench.js';
import { atMost, plain, type Result } from '../result.js';
import type { Row } from './row.js';

const NAME = 'start';
const GIVES_UP_MS = 30_000;

/** From starting the process on a migrated database until it says that it is ready. */
export const start: Row = {
  name: NAME,
  takes: { full: 20, quick: 2 },
  async run(bench: Bench): Promise<readonly Result[]> {
    const { postgres, scale } = bench;
    const database = 'start';
    await postgres.create(database);
    const rounds: number[] = [];
    const said = new Set<number>();
    for (let round = 1; round <= scale.starts; round += 1) {
      const began = performance.now();
      const server = await bench.spawn(NAME, { database });
      said.add(await readyStatus(server.url));
      rounds.push((performance.now() - began) / 1_000);
      await server.up();
      await bench.end(server);
    }
    await bench.clearUp([database]);
    const notes = said.has(200)
      ? []
      : [`/readyz was answered ${[...said].join(', ')}: counted until it answered at all`];
    return [plain(NAME, { what: 'until /readyz', unit: 's', rounds }, atMost(3, ' s'), notes)];
  },
};

/** Refused while nobody listens, 503 while it is not ready. */
async function readyStatus(address: string): Promise<number> {
  for (const began = performance.now(); performance.now() - began < GIVES_UP_MS; await setTimeout(10)) {
    const answer = await request(`${address}/readyz`).catch(() => null);
    await answer?.body.dump();
    if (answer !== null && answer.statusCode !== 503) return answer.statusCode;
  }
  throw new Error('Relais was not ready in time');
}
