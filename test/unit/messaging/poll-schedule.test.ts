import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextPollAt, SILENCE_MS } from '../../../src/messaging/leaving/poll-schedule.js';

const SENT = new Date('2026-01-13T10:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const after = (ms: number): Date => new Date(SENT.getTime() + ms);
const nextAfter = (ms: number): number => nextPollAt(SENT, after(ms)).getTime() - SENT.getTime();

describe('the next look for a receipt', () => {
  test.each([
    [0, 30 * MINUTE],
    [30 * MINUTE - 1, 30 * MINUTE],
    [30 * MINUTE, 2 * HOUR],
    [2 * HOUR, 6 * HOUR],
    [6 * HOUR, 12 * HOUR],
    [12 * HOUR, 24 * HOUR],
    [24 * HOUR, 36 * HOUR],
    [36 * HOUR, 48 * HOUR],
    [48 * HOUR - 1, 48 * HOUR],
  ])('%i ms after it was sent is %i ms after it was sent', (elapsed, next) => {
    expect(nextAfter(elapsed)).toBe(next);
  });

  test('is at the end of the silence where that is over, and before the sending by a clock that went back, the first', () => {
    expect(SILENCE_MS).toBe(48 * HOUR);
    expect(nextAfter(100 * HOUR)).toBe(SILENCE_MS);
    expect(nextAfter(-HOUR)).toBe(30 * MINUTE);
  });

  test('is always later than now until the silence ends, never beyond its end, and never goes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: SILENCE_MS - 1 }), fc.integer({ min: 0, max: HOUR }), (elapsed, more) => {
        const next = nextAfter(elapsed);
        expect(next).toBeGreaterThan(elapsed);
        expect(next).toBeLessThanOrEqual(SILENCE_MS);
        expect(nextAfter(Math.min(elapsed + more, SILENCE_MS - 1))).toBeGreaterThanOrEqual(next);
      }),
    );
  });

  test('followed from one to the next asks seven times in all, however late each look is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 * MINUTE }), { minLength: 7, maxLength: 7 }), delays => {
        let looks = 0;
        let at = 0;
        for (const delay of delays) {
          if (at >= SILENCE_MS) break;
          at = nextAfter(at) + delay;
          looks += 1;
        }
        expect(looks).toBe(7);
        expect(at).toBeGreaterThanOrEqual(SILENCE_MS);
      }),
    );
  });
});
