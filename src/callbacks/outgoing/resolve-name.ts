import { lookup, Resolver } from 'node:dns/promises';
import { isLocalName } from '../../kernel/index.js';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a name; rejects, or answers none, where it has none. */
export type ResolveName = (hostname: string) => Promise<readonly ResolvedAddress[]>;

const TRY_MS = 2_000;
const TRIES = 2;

/**
 * Asks DNS without the system's `lookup`: that one waits in libuv's threads, of which two serve all lookups of the process,
 * so that a tenant's silent name servers would keep every other tenant's calls waiting. Only local names, which nobody
 * outside can answer slowly, go to the system, since /etc/hosts knows them. `servers` is for tests.
 */
export async function resolveName(hostname: string, servers: readonly string[] = []): Promise<ResolvedAddress[]> {
  if (isLocalName(hostname)) return lookup(hostname, { all: true, order: 'verbatim' });
  const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
  if (servers.length > 0) resolver.setServers(servers);
  const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  if (four.status === 'rejected' && six.status === 'rejected') throw four.reason;
  return [...addressesOf(four, 4), ...addressesOf(six, 6)];
}

const addressesOf = (answer: PromiseSettledResult<string[]>, family: 4 | 6): ResolvedAddress[] =>
  answer.status === 'fulfilled' ? answer.value.map(address => ({ address, family })) : [];
