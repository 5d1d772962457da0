import type { Bench } from '../bench.js';
import { makeTenants } from '../data/tenants.js';
import { atLeast, overFloor, type Result } from '../result.js';
import { inTurn } from '../rounds.js';
import { expectAccepted } from './accepted.js';
import type { Row } from './row.js';

const NAME = 'accept-http';
const CONNECTIONS = 64;
const TENANTS = 4;
const DATABASES = ['accept_http', 'accept_http_floor'] as const;

/** POST /v1/send of one recipient over 64 connections, beside 64 clients that write the same rows. */
export const acceptHttp: Row = {
  name: NAME,
  takes: { full: 30, quick: 10 },
  async run(bench: Bench): Promise<readonly Result[]> {
    const [database, floorDatabase] = DATABASES;
    const { postgres, load, scale } = bench;
    await postgres.create(database);
    const server = await bench.relais(NAME, { database, role: 'api' });
    const tenants = await makeTenants(server.url, TENANTS);
    await bench.end(server);
    await postgres.create(floorDatabase, database);
    const measuredServer = await bench.relais(NAME, { database, role: 'api' });
    const keys = tenants.map(({ key }) => key);
    const tenantIds = tenants.map(({ id }) => id);
    const counts = { measured: 0, floor: 0 };
    const measured = async (seconds = scale.roundSeconds): Promise<number> => {
      const first = counts.measured;
      const done = await load.requests({
        of: 'send',
        address: measuredServer.url,
        keys,
        connections: CONNECTIONS,
        first,
        seconds,
      });
      counts.measured += done.count;
      return done.count / done.seconds;
    };
    const floor = async (seconds = scale.roundSeconds): Promise<number> => {
      const databaseUrl = postgres.urlOf(floorDatabase);
      const first = counts.floor;
      const done = await load.floor({
        name: 'accept-one',
        databaseUrl,
        clients: CONNECTIONS,
        tenantIds,
        first,
        seconds,
      });
      counts.floor += done.count;
      return done.count / done.seconds;
    };
    await floor(scale.warmUpSeconds);
    await measured(scale.warmUpSeconds);
    const rounds = await inTurn(scale.rounds, { floor, measured });
    const { warnings } = measuredServer;
    await bench.clearUp([]);
    await expectAccepted(bench, database, { messages: counts.measured, recipients: counts.measured });
    await expectAccepted(bench, floorDatabase, { messages: counts.floor, recipients: counts.floor });
    await bench.clearUp(DATABASES);
    const series = {
      measured: { what: 'POST /v1/send', unit: '/s', rounds: rounds.measured },
      floor: { what: 'bare pg', unit: '/s', rounds: rounds.floor },
    };
    return [overFloor(NAME, series, atLeast(2), [`${TENANTS} tenants, ${CONNECTIONS} connections`, ...warnings])];
  },
};
