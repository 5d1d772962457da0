import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spacingOf } from '../../../src/messaging/leaving/provider-rate.js';

const SECOND = 1_000;
const MINUTE = 60_000;
/** How late for its slot a call may be. */
const LATE_MS = 20;
/** From here on a second holds enough calls to be judged by itself; below, the minute counts. */
const BY_THE_SECOND = 240;

const perMinute = fc.integer({ min: 1, max: 1_000_000 });
const lateness = fc.double({ min: 0, max: LATE_MS, noNaN: true });

/** The most of these instants, in order, that a span sliding over them ever holds; it holds its begin and not its end. */
function mostWithin(instants: readonly number[], spanMs: number): number {
  let most = 0;
  let begin = 0;
  for (const [index, instant] of instants.entries()) {
    while (instant - (instants[begin] ?? instant) >= spanMs) begin += 1;
    most = Math.max(most, index - begin + 1);
  }
  return most;
}

/** When calls start: each at its slot or a little later, as the list says, over and over. */
const startsOf = (count: number, limit: number, late: readonly number[]): number[] =>
  Array.from({ length: count }, (_, slot) => slot * spacingOf(limit) + (late[slot % late.length] ?? 0)).toSorted(
    (a, b) => a - b,
  );

describe('the time between two calls', () => {
  test('is nothing where there is no limit', () => {
    expect(spacingOf(0)).toBe(0);
  });

  test("for the provider's 2,000 a minute is 32 ms: 33 a second at most", () => {
    expect(spacingOf(2_000)).toBeCloseTo(31.875, 3);
    expect(mostWithin(startsOf(200, 2_000, [0]), SECOND)).toBeLessThanOrEqual(33);
  });

  test('is finite and positive for every limit, and shorter for a higher one', () => {
    fc.assert(
      fc.property(perMinute, perMinute, (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(spacingOf(low)).toBeGreaterThan(0);
        expect(Number.isFinite(spacingOf(low))).toBe(true);
        // Where the second begins to count, at four a second, it is stricter than the minute.
        if (low >= BY_THE_SECOND || high < BY_THE_SECOND) {
          expect(spacingOf(high)).toBeLessThanOrEqual(spacingOf(low));
        }
      }),
    );
  });

  test('lets no second that slides over them hold more than the limit, each call up to 20 ms late', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: BY_THE_SECOND, max: 20_000 }),
        fc.array(lateness, { minLength: 1, maxLength: 40 }),
        (limit, late) => {
          const perSecond = Math.floor(limit / 60);
          expect(mostWithin(startsOf(perSecond * 3 + 3, limit, late), SECOND)).toBeLessThanOrEqual(perSecond);
        },
      ),
    );
  });

  test('nor the worst one: the first call 20 ms late, all others in time', () => {
    fc.assert(
      fc.property(fc.integer({ min: BY_THE_SECOND, max: 1_000_000 }), limit => {
        const perSecond = Math.floor(limit / 60);
        const spacing = spacingOf(limit);
        expect(Math.floor((SECOND - 1e-6 + LATE_MS) / spacing) + 1).toBeLessThanOrEqual(perSecond);
      }),
    );
  });

  test('lets no minute that slides over them hold more than the limit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6_000 }),
        fc.array(lateness, { minLength: 1, maxLength: 40 }),
        (limit, late) => {
          expect(mostWithin(startsOf(limit * 2 + 5, limit, late), MINUTE)).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });

  test('wastes little: over a minute at least nine tenths of a limit of 2,000 are used', () => {
    expect(MINUTE / spacingOf(2_000)).toBeGreaterThan(1_800);
  });
});
