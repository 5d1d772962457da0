import { InvalidArgument, isCidr } from '../kernel/index.js';

const LIMIT = 50;

/** Where a key may be used from: addresses and CIDRs, or null for anywhere. Throws InvalidArgument, which names the place. */
export function checkAllowedIps(allowedIps: readonly string[] | null): void {
  if (allowedIps === null) return;
  if (allowedIps.length === 0) {
    throw new InvalidArgument(
      'allowedIps',
      'must not be empty, which would lock the key out; leave it out for anywhere',
    );
  }
  if (allowedIps.length > LIMIT) throw new InvalidArgument('allowedIps', `must have at most ${LIMIT} entries`);
  const wrong = allowedIps.findIndex(entry => !isCidr(entry));
  if (wrong !== -1) {
    throw new InvalidArgument(
      `allowedIps[${wrong}]`,
      'must be an address or a CIDR, such as "192.0.2.7", "192.0.2.0/24" or "2001:db8::/32"',
    );
  }
}
