import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOT_SENT_RETRY, retryDelayMs } from '../../../src/messaging/leaving/retry-delay.js';

const { firstMs, capMs } = NOT_SENT_RETRY;
const attempts = fc.integer({ min: 1, max: 1_000_000 });
const jitter = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const retryAfter = fc.option(fc.integer({ min: 0, max: 3_600_000 }));

describe('the wait before a call that did not go is made again', () => {
  test('is between a quarter and half a minute at first', () => {
    expect(retryDelayMs(1, 0, null, NOT_SENT_RETRY)).toBe(15_000);
    expect(retryDelayMs(1, 0.999_999, null, NOT_SENT_RETRY)).toBe(30_000);
  });

  test.each([
    [2, 30_000, 60_000],
    [3, 60_000, 120_000],
    [4, 120_000, 240_000],
    [5, 240_000, 480_000],
    [6, 300_000, 600_000],
    [7, 300_000, 600_000],
    [5_000, 300_000, 600_000],
  ])('doubles up to ten minutes: after attempt %i it is from %i to %i ms', (made, least, most) => {
    expect(retryDelayMs(made, 0, null, NOT_SENT_RETRY)).toBe(least);
    expect(retryDelayMs(made, 0.999_999_9, null, NOT_SENT_RETRY)).toBe(most);
  });

  test('is what the provider asked for where that is longer', () => {
    expect(retryDelayMs(1, 0.5, 120_000, NOT_SENT_RETRY)).toBe(120_000);
    expect(retryDelayMs(9, 0, 3_600_000, NOT_SENT_RETRY)).toBe(3_600_000);
  });

  test('is not shortened by a provider that asks for less', () => {
    expect(retryDelayMs(1, 0, 0, NOT_SENT_RETRY)).toBe(15_000);
    expect(retryDelayMs(4, 0, 1_000, NOT_SENT_RETRY)).toBe(120_000);
  });

  test('is never before Retry-After, never below half the first wait, and above ten minutes only when asked', () => {
    fc.assert(
      fc.property(attempts, jitter, retryAfter, (made, chance, asked) => {
        const delay = retryDelayMs(made, chance, asked, NOT_SENT_RETRY);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(Math.max(firstMs / 2, asked ?? 0));
        expect(delay).toBeLessThanOrEqual(Math.max(capMs, asked ?? 0));
      }),
    );
  });

  test('never gets shorter with more attempts at the same chance', () => {
    fc.assert(
      fc.property(attempts, jitter, (made, chance) => {
        const [now, next] = [made, made + 1].map(count => retryDelayMs(count, chance, null, NOT_SENT_RETRY));
        expect(next).toBeGreaterThanOrEqual(now ?? Infinity);
      }),
    );
  });

  test('spreads: two different chances far enough apart give two different waits', () => {
    fc.assert(
      fc.property(attempts, fc.double({ min: 0, max: 0.9, noNaN: true }), (made, chance) => {
        expect(retryDelayMs(made, chance + 0.05, null, NOT_SENT_RETRY)).toBeGreaterThan(
          retryDelayMs(made, chance, null, NOT_SENT_RETRY),
        );
      }),
    );
  });
});
