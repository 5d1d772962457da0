import { expect, test } from 'vitest';
import { clientAddress } from '../../../src/kernel/graphql/sockets/client-address.js';

const of = (remoteAddress: string, forwarded?: string) => ({
  socket: { remoteAddress },
  headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
});

test.for([
  ['who connects, where no proxy is trusted', of('203.0.113.7', '198.51.100.1'), [], '203.0.113.7'],
  ['who the trusted proxy names', of('10.0.0.1', '198.51.100.1'), ['10.0.0.0/8'], '198.51.100.1'],
  [
    'the last that is no trusted proxy',
    of('10.0.0.1', '192.0.2.9, 198.51.100.1, 10.0.0.2'),
    ['10.0.0.0/8'],
    '198.51.100.1',
  ],
  ['the proxy itself, where it names nobody', of('10.0.0.1'), ['10.0.0.0/8'], '10.0.0.1'],
  ['who connects, where that is no trusted proxy', of('203.0.113.7', '10.0.0.2'), ['10.0.0.0/8'], '203.0.113.7'],
] as const)('an address is %s', ([, request, trusted, address]) => {
  expect(clientAddress(request, trusted)).toBe(address);
});
