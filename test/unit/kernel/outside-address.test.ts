import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { isOutside, problemOfUrl } from '../../../src/kernel/index.js';

/** Every range that is no ordinary public one: IANA's two special-purpose registries, multicast, what was never given out. */
const SPECIAL = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '255.255.255.255/32',
  '168.63.129.16/32',
  '::/8',
  '100::/64',
  '100:0:0:1::/64',
  '64:ff9b:1::/48',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
  '4000::/3',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

const PUBLIC = ['8.8.8.8', '1.1.1.1', '93.184.215.14', '172.15.255.255', '172.32.0.0', '100.128.0.1', '168.63.129.17'];
const PUBLIC_V6 = ['2606:4700:4700::1111', '2a00:1450:4007:80e::200e', '2001:4860:4860::8888'];

const bytesOf = (address: string): number[] => ipaddr.parse(address).toByteArray();
const textOf = (bytes: readonly number[]): string => ipaddr.fromByteArray([...bytes]).toString();

/** An address of the range, its free bits as given. */
function within(cidr: string, noise: Uint8Array): string {
  const [network, bits] = ipaddr.parseCIDR(cidr);
  return textOf(
    network.toByteArray().map((byte, index) => {
      const fixed = Math.min(8, Math.max(0, bits - index * 8));
      return byte | ((noise[index] ?? 0) & (0xff >> fixed));
    }),
  );
}

const noise = fc.uint8Array({ minLength: 16, maxLength: 16 });
const special = fc.tuple(fc.constantFrom(...SPECIAL), noise).map(([cidr, bits]) => within(cidr, bits));
const isMapped = (address: string): boolean => /^(::ffff:|64:ff9b::)/.test(address);

/** The ways in which IPv6 wraps an IPv4 address. */
function wrappings(v4: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = bytesOf(v4);
  const high = ((a << 8) | b).toString(16);
  const low = ((c << 8) | d).toString(16);
  const flipped = `${(((a << 8) | b) ^ 0xffff).toString(16)}:${(((c << 8) | d) ^ 0xffff).toString(16)}`;
  return [
    `::ffff:${v4}`,
    `::ffff:${high}:${low}`,
    `0:0:0:0:0:FFFF:${high}:${low}`,
    `::${v4}`,
    `::ffff:0:${v4}`,
    `64:ff9b::${v4}`,
    `64:ff9b:1::${v4}`,
    `2002:${high}:${low}::1`,
    `2001:0:4136:e378:8000:63bf:${flipped}`,
  ];
}

describe('an address is outside', () => {
  test.each([...PUBLIC, ...PUBLIC_V6])('where it is public: %s', address => {
    expect(isOutside(address, [])).toBe(true);
  });

  test.each(PUBLIC)('as IPv6 spells it, mapped or by NAT64: %s', address => {
    expect(isOutside(`::ffff:${address}`, [])).toBe(true);
    expect(isOutside(`64:ff9b::${address}`, [])).toBe(true);
  });

  test('in ranges that are allowed, and in no others', () => {
    const allow = ['127.0.0.0/8', 'fd00::/8', '10.1.2.3'];
    for (const address of ['127.0.0.1', '::ffff:127.1.2.3', '64:ff9b::127.0.0.1', 'fd00:ec2::254', '10.1.2.3']) {
      expect([address, isOutside(address, allow)]).toEqual([address, true]);
    }
    for (const address of ['::1', '10.1.2.4', '169.254.169.254', 'fc00::1']) {
      expect([address, isOutside(address, allow)]).toEqual([address, false]);
    }
  });
});

