import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Price, PriceList } from '../../../src/billing/price-list.js';

const price = (prefix: string, amount: string): Price => ({
  route: 'PREMIUM',
  prefix,
  amount,
  currency: 'EUR',
  validFrom: new Date(0),
});

describe('the price list', () => {
  test('the longest prefix wins, in whatever order the prices come', () => {
    const prices = [price('33', '0.0450'), price('336', '0.0500'), price('33612', '0.0600'), price('', '0.1000')];
    for (const list of [new PriceList(prices), new PriceList(prices.toReversed())]) {
      expect(list.partPrice('+33712345678')).toBe('0.0450');
      expect(list.partPrice('+33698765432')).toBe('0.0500');
      expect(list.partPrice('+33612345678')).toBe('0.0600');
      expect(list.partPrice('+4915112345678')).toBe('0.1000');
    }
  });

  test('without a default for the rest of the world, a number elsewhere has no price', () => {
    const list = new PriceList([price('33', '0.0450')]);
    expect(list.partPrice('+4915112345678')).toBeNull();
    expect(list.partPrice('+3')).toBeNull();
    expect(new PriceList([]).partPrice('+33612345678')).toBeNull();
  });

  test('a whole number may have a price of its own', () => {
    const list = new PriceList([price('33', '0.0450'), price('33612345678', '0.0000')]);
    expect(list.partPrice('+33612345678')).toBe('0.0000');
    expect(list.partPrice('+33612345679')).toBe('0.0450');
  });

  test('it agrees with the plainest reading of its rule', () => {
    const prefixes = fc.uniqueArray(fc.stringMatching(/^[12]{0,4}$/), { maxLength: 12 });
    fc.assert(
      fc.property(prefixes, fc.stringMatching(/^[12]{5,8}$/), (given, digits) => {
        const list = new PriceList(given.map(prefix => price(prefix, `${prefix.length}.0000`)));
        const longest = given.filter(prefix => digits.startsWith(prefix)).toSorted((a, b) => b.length - a.length)[0];
        expect(list.partPrice(`+${digits}`)).toBe(longest === undefined ? null : `${longest.length}.0000`);
      }),
    );
  });
});
