import { expect, test } from 'vitest';
import { inDigits, median, percentile } from '../../../bench/figures.js';
import { atLeast, atMost, overFloor, plain } from '../../../bench/result.js';
import { readSettings } from '../../../bench/settings.js';
import { tableOf } from '../../../bench/table.js';

test('the median of an even number of rounds lies between the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});

test('a percentile is a figure that was measured', () => {
  const figures = Array.from({ length: 200 }, (_, index) => index + 1);
  expect([percentile(figures, 0.99), percentile(figures, 0.5), percentile([7], 0.99)]).toEqual([198, 100, 7]);
});

test('figures are shown with three digits, large ones whole', () => {
  expect([0.012345, 1.5, 123.456, 12_345.6, Number.NaN].map(inDigits)).toEqual(['0.0123', '1.5', '123', '12,346', '–']);
});

test('a row is judged by the ratio of the medians, or by its own figure', () => {
  const measured = { what: 'sends', unit: '/s', rounds: [100, 300, 200] };
  const floor = { what: 'floor', unit: '/s', rounds: [90, 110, 100] };
  const slow = overFloor('fast-enough', { measured, floor }, atLeast(2));
  const large = plain('memory', { what: 'RSS', unit: 'MB', rounds: [301] }, atMost(300, ' MB'));
  expect([slow.ratio, slow.met, large.met]).toEqual([2, true, false]);
  expect(tableOf([slow, large])).toBe(
    [
      '| Row         | Measured               | Floor                 | Ratio | Aim      | Met |',
      '| ----------- | ---------------------- | --------------------- | ----- | -------- | --- |',
      '| fast-enough | sends 200 (100–300) /s | floor 100 (90–110) /s | 2     | ≥ 2      | yes |',
      '| memory      | RSS 301 MB             |                       |       | ≤ 300 MB | no  |',
    ].join('\n'),
  );
});

test('an argument or a row that is not known is refused with those that are', () => {
  expect(readSettings(['--quick', '--only', 'start', '--only', 'memory', '--cpu-prof'], ['start', 'memory'])).toEqual({
    quick: true,
    only: ['start', 'memory'],
    cpuProf: true,
  });
  expect(() => readSettings(['--only', 'stop'], ['start'])).toThrow(/"stop" is not known.*\n.*Rows: start/s);
  expect(() => readSettings(['--only'], ['start'])).toThrow('--only needs the name of a row');
});
