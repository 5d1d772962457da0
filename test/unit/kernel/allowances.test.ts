import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressGroup, Allowances } from '../../../src/kernel/index.js';

const START = new Date('2026-01-06T09:00:00Z').getTime();
const after = (ms: number): Date => new Date(START + ms);
const take = (allowances: Allowances, times: number, ms = 0): number[] =>
  Array.from({ length: times }, () => allowances.take('x', after(ms)));

describe('an allowance', () => {
  test('is the burst at once, then one by one in time, and says how long to wait', () => {
    const allowances = new Allowances({ perSecond: 10, burst: 3 });
    expect(take(allowances, 5)).toEqual([0, 0, 0, 100, 100]);
    expect(allowances.take('x', after(40))).toBe(60);
    expect(take(allowances, 2, 100)).toEqual([0, 100]);
    expect(take(allowances, 4, 60_000)).toEqual([0, 0, 0, 100]);
  });

  test('of one name leaves the others alone', () => {
    const allowances = new Allowances({ perSecond: 1, burst: 1 });
    expect([allowances.take('a', after(0)), allowances.take('b', after(0)), allowances.take('a', after(0))]).toEqual([
      0, 0, 1_000,
    ]);
  });

  test('that was given back may be taken again, and never adds up to more than the burst', () => {
    const allowances = new Allowances({ perSecond: 1, burst: 2 });
    expect(take(allowances, 2)).toEqual([0, 0]);
    allowances.giveBack('x', after(0));
    expect(take(allowances, 2)).toEqual([0, 1_000]);
    for (let time = 0; time < 10; time += 1) allowances.giveBack('x', after(0));
    expect(take(allowances, 3)).toEqual([0, 0, 1_000]);
  });

  test('of nobody is limited where the rate is 0', () => {
    const allowances = new Allowances({ perSecond: 0, burst: 0 });
    expect(new Set(take(allowances, 1_000))).toEqual(new Set([0]));
    expect(allowances.size).toBe(0);
  });

  test('locks nobody out where the clock goes back by an hour', () => {
    const allowances = new Allowances({ perSecond: 10, burst: 2 });
    take(allowances, 3, 3_600_000);
    expect(take(allowances, 3)).toEqual([0, 0, 100]);
    expect(allowances.take('x', after(100))).toBe(0);
  });

  test('is remembered for so many names and no more, whoever has not come for longest is forgotten', () => {
    const allowances = new Allowances({ perSecond: 1, burst: 1 }, 100);
    for (let name = 0; name < 5_000; name += 1) allowances.take(`name ${name}`, after(0));
    expect(allowances.size).toBe(100);
    expect(allowances.take('name 4999', after(0))).toBe(1_000);
    expect(allowances.take('name 0', after(0))).toBe(0);
  });

  test('is never exceeded, whenever one asks: in any span no more than the burst and the rate over it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 }), pauses => {
        const allowances = new Allowances({ perSecond: 10, burst: 5 });
        const taken: number[] = [];
        let now = 0;
        for (const pause of pauses) {
          now += pause;
          if (allowances.take('x', after(now)) === 0) taken.push(now);
        }
        for (const [first, from] of taken.entries())
          for (const [last, to] of taken.entries())
            if (last >= first) expect(last - first + 1).toBeLessThanOrEqual(5 + (to - from) / 100 + 1e-6);
      }),
      { numRuns: 100, seed: 7 },
    );
  });
});

describe('whom an address stands for', () => {
  test.for([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::ffff', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['unix:', 'unix:'],
  ] as const)('%s: %s', ([address, group]) => {
    expect(addressGroup(address)).toBe(group);
  });
});
