import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { SEND_POLICIES, sendPolicy, versionOn } from '../../../src/scheduling/send-policy.js';

// 1 March 2026 is a Sunday, so no window shows on which side of midnight the version changes.
test.each([
  ['2024-06-03', '22:00'],
  ['2026-02-28', '22:00'],
  ['2026-03-01', '21:30'],
  ['2030-01-07', '21:30'],
])('AF2M on %s closes at %s', (date, closes) => {
  expect(versionOn(sendPolicy('af2m'), Temporal.PlainDate.from(date)).closes).toBe(closes);
});

test.each(SEND_POLICIES)('the versions of %s begin with one for all time and follow in order of their dates', name => {
  const [first, ...later] = sendPolicy(name).versions.map(({ from }) => from);
  expect(first).toBeNull();
  const dates = later.map(String);
  expect(dates).toEqual(dates.toSorted());
  expect(dates).not.toContain('null');
});
