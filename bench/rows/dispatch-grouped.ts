import type { Bench } from '../bench.js';
import { generateMessages } from '../data/generate-messages.js';
import { atLeast, overFloor, type Result } from '../result.js';
import { expectSentOnce } from './left.js';
import type { Row } from './row.js';
import { waitUntil } from './wait-until.js';

const NAME = 'dispatch-grouped';
const PER_MINUTE = '2000';

/** Many small messages of one tenant wait, and the provider takes 33 calls a second: how many SMS go in a call? */
export const dispatchGrouped: Row = {
  name: NAME,
  takes: { full: 15, quick: 4 },
  async run(bench: Bench): Promise<readonly Result[]> {
    const { postgres, provider, tenantIds, settings } = bench;
    const database = 'dispatch_grouped';
    const [count, seconds] = settings.quick ? [2_000, 2] : [10_000, 5];
    await postgres.create(database);
    const queued = {
      tenantIds: tenantIds.slice(0, 1),
      first: 0,
      count,
      tenEvery: 0,
      apartMs: 1,
      stage: 'queued',
    } as const;
    await generateMessages(postgres, database, { ...queued, until: new Date() });
    await postgres.query(database, 'analyze');
    await provider.reset();
    const env = { PROVIDER_RATE_PER_MINUTE: PER_MINUTE };
    const server = await bench.relais(NAME, { database, role: 'worker', calls: true, env });
    await waitUntil(async () => (await provider.tally()).sms > 0, 10);
    await waitUntil(async () => (await provider.tally()).sms >= count, seconds);
    const { calls, sms, firstAt, lastAt } = await provider.tally();
    const { warnings } = server;
    await bench.end(server);
    await expectSentOnce(bench, database);
    await bench.clearUp([database]);
    const lasted = Math.max(lastAt - firstAt, 1) / 1_000;
    const series = {
      measured: { what: 'SMS', unit: '/s', rounds: [sms / lasted] },
      floor: { what: 'calls', unit: '/s', rounds: [calls / lasted] },
    };
    return [
      overFloor(NAME, series, atLeast(20), [
        `${count} waited; one tenant, limit ${PER_MINUTE} calls a minute`,
        ...warnings,
      ]),
    ];
  },
};
