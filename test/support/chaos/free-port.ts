import { createServer } from 'node:net';
import { listenOnLoopback } from '../smspartner-stub.js';
import { once } from 'node:events';

export async function freePort(): Promise<number> {
  const probe = createServer();
  // The helper takes any server of the net module.
  const port = await listenOnLoopback(probe);
  probe.close();
  await once(probe, 'close');
  return port;
}
