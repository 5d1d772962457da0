import { describe, expect, test } from 'vitest';
import { AtHand } from '../../../src/kernel/index.js';
import { TestClock } from '../../support/test-clock.js';

const OPEN = '2026-01-06T09:00:00Z';

/** Counts the looks, and finds their number. */
function counting(): {
  readonly clock: TestClock;
  readonly find: (name?: string) => Promise<number | null>;
  looks: number;
  readonly atHand: AtHand<number>;
} {
  const clock = new TestClock(OPEN);
  const atHand = new AtHand<number>(clock);
  const counted = {
    clock,
    atHand,
    looks: 0,
    find: (name = 'x') =>
      atHand.find(name, () => {
        counted.looks += 1;
        return Promise.resolve(counted.looks);
      }),
  };
  return counted;
}

describe('what is at hand', () => {
  test('is looked for once in a second, however often and however many ask', async () => {
    const counted = counting();
    expect(await Promise.all([counted.find(), counted.find(), counted.find()])).toEqual([1, 1, 1]);
    counted.clock.advance({ milliseconds: 999 });
    expect(await counted.find()).toBe(1);
    counted.clock.advance({ milliseconds: 1 });
    expect(await counted.find()).toBe(2);
  });

  test('is not prolonged by a clock that goes back', async () => {
    const counted = counting();
    await counted.find();
    counted.clock.set('2026-01-06T08:59:59Z');
    expect(await counted.find()).toBe(2);
  });

  test('of one name is not that of another', async () => {
    const counted = counting();
    expect([await counted.find('a'), await counted.find('b'), await counted.find('a')]).toEqual([1, 2, 1]);
    counted.atHand.forget('a');
    expect([await counted.find('a'), await counted.find('b')]).toEqual([3, 2]);
  });

  test('is looked for again once something has changed, though a look was under way then', async () => {
    const clock = new TestClock(OPEN);
    const atHand = new AtHand<string>(clock);
    const { promise, resolve } = Promise.withResolvers<string>();
    const before = atHand.find('x', () => promise);
    atHand.lookAgain();
    expect(await atHand.find('x', () => Promise.resolve('after'))).toBe('after');
    resolve('before');
    expect(await before).toBe('before');
    expect(await atHand.find('x', () => Promise.resolve('a third'))).toBe('after');
  });

  test('does not remember what was not found, nor what was not answered', async () => {
    const atHand = new AtHand<string>(new TestClock(OPEN));
    expect(await atHand.find('x', () => Promise.resolve(null))).toBeNull();
    await expect(atHand.find('x', () => Promise.reject(new Error('the database is away')))).rejects.toThrow('away');
    expect(atHand.standingOf('x')).toBe('unknown');
    expect(await atHand.find('x', () => Promise.resolve('there'))).toBe('there');
    expect(atHand.standingOf('x')).toBe('known');
  });

  test('is at most of ten thousand names: who was not looked for longest is looked for again', async () => {
    const counted = counting();
    for (let index = 0; index <= 10_000; index += 1) await counted.find(`name ${index}`);
    expect([counted.atHand.standingOf('name 0'), counted.atHand.standingOf('name 1')]).toEqual(['unknown', 'known']);
  });
});
