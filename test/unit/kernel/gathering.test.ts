import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type Ended, Gathering } from '../../../src/kernel/gathering.js';

/** Works on numbers by hand: each load waits until it is let go. Odd ones end badly. */
function byHand(
  most = 100,
  fits: (item: number, together: readonly number[]) => boolean = () => true,
  regatherMs?: number,
) {
  const loads: { readonly key: string; readonly items: readonly number[]; readonly go: (error?: Error) => void }[] = [];
  const gathering = new Gathering<string, number, string>({
    work: (key, items) => {
      const { promise, resolve, reject } = Promise.withResolvers<readonly Ended<string>[]>();
      const ends = items.map((item): Ended<string> =>
        item % 2 === 0 ? { ok: true, value: `${key}${item}` } : { ok: false, error: new Error(`${item} is odd`) },
      );
      loads.push({ key, items, go: error => (error === undefined ? resolve(ends) : reject(error)) });
      return promise;
    },
    mayBeOnes: error => error instanceof Error && error.message === 'one of them',
    sizeOf: () => 1,
    most,
    fits,
    ...(regatherMs !== undefined && { regatherMs }),
  });
  return { gathering, loads };
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

describe('gathering', () => {
  test('lets one alone go at once, and what comes meanwhile together after it', async () => {
    const { gathering, loads } = byHand();
    const first = gathering.add('a', 2);
    await turn();
    const others = [gathering.add('a', 4), gathering.add('a', 6)];
    await turn();
    expect(loads.map(({ items }) => items)).toEqual([[2]]);
    loads[0]?.go();
    expect(await first).toBe('a2');
    await turn();
    expect(loads.map(({ items }) => items)).toEqual([[2], [4, 6]]);
    loads[1]?.go();
    expect(await Promise.all(others)).toEqual(['a4', 'a6']);
  });

  test('after a load of several waits for as many to ask again, so that they go together with those who waited', async () => {
    const { gathering, loads } = byHand(100, () => true, 60_000);
    const first = [gathering.add('a', 2), gathering.add('a', 4)];
    await turn();
    const waited = gathering.add('a', 6);
    loads[0]?.go();
    expect(await Promise.all(first)).toEqual(['a2', 'a4']);
    const again = [gathering.add('a', 8)];
    await turn();
    expect(loads).toHaveLength(1);
    again.push(gathering.add('a', 10));
    await turn();
    expect(loads[1]?.items).toEqual([6, 8, 10]);
    loads[1]?.go();
    expect(await Promise.all([waited, ...again])).toEqual(['a6', 'a8', 'a10']);
  });

  test('waits no longer than it may for those who do not come back, and after one alone not at all', async () => {
    const { gathering, loads } = byHand(100, () => true, 1);
    const first = [gathering.add('a', 2), gathering.add('a', 4)];
    await turn();
    const waited = gathering.add('a', 6);
    loads[0]?.go();
    await vi.waitFor(() => expect(loads[1]?.items).toEqual([6]));
    const last = gathering.add('a', 8);
    loads[1]?.go();
    expect(await Promise.all([...first, waited])).toEqual(['a2', 'a4', 'a6']);
    await turn();
    expect(loads[2]?.items).toEqual([8]);
    loads[2]?.go();
    expect(await last).toBe('a8');
  });

  test('keeps keys apart: one does not wait for another', async () => {
    const { gathering, loads } = byHand();
    void gathering.add('a', 2);
    const other = gathering.add('b', 2);
    await turn();
    loads.find(({ key }) => key === 'b')?.go();
    expect(await other).toBe('b2');
  });

  test('ends each for itself: one that fails hurts no neighbour', async () => {
    const { gathering, loads } = byHand();
    const all = Promise.allSettled([gathering.add('a', 2), gathering.add('a', 3), gathering.add('a', 4)]);
    await turn();
    loads[0]?.go();
    expect(await all).toMatchObject([
      { value: 'a2' },
      { reason: expect.objectContaining({ message: '3 is odd' }) },
      { value: 'a4' },
    ]);
  });

  test('throws to all of a load what the load threw, and goes on', async () => {
    const { gathering, loads } = byHand();
    const all = Promise.allSettled([gathering.add('a', 2), gathering.add('a', 4)]);
    await turn();
    const next = gathering.add('a', 6);
    loads[0]?.go(new Error('no database'));
    expect(await all).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    await turn();
    loads[1]?.go();
    expect(await next).toBe('a6');
  });

  test('works on each of a load alone where one of them may be at fault', async () => {
    const { gathering, loads } = byHand();
    const all = Promise.allSettled([gathering.add('a', 2), gathering.add('a', 3), gathering.add('a', 4)]);
    await turn();
    loads[0]?.go(new Error('one of them'));
    for (let alone = 1; alone <= 3; alone += 1) {
      await turn();
      loads[alone]?.go(alone === 1 ? new Error('one of them') : undefined);
    }
    expect(await all).toMatchObject([
      { reason: expect.objectContaining({ message: 'one of them' }) },
      { reason: expect.objectContaining({ message: '3 is odd' }) },
      { value: 'a4' },
    ]);
    expect(loads.map(({ items }) => items)).toEqual([[2, 3, 4], [2], [3], [4]]);
  });

  test('makes wait what does not fit, and nobody overtakes it', async () => {
    const { gathering, loads } = byHand(100, (item, together) => !together.includes(item));
    for (const item of [2, 4, 2, 6]) void gathering.add('a', item);
    await turn();
    loads[0]?.go();
    await turn();
    expect(loads.map(({ items }) => items)).toEqual([
      [2, 4],
      [2, 6],
    ]);
  });

  test('ends everything once and in order, in loads of the size permitted', async () => {
    const coming = fc.array(fc.record({ key: fc.constantFrom('a', 'b'), after: fc.boolean() }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(coming, async items => {
        const { gathering, loads } = byHand(5);
        const ended: Promise<string>[] = [];
        for (const [index, { key, after }] of items.entries()) {
          ended.push(gathering.add(key, index * 2));
          if (after) await turn();
        }
        await turn();
        let went = 0;
        while (went < loads.length) {
          loads[went]?.go();
          went += 1;
          await turn();
        }
        expect(await Promise.all(ended)).toEqual(items.map(({ key }, index) => `${key}${index * 2}`));
        expect(loads.every(load => load.items.length <= 5)).toBe(true);
        for (const key of ['a', 'b']) {
          const order = loads.filter(load => load.key === key).flatMap(load => load.items);
          expect(order).toEqual(order.toSorted((one, other) => one - other));
        }
      }),
    );
  });
});
