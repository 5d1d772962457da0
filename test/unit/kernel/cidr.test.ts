import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { isCidr, liesIn } from '../../../src/kernel/index.js';

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();

describe('isCidr', () => {
  test.each([
    '192.0.2.7',
    '0.0.0.0/0',
    '10.0.0.0/8',
    '10.1.2.3/8',
    '192.0.2.7/32',
    '::1',
    '::/0',
    '2001:db8::/32',
    '2001:DB8::7/128',
    '::ffff:192.0.2.7',
  ])('%s is one', value => {
    expect(isCidr(value)).toBe(true);
  });

  test.each([
    '',
    ' ',
    '/',
    '/8',
    'anywhere',
    'localhost',
    'sms.example',
    '*',
    '10.0.0.*',
    '10.0.0.256',
    '10.0.0.1.2',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8.5',
    '10.0.0.0/eight',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '10.0.0.1-10.0.0.9',
    '10.0.0.1,10.0.0.2',
    '10.0.0.1 10.0.0.2',
    '192.0.2.7:443',
    'http://192.0.2.7',
    '[::1]',
    '::/129',
    '2001:db8:::1',
    '2001:db8::1::2',
    '2001:db8::g',
  ])('"%s" is none', value => {
    expect(isCidr(value)).toBe(false);
  });
});

describe('liesIn', () => {
  test.each([
    ['10.255.255.255', '10.0.0.0/8'],
    ['10.0.0.0', '10.255.0.1/8'],
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7', '192.0.2.6/31'],
    ['203.0.113.9', '0.0.0.0/0'],
    ['2001:db8:ffff::1', '2001:db8::/32'],
    ['2001:db8::1', '2001:0DB8:0:0::1'],
    ['::1', '::/0'],
    ['::ffff:10.0.0.1', '10.0.0.0/8'],
    ['::ffff:a00:1', '10.0.0.0/8'],
    ['10.0.0.1', '::ffff:10.0.0.1'],
  ])('%s lies in %s', (address, cidr) => {
    expect(liesIn(address, [cidr])).toBe(true);
  });

  test.each([
    ['11.0.0.0', '10.0.0.0/8'],
    ['9.255.255.255', '10.0.0.0/8'],
    ['192.0.2.8', '192.0.2.7'],
    ['192.0.2.8', '192.0.2.6/31'],
    ['2001:db9::1', '2001:db8::/32'],
    ['::2', '::1'],
    ['::1', '127.0.0.1'],
    ['::1', '0.0.0.0/0'],
    ['10.0.0.1', '::/0'],
    ['::ffff:10.0.0.1', '::/0'],
    ['::ffff:11.0.0.1', '10.0.0.0/8'],
  ])('%s does not lie in %s', (address, cidr) => {
    expect(liesIn(address, [cidr])).toBe(false);
  });

  test('one range of several is enough, and none is not', () => {
    expect(liesIn('192.0.2.7', ['2001:db8::/32', '10.0.0.0/8', '192.0.2.0/24'])).toBe(true);
    expect(liesIn('192.0.2.7', ['2001:db8::/32', '10.0.0.0/8'])).toBe(false);
    expect(liesIn('192.0.2.7', [])).toBe(false);
  });

  test('what is no address lies nowhere, and what is no range holds nothing', () => {
    for (const address of ['', 'localhost', '10.0.0.0/8', '10.0.0.256', '10.0.0.1:80', '10.0.0.1, 10.0.0.2', '[::1]'])
      expect([address, liesIn(address, ['0.0.0.0/0', '::/0'])]).toEqual([address, false]);
    expect(liesIn('10.0.0.1', ['', 'localhost', '10.0.0.1/', '10.0.0.1/33', '10.0.0.*'])).toBe(false);
    expect(liesIn('10.0.0.1', ['nonsense', '10.0.0.0/8'])).toBe(true);
  });

  test('an address always lies in its own /32 or /128, by itself, and in the whole of its kind', () => {
    fc.assert(
      fc.property(ipv4, address => {
        for (const cidr of [address, `${address}/32`, '0.0.0.0/0']) expect(liesIn(address, [cidr])).toBe(true);
        expect(liesIn(`::ffff:${address}`, [`${address}/32`])).toBe(true);
      }),
    );
    fc.assert(
      fc.property(ipv6, address => {
        expect(liesIn(address, [address])).toBe(true);
        // ::ffff:192.0.2.7 and the obsolete ::192.0.2.7 are IPv4 written as IPv6.
        if (ipaddr.process(address).kind() === 'ipv4') return;
        for (const cidr of [`${address}/128`, '::/0']) expect(liesIn(address, [cidr])).toBe(true);
      }),
    );
  });

  test('two addresses share a /n exactly where their first n bits are the same', () => {
    const bits = fc.integer({ min: 0, max: 0xffff_ffff });
    fc.assert(
      fc.property(bits, bits, fc.integer({ min: 0, max: 32 }), (one, other, length) => {
        const same = Math.floor(one / 2 ** (32 - length)) === Math.floor(other / 2 ** (32 - length));
        expect(liesIn(dotted(one), [`${dotted(other)}/${length}`])).toBe(same);
      }),
    );
  });
});

const dotted = (bits: number): string => [24, 16, 8, 0].map(shift => (bits >>> shift) & 0xff).join('.');
