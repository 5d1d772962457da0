import type { Bench } from '../bench.js';
import { atLeast, overFloor, type Result } from '../result.js';
import { inTurn } from '../rounds.js';
import { expectAccepted } from './accepted.js';
import { loadRate } from './rates.js';
import type { Row } from './row.js';

const NAME = 'accept-graphql';
const CONNECTIONS = 64;

/** sendSms to one recipient over 64 connections, beside `{ __typename }` on the same server. */
export const acceptGraphql: Row = {
  name: NAME,
  takes: { full: 30, quick: 5 },
  async run(bench: Bench): Promise<readonly Result[]> {
    const { postgres, load, scale, keys } = bench;
    const database = 'accept_graphql';
    await postgres.create(database);
    const server = await bench.relais(NAME, { database, role: 'api' });
    const asked = { address: server.url, keys, connections: CONNECTIONS };
    const measured = loadRate(bench, bounds => load.requests({ of: 'send-sms', ...asked, ...bounds }));
    const floor = loadRate(bench, bounds => load.requests({ of: 'typename', ...asked, ...bounds }));
    const rounds = await inTurn(scale.rounds, { floor: floor.measure, measured: measured.measure });
    const { warnings } = server;
    await bench.end(server);
    await expectAccepted(bench, database, { messages: measured.count(), recipients: measured.count() });
    await bench.clearUp([database]);
    const series = {
      measured: { what: 'sendSms', unit: '/s', rounds: rounds.measured },
      floor: { what: '{ __typename }', unit: '/s', rounds: rounds.floor },
    };
    return [overFloor(NAME, series, atLeast(0.6), [`${keys.length} tenants, ${CONNECTIONS} connections`, ...warnings])];
  },
};
