import type { Bench } from '../bench.js';
import { atLeast, overFloor, type Result } from '../result.js';
import { inTurn } from '../rounds.js';
import { expectAccepted } from './accepted.js';
import { loadRate } from './rates.js';
import type { Row } from './row.js';

const NAME = 'accept-http';
const CONNECTIONS = 64;

/** POST /v1/send of one recipient over 64 connections, beside 64 clients that write the same rows. */
export const acceptHttp: Row = {
  name: NAME,
  takes: { full: 30, quick: 5 },
  async run(bench: Bench): Promise<readonly Result[]> {
    const { postgres, load, scale, tenantIds } = bench;
    const [database, floorDatabase] = ['accept_http', 'accept_http_floor'];
    await postgres.create(database);
    await postgres.create(floorDatabase);
    const server = await bench.relais(NAME, { database, role: 'api' });
    const asked = { of: 'send', address: server.url, keys: bench.keys, connections: CONNECTIONS } as const;
    const written = {
      name: 'accept-one',
      databaseUrl: postgres.urlOf(floorDatabase),
      clients: CONNECTIONS,
      tenantIds,
    } as const;
    const measured = loadRate(bench, bounds => load.requests({ ...asked, ...bounds }));
    const floor = loadRate(bench, bounds => load.floor({ ...written, ...bounds }));
    const rounds = await inTurn(scale.rounds, { floor: floor.measure, measured: measured.measure });
    const { warnings } = server;
    await bench.end(server);
    await expectAccepted(bench, database, { messages: measured.count(), recipients: measured.count() });
    await expectAccepted(bench, floorDatabase, { messages: floor.count(), recipients: floor.count() });
    await bench.clearUp([database, floorDatabase]);
    const series = {
      measured: { what: 'POST /v1/send', unit: '/s', rounds: rounds.measured },
      floor: { what: 'bare pg', unit: '/s', rounds: rounds.floor },
    };
    return [
      overFloor(NAME, series, atLeast(2), [`${tenantIds.length} tenants, ${CONNECTIONS} connections`, ...warnings]),
    ];
  },
};
