import pg from 'pg';
import { acceptOne } from './accept-one-floor.js';
import { applyReceipt } from './apply-receipts-floor.js';
import { copyDeliveries } from './copy-deliveries-floor.js';
import { onLanes } from './lanes.js';
import type { Done, FloorLoad, FloorName } from './questions.js';

/** One transaction with the rows of `index`. */
export type FloorTransaction = (client: pg.Client, index: number, load: FloorLoad) => Promise<void>;

const TRANSACTIONS: Readonly<Record<FloorName, FloorTransaction>> = {
  'accept-one': acceptOne,
  'copy-deliveries': copyDeliveries,
  'apply-receipts': applyReceipt,
};

const clients = new Map<string, pg.Client[]>();

async function clientsFor({ databaseUrl, clients: wanted }: FloorLoad): Promise<readonly pg.Client[]> {
  const known = clients.get(databaseUrl) ?? [];
  while (known.length < wanted) {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    known.push(client);
  }
  clients.set(databaseUrl, known);
  return known.slice(0, wanted);
}

/** A bare loop: prepared statements, one transaction for each, as many clients as the measurement has connections. */
export async function runFloor(load: FloorLoad): Promise<Done> {
  const open = await clientsFor(load);
  const transaction = TRANSACTIONS[load.name];
  return onLanes({ ...load, lanes: open.length }, async (place, lane) => {
    const client = open[lane];
    if (client === undefined) throw new Error('a lane without a client');
    await transaction(client, load.first + place, load);
  });
}

export async function letGoOfDatabases(): Promise<void> {
  const open = [...clients.values()].flat();
  clients.clear();
  await Promise.all(open.map(client => client.end()));
}
