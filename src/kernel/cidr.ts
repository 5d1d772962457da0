import ipaddr from 'ipaddr.js';
import { isIP } from 'node:net';

type Range = readonly [address: ipaddr.IPv4 | ipaddr.IPv6, length: number];

const MAPPED_BITS = 96;

/** "10.0.0.0/8", "2001:db8::/32", or a bare address, which stands for itself alone. */
export const isCidr = (value: string): boolean => rangeOf(value) !== null;

/** Whether an address lies in any of the ranges; IPv4 written as IPv6 (::ffff:10.0.0.1) is IPv4. What is no address lies nowhere. */
export function liesIn(address: string, cidrs: readonly string[]): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.process(address);
  return cidrs.some(cidr => {
    const range = rangeOf(cidr);
    return range !== null && parsed.kind() === range[0].kind() && parsed.match([...range]);
  });
}

const GROUP_BYTES = 8;

/**
 * Who an address stands for where something is counted by address: IPv4 itself, IPv6 its /64, since whoever has one address
 * of a /64 has them all. What is no address stands for itself.
 */
export function addressGroup(address: string): string {
  const bare = address.replace(/%.*$/, '');
  if (isIP(bare) === 0) return address;
  const parsed = ipaddr.process(bare);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const network = [
    ...parsed.toByteArray().slice(0, GROUP_BYTES),
    ...Array.from<number>({ length: GROUP_BYTES }).fill(0),
  ];
  return `${ipaddr.fromByteArray(network).toString()}/64`;
}

/** Whole addresses only: ipaddr.js would read "10/8" as 0.0.0.10/8 and "010.0.0.1" as octal. */
function rangeOf(value: string): Range | null {
  const [, written = '', bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
  if (isIP(written) === 0) return null;
  const address = ipaddr.process(written);
  const mapped = address.kind() === 'ipv4' && isIP(written) === 6;
  const most = address.kind() === 'ipv4' ? 32 : 128;
  const length = bits === undefined ? most : Number(bits) - (mapped ? MAPPED_BITS : 0);
  return length >= 0 && length <= most ? [address, length] : null;
}
