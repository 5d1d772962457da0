import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { liesIn } from './cidr.js';

const LONGEST_URL = 2_048;
const HTTP = /^https?:\/\/[^/\\?#]/i;
/** All that IANA has given out for use between networks. ipaddr.js takes what lies elsewhere, ::127.0.0.1 for one, for unicast. */
const GLOBAL_V6 = ['2000::/3'];
/** RFC 6052: an IPv4 address as networks with IPv6 alone spell it (DNS64). What counts is the address inside. */
const NAT64 = ['64:ff9b::/96'];
/** Azure's metadata and DNS: a public address in no special range, which answers its own machines alone. */
const METADATA = ['168.63.129.16'];
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal)$/;

/**
 * Whether an IP address may be called on a tenant's behalf: a public one, or one in `allow` (CIDRs). Everything special is
 * inside: private, loopback, link-local with clouds' metadata, shared, documentation, multicast, reserved, tunnels. What is
 * no plain address, a zone included, is inside too.
 */
export function isOutside(spelling: string, allow: readonly string[]): boolean {
  if (isIP(spelling) === 0 || spelling.includes('%')) return false;
  const address = plain(spelling);
  if (liesIn(address, allow)) return true;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.range() === 'unicast' && !liesIn(address, METADATA);
  if (liesIn(address, NAT64)) return isOutside(parsed.toByteArray().slice(-4).join('.'), allow);
  return parsed.range() === 'unicast' && liesIn(address, GLOBAL_V6);
}

/** In hexadecimal: ipaddr.js would read ::8.8.8.8, which is no IPv4 address, as the mapped ::ffff:8.8.8.8. */
const plain = (address: string): string =>
  isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;

export interface UrlRules {
  /** CIDRs that may be called although they are inside; any port, and http. */
  readonly allow: readonly string[];
  readonly httpsOnly: boolean;
}

/**
 * What keeps a tenant's URL from being called, to follow the name of an input ("must be …"); null: nothing that can be told
 * without asking DNS, and the rest is told at each connection. Never repeats the URL, whose query may hold a secret.
 */
export function problemOfUrl(url: string, rules: UrlRules): string | null {
  if (url.length > LONGEST_URL) return 'must be a URL of at most 2,048 characters';
  const parsed = readUrl(url);
  if (parsed === null) return 'must be an http or https URL such as https://www.example.com/sms?key=1';
  if (parsed.username !== '' || parsed.password !== '')
    return 'must be a URL without user name and password; a secret can go into its path or query';
  const address = addressIn(parsed);
  if (address !== null && liesIn(address, rules.allow)) return null;
  if (address === null && isLocalName(parsed.hostname)) return rules.allow.length > 0 ? null : INSIDE;
  if (address !== null && !isOutside(address, rules.allow)) return INSIDE;
  if (rules.httpsOnly && parsed.protocol !== 'https:') return 'must be an https URL';
  return hasUsualPort(parsed) ? null : 'must be a URL with port 80, 443 or one from 1024 up';
}

const INSIDE = 'must be a URL of a public host: private, local and reserved addresses are not called';

/** By the WHATWG parser, which also makes the connection; null: no http, or with control characters, which it would drop. */
export function readUrl(url: string): URL | null {
  return HTTP.test(url) && !/\p{Cc}/u.test(url) ? URL.parse(url) : null;
}

/** The IP address that a URL names instead of a host. The parser has brought 0x7f.1, 2130706433 and the like into the plain form. */
export function addressIn({ hostname }: URL): string | null {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 ? null : bare;
}

/** Ports below 1024 belong to other protocols, which HTTP must not be made to speak to. */
export function hasUsualPort({ port }: URL): boolean {
  return port === '' || port === '80' || port === '443' || Number(port) >= 1_024;
}

/** A name that means something in its own network alone. */
export function isLocalName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  return !name.includes('.') || LOCAL_NAME.test(name);
}
