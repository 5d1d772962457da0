import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDecimal, isDecimal, parseDecimal } from '../../../src/kernel/decimal.js';

/** All that numeric(14,4) holds, in ten-thousandths. */
const units = fc.bigInt({ min: -99_999_999_999_999n, max: 99_999_999_999_999n });

describe('money', () => {
  test('is the same after it was written and read again, to the last ten-thousandth', () => {
    fc.assert(
      fc.property(units, amount => {
        expect(parseDecimal(formatDecimal(amount))).toBe(amount);
      }),
    );
  });

  test('is written with four places, as the database writes it', () => {
    fc.assert(
      fc.property(units, amount => {
        expect(formatDecimal(amount)).toMatch(/^-?(0|[1-9]\d{0,9})\.\d{4}$/);
      }),
    );
  });

  test('means the same with fewer places', () => {
    const written = fc.tuple(fc.integer({ min: 0, max: 9_999_999_999 }), fc.stringMatching(/^\d{1,4}$/));
    fc.assert(
      fc.property(written, ([whole, fraction]) => {
        expect(formatDecimal(parseDecimal(`${whole}.${fraction}`))).toBe(`${whole}.${fraction.padEnd(4, '0')}`);
      }),
    );
  });

  test('adds up exactly, where floats do not', () => {
    expect(formatDecimal(parseDecimal('0.1') + parseDecimal('0.2'))).toBe('0.3000');
    expect(formatDecimal(parseDecimal('0.0380') * 3n)).toBe('0.1140');
  });

  test('keeps its sign between zero and one', () => {
    expect(formatDecimal(-450n)).toBe('-0.0450');
    expect(parseDecimal('-0.045')).toBe(-450n);
    expect(formatDecimal(parseDecimal('-0'))).toBe('0.0000');
  });

  test.for([
    '',
    '.',
    '1.',
    '.5',
    '+1',
    ' 1',
    '1 ',
    '1\n',
    '1,5',
    '1e3',
    '0x10',
    'NaN',
    '--1',
    '1.00001',
    '12345678901',
  ])('%j is no amount of money', text => {
    expect(isDecimal(text)).toBe(false);
    expect(() => parseDecimal(text)).toThrow(RangeError);
  });

  test('digits of other scripts are no amount of money', () => {
    expect(isDecimal('١')).toBe(false);
    expect(isDecimal('\uff11')).toBe(false);
  });
});
