import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.js';
import { phoneOf } from '../data/numbers.js';
import { atLeast, overFloor, type Result } from '../result.js';
import { inTurn } from '../rounds.js';
import { expectAccepted } from './accepted.js';
import { loadRate } from './rates.js';
import { expectEqual, type Row } from './row.js';

const NAME = 'accept-500';
const CONNECTIONS = 8;
const RECIPIENTS = 500;
const FILES = 40;

/** POST /v1/send to 500 recipients, beside COPY of 500 delivery rows a transaction, by the server from its own disk. */
export const accept500: Row = {
  name: NAME,
  takes: { full: 30, quick: 5 },
  async run(bench: Bench): Promise<readonly Result[]> {
    const { postgres, load, scale, tenantIds } = bench;
    const [database, floorDatabase] = ['accept_500', 'accept_500_floor'];
    await postgres.create(database);
    await postgres.create(floorDatabase);
    await postgres.query(floorDatabase, 'alter table deliveries alter column id set default uuidv7()');
    const files = await rowsToCopy(bench);
    const server = await bench.relais(NAME, { database, role: 'api' });
    const asked = { of: 'send-500', address: server.url, keys: bench.keys, connections: CONNECTIONS } as const;
    const written = { name: 'copy-deliveries', databaseUrl: postgres.urlOf(floorDatabase), tenantIds, files } as const;
    const measured = loadRate(bench, bounds => load.requests({ ...asked, ...bounds }));
    const floor = loadRate(bench, bounds => load.floor({ ...written, clients: CONNECTIONS, ...bounds }));
    const rounds = await inTurn(scale.rounds, { floor: floor.measure, measured: measured.measure });
    const { warnings } = server;
    await bench.end(server);
    const messages = measured.count();
    await expectAccepted(bench, database, { messages, recipients: messages * RECIPIENTS });
    const copied = await postgres.number(floorDatabase, 'select count(*) from deliveries');
    expectEqual('rows copied', copied, floor.count() * RECIPIENTS);
    await bench.clearUp([database, floorDatabase]);
    const recipients = (requests: number): number => requests * RECIPIENTS;
    const series = {
      measured: { what: 'recipients', unit: '/s', rounds: rounds.measured.map(recipients) },
      floor: { what: 'COPY', unit: 'rows/s', rounds: rounds.floor.map(recipients) },
    };
    return [overFloor(NAME, series, atLeast(0.5), [`${CONNECTIONS} connections`, ...warnings])];
  },
};

/** Delivery rows as they are accepted, in files that the server can read. */
async function rowsToCopy({ folder, tenantIds }: Bench): Promise<readonly string[]> {
  const copies = join(folder, 'copies');
  await mkdir(copies);
  await chmod(copies, 0o755);
  const at = new Date().toISOString();
  return Promise.all(
    Array.from({ length: FILES }, async (_, file) => {
      const [tenantId, message, submission] = [tenantIds[file % tenantIds.length], uuidOf(file), uuidOf(FILES + file)];
      const rows = Array.from({ length: RECIPIENTS }, (__, row) =>
        [
          tenantId,
          at,
          message,
          submission,
          phoneOf(file * RECIPIENTS + row),
          'METROPOLE',
          'WAITING',
          '0.0450',
          'RESERVED',
        ].join('\t'),
      );
      const path = join(copies, `${file}.tsv`);
      await writeFile(path, `${rows.join('\n')}\n`, { mode: 0o644 });
      return path;
    }),
  );
}

const uuidOf = (index: number): string => `01900000-0000-7000-8000-${String(index).padStart(12, '0')}`;