describe('an address is inside', () => {
  test.each(SPECIAL)('in %s: its first, its last', cidr => {
    const [none, all] = [0, 0xff].map(byte => within(cidr, new Uint8Array(16).fill(byte)));
    expect([isOutside(none ?? '', []), isOutside(all ?? '', [])]).toEqual([false, false]);
  });

  test.each([
    ['AWS, GCP, Azure, OpenStack', '169.254.169.254'],
    ['ECS', '169.254.170.2'],
    ['AWS over IPv6', 'fd00:ec2::254'],
    ['GCP over IPv6', 'fd20:ce::254'],
    ['Alibaba', '100.100.100.200'],
    ['Oracle', '192.0.0.192'],
    ["Azure's wire server", '168.63.129.16'],
  ])('where clouds keep their metadata: %s', (_, address) => {
    expect(isOutside(address, [])).toBe(false);
  });

  test.each(['', 'localhost', '127.1', '0x7f.0.0.1', '2130706433', '0177.0.0.1', '8.8.8', '8.8.8.8/32', ' 8.8.8.8'])(
    'where it is no plain address: "%s"',
    address => {
      expect(isOutside(address, [])).toBe(false);
    },
  );

  test.each(['fe80::1%eth0', '2606:4700:4700::1111%1'])('with a zone: %s', address => {
    expect(isOutside(address, ['::/0'])).toBe(false);
  });

  test('anywhere in any special range', () => {
    fc.assert(
      fc.property(special, address => {
        expect(isMapped(address) || !isOutside(address, [])).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  test('however IPv6 wraps it', () => {
    const v4 = fc
      .tuple(fc.constantFrom(...SPECIAL.filter(cidr => !cidr.includes(':'))), noise)
      .map(([cidr, bits]) => within(cidr, bits));
    fc.assert(
      fc.property(v4, address => {
        for (const wrapped of wrappings(address)) expect([wrapped, isOutside(wrapped, [])]).toEqual([wrapped, false]);
      }),
    );
  });

  test('a public one too, in a tunnel that need not lead where it says', () => {
    const tunnels = wrappings('8.8.8.8').slice(3);
    const through = tunnels.filter(address => isOutside(address, []));
    expect(through).toEqual(['64:ff9b::8.8.8.8']);
  });
});

const NONE = { allow: [], httpsOnly: false };
const HERE = { allow: ['127.0.0.0/8', '::1'], httpsOnly: true };
const INSIDE = 'must be a URL of a public host: private, local and reserved addresses are not called';
const NO_URL = 'must be an http or https URL such as https://www.example.com/sms?key=1';
const CREDENTIALS = 'must be a URL without user name and password; a secret can go into its path or query';
const PORT = 'must be a URL with port 80, 443 or one from 1024 up';

describe('a URL', () => {
  test.each([
    'https://www.example.com',
    'http://example.com/dlr.php?token=a%20b&x=é',
    'HTTPS://EXAMPLE.COM/',
    'https://example.com:443/',
    'http://example.com:80/',
    'https://example.com:1024/',
    'https://example.com:65535/',
    'https://bücher.example/ici',
    'https://example.com./',
    'http://8.8.8.8/',
    'http://[2606:4700:4700::1111]:8080/',
    'https://example.com/@user:password',
    `https://example.com/${'a'.repeat(2_028)}`,
  ])('is fine: %s', url => {
    expect(problemOfUrl(url, NONE)).toBeNull();
  });

  test.each([
    '',
    ' ',
    'example.com/sms',
    '/sms',
    '//example.com/sms',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://example.com:70/_x',
    'javascript:alert(1)',
    'data:text/plain,x',
    'http:example.com',
    'http:/example.com',
    'http://',
    'http:///example.com',
    'http://?x',
    'https://exa mple.com/',
    'https://[::1/',
    'https://1.2.3.4.5/',
    'https://256.1.1.1/',
    'https://example.com:99999/',
    'https://example.com/\r\nHost: x',
    'https://example.com/\u0000',
    'ht\ntps://example.com/',
  ])('is none that can be called: %j', url => {
    expect(problemOfUrl(url, NONE)).toBe(NO_URL);
  });

  test.each(['https://user:secret@example.com/', 'https://user@example.com/', 'https://:secret@example.com/'])(
    'carries no user name or password: %s',
    url => {
      expect(problemOfUrl(url, NONE)).toBe(CREDENTIALS);
      expect(problemOfUrl(url.replace('example.com', '127.0.0.1'), HERE)).toBe(CREDENTIALS);
    },
  );

  test.each([0, 1, 22, 25, 79, 81, 444, 465, 1_023])('uses no port of another protocol: %i', port => {
    expect(problemOfUrl(`https://example.com:${port}/`, NONE)).toBe(PORT);
    expect(problemOfUrl(`https://example.com:${port}/`, HERE)).toBe(PORT);
    expect(problemOfUrl(`https://127.0.0.1:${port}/`, HERE)).toBeNull();
  });

  test('is at most 2,048 characters long', () => {
    expect(problemOfUrl(`https://example.com/${'a'.repeat(2_029)}`, NONE)).toBe(
      'must be a URL of at most 2,048 characters',
    );
  });

  test.each([
    '127.0.0.1',
    '127.1',
    '127.0.0.1.',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '017700000001',
    '%31%32%37.0.0.1',
    '１２７.０.０.１',
    '①②⑦.⓪.⓪.①',
    '0',
    '0.0.0.0',
    '10.0.0.1',
    '0xa9fea9fe',
    '169.254.169.254',
    '[::]',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::169.254.169.254]',
    '[2002:7f00:1::]',
    '[fe80::1]',
    '[fd00:ec2::254]',
    'localhost',
    'LOCALHOST',
    'localhost.',
    'my.localhost',
    'printer.local',
    'db.internal',
    'metadata.google.internal',
    'metadata.google.internal.',
    'intranet',
    'intranet.',
  ])('does not lead inside: http://%s/', host => {
    expect(problemOfUrl(`http://${host}/`, NONE)).toBe(INSIDE);
    expect(problemOfUrl(`https://${host}:8443/x?y`, NONE)).toBe(INSIDE);
  });

  test('is https where that is asked for', () => {
    expect(problemOfUrl('http://example.com/', { allow: [], httpsOnly: true })).toBe('must be an https URL');
    expect(problemOfUrl('https://example.com/', { allow: [], httpsOnly: true })).toBeNull();
  });

  test.each([
    'http://127.0.0.1:81/',
    'http://0x7f.1:22/',
    'http://[::1]/',
    'http://localhost:81/',
    'http://receiver:9/',
  ])('may lead to what is allowed, by any port and without TLS; names are left to the connection: %s', url => {
    expect(problemOfUrl(url, HERE)).toBeNull();
  });

  test.each(['http://10.0.0.1/', 'https://[fd00::1]/'])('does not lead to what is inside and not allowed: %s', url => {
    expect(problemOfUrl(url, HERE)).toBe(INSIDE);
  });

  test('is never repeated in what is said of it', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), fc.boolean(), (url, httpsOnly) => {
        const problem = problemOfUrl(url, { allow: [], httpsOnly });
        expect(problem ?? '').not.toContain(new URL(url).hostname);
      }),
    );
  });
});
