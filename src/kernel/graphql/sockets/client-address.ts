import type { IncomingMessage } from 'node:http';
import { liesIn } from '../../cidr.js';

/**
 * Whose request it is, by the same rule as for every other one: who connects or, as long as that is a trusted proxy, who is
 * named last in X-Forwarded-For.
 */
export function clientAddress(
  {
    socket,
    headers,
  }: Pick<IncomingMessage, 'headers'> & { readonly socket: { readonly remoteAddress?: string | undefined } },
  trustedProxies: readonly string[],
): string {
  const named = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map(address => address.trim())
    .filter(address => address !== '');
  let address = socket.remoteAddress ?? '';
  while (trustedProxies.length > 0 && liesIn(address, trustedProxies)) {
    const before = named.pop();
    if (before === undefined) break;
    address = before;
  }
  return address;
}
