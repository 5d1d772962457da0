import type { LookupFunction } from 'node:net';
import type { ResolvedAddress, ResolveName } from './resolve-name.js';

/** Our own guard says no. Its message may be told. */
export class NotLetOut extends Error {}

/**
 * A lookup for connections: resolves a name once, refuses where `check` refuses any of its addresses, and answers Node with
 * the very addresses that were checked, so that nothing is resolved twice. Node does not call it for IP literals.
 */
export function checkedLookup(resolve: ResolveName, check: (address: string) => void): LookupFunction {
  const addressesOf = async (hostname: string): Promise<readonly ResolvedAddress[]> => {
    const addresses = await resolve(hostname);
    for (const { address } of addresses) check(address);
    return addresses;
  };
  return (hostname, options, callback) => void tell(addressesOf(hostname), options.all === true, callback);
}

async function tell(
  resolving: Promise<readonly ResolvedAddress[]>,
  all: boolean,
  callback: Parameters<LookupFunction>[2],
): Promise<void> {
  try {
    const addresses = await resolving;
    const [first] = addresses;
    if (first === undefined) callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '');
    else if (all) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  } catch (error) {
    callback(error instanceof Error ? error : new Error('not resolved'), '');
  }
}
