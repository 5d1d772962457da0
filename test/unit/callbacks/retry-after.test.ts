import { expect, test } from 'vitest';
import { retryAfterMs } from '../../../src/callbacks/outgoing/retry-after.js';

const DATE = 'Tue, 13 Jan 2026 10:00:00 GMT';

test.each([
  ['0', 0],
  ['120', 120_000],
  [' 7 ', 7_000],
  ['86401', 86_400_000],
  ['9'.repeat(400), 86_400_000],
  ['Tue, 13 Jan 2026 10:02:00 GMT', 120_000],
  ['Tue, 13 Jan 2026 09:00:00 GMT', 0],
  ['Tue, 13 Jan 2099 09:00:00 GMT', 86_400_000],
  ['', null],
  ['-5', null],
  ['1.5', null],
  ['soon', null],
])('Retry-After: %s', (value, expected) => {
  expect(retryAfterMs({ 'retry-after': value, date: DATE })).toBe(expected);
});

test('a date without the Date to measure it by says nothing, nor does no Retry-After', () => {
  expect(retryAfterMs({ 'retry-after': 'Tue, 13 Jan 2026 10:02:00 GMT' })).toBeNull();
  expect(retryAfterMs({ date: DATE })).toBeNull();
});
