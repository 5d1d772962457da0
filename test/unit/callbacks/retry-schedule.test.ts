import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryDelayMs } from '../../../src/callbacks/outgoing/retry-schedule.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const attempts = fc.integer({ min: 1, max: 9 });
const jitter = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the wait before a call is made again', () => {
  test.each([
    [1, 5 * SECOND],
    [2, 5 * MINUTE],
    [3, 30 * MINUTE],
    [4, 2 * HOUR],
    [5, 5 * HOUR],
    [6, 10 * HOUR],
    [7, 14 * HOUR],
    [8, 20 * HOUR],
    [9, 24 * HOUR],
  ])('after attempt %i is %i ms, a tenth more or less', (made, delay) => {
    expect(retryDelayMs(made, 0, null)).toBe(Math.round(delay * 0.9));
    expect(retryDelayMs(made, 0.5, null)).toBe(delay);
    expect(retryDelayMs(made, 0.999_999_999_9, null)).toBe(Math.round(delay * 1.1));
  });

  test('ends after the tenth attempt, whatever the receiver asks for', () => {
    expect(retryDelayMs(10, 0.5, null)).toBeNull();
    expect(retryDelayMs(10, 0.5, 1_000)).toBeNull();
    expect(retryDelayMs(11, 0, null)).toBeNull();
  });

  test('is never before Retry-After, and not shortened by it', () => {
    fc.assert(
      fc.property(attempts, jitter, fc.integer({ min: 0, max: 24 * HOUR }), (made, chance, asked) => {
        const own = retryDelayMs(made, chance, null) ?? 0;
        expect(retryDelayMs(made, chance, asked)).toBe(Math.max(own, asked));
        expect(Number.isInteger(own)).toBe(true);
      }),
    );
  });
});
