import { Pool } from 'undici';
import { onLanes } from './lanes.js';
import type { Done, RequestLoad } from './questions.js';
import { type Asked, MAKERS } from './request-makers.js';

const pools = new Map<string, Pool>();

function poolFor({ address, connections }: RequestLoad): Pool {
  const name = `${address} ${connections}`;
  const pool = pools.get(name) ?? new Pool(address, { connections, pipelining: 1, keepAliveTimeout: 60_000 });
  pools.set(name, pool);
  return pool;
}

/** Requests over as many kept connections, one at a time on each; any answer that is not as it should be fails the bench. */
export function runRequests(load: RequestLoad): Promise<Done> {
  const pool = poolFor(load);
  const make = MAKERS[load.of];
  return onLanes({ ...load, lanes: load.connections }, place => request(pool, make(load, load.first + place)));
}

async function request(pool: Pool, { path, headers, body, isRight }: Asked): Promise<void> {
  const answer = await pool.request({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200 || !isRight(text)) {
    throw new Error(`${path} was answered ${answer.statusCode}: ${text.slice(0, 300)}`);
  }
}

export async function letGoOfServers(): Promise<void> {
  const open = [...pools.values()];
  pools.clear();
  await Promise.all(open.map(pool => pool.close()));
}
