import { expect, test } from 'vitest';
import { retryAfterMs } from '../../../src/kernel/retry-after.js';

const DATE = 'Mon, 02 Mar 2026 09:00:00 GMT';

test.each([
  ['0', 0],
  ['30', 30_000],
  ['86400', 3_600_000],
  ['Mon, 02 Mar 2026 09:01:00 GMT', 60_000],
  ['Mon, 02 Mar 2026 08:00:00 GMT', 0],
  ['Tue, 03 Mar 2026 09:00:00 GMT', 3_600_000],
  ['-5', null],
  ['1.5', null],
  ['soon', null],
  ['', null],
])('Retry-After: %s waits %s ms', (value, wait) => {
  expect(retryAfterMs({ 'retry-after': value, date: DATE }, 3_600_000)).toBe(wait);
});

test('a date cannot be measured without the date of the answer', () => {
  expect(retryAfterMs({ 'retry-after': DATE }, 3_600_000)).toBeNull();
  expect(retryAfterMs({}, 3_600_000)).toBeNull();
});
