import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolveName } from '../../../src/callbacks/outgoing/resolve-name.js';
import { NameServer } from '../../support/name-server.js';

const HOST = 'hooks.example.test';
const FOUR = { address: '198.51.100.7', family: 4 };
const SIX = { address: '2001:db8::7', family: 6 };

let server: NameServer;
beforeEach(async () => {
  server = await NameServer.start();
});
afterEach(() => server.close());

test('a name has all its addresses, of both kinds', async () => {
  server.answering = (_, type) => [type === 'A' ? FOUR.address : SIX.address];
  expect(await resolveName(HOST, [server.address])).toEqual([FOUR, SIX]);
  expect(server.asked.toSorted()).toEqual([`${HOST} A`, `${HOST} AAAA`]);
});

test.each([
  ['A', FOUR],
  ['AAAA', SIX],
])('a name with %s records alone has those', async (only, address) => {
  server.answering = (_, type) => (type === only ? [address.address] : []);
  expect(await resolveName(HOST, [server.address])).toEqual([address]);
});

test('a name that there is not is told so by its code', async () => {
  await expect(resolveName(HOST, [server.address])).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test('localhost is the system’s to know: no name server is asked', async () => {
  const addresses = await resolveName('localhost', [server.address]);
  for (const { address } of addresses) expect(['127.0.0.1', '::1']).toContain(address);
  expect(server.asked).toEqual([]);
});
