import { setImmediate as nextTurn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WorkLoop } from '../../../src/kernel/index.js';

// What is made to fail here is logged, rightly; nobody needs to read it.
beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(['log', 'error', 'warn', 'debug', 'verbose', 'fatal']));

/** Rows that wait to be claimed, and a gate before which every handler and every claim can be made to stand. */
class Rows {
  readonly claims: number[] = [];
  readonly handled: number[] = [];
  inHand = 0;
  mostInHand = 0;
  beforeClaimEnds: () => unknown = () => undefined;
  whileHandling: (row: number) => unknown = () => undefined;

  constructor(private due: number[]) {}

  add(...rows: number[]): void {
    this.due.push(...rows);
  }

  loop(concurrency: number): WorkLoop<number> {
    return new WorkLoop({
      name: 'test',
      concurrency,
      claim: limit => this.claim(limit),
      handle: row => this.handle(row),
    });
  }

  private async claim(limit: number): Promise<number[]> {
    this.claims.push(limit);
    const taken = this.due.splice(0, limit);
    await this.beforeClaimEnds();
    return taken;
  }

  private async handle(row: number): Promise<void> {
    this.inHand += 1;
    this.mostInHand = Math.max(this.mostInHand, this.inHand);
    try {
      await this.whileHandling(row);
      this.handled.push(row);
    } finally {
      this.inHand -= 1;
    }
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('a work loop', () => {
  test('does all that is due, each once', async () => {
    const rows = new Rows(upTo(100));
    await rows.loop(7).runUntilIdle();
    expect(rows.handled.toSorted((a, b) => a - b)).toEqual(upTo(100));
  });

  test('never has more in hand than it may, and claims only what it can start at once', async () => {
    const rows = new Rows(upTo(60));
    const loop = rows.loop(4);
    rows.whileHandling = row => {
      loop.wake();
      return row % 3 === 0 ? nextTurn() : undefined;
    };
    await loop.runUntilIdle();
    expect(rows.mostInHand).toBe(4);
    expect(Math.max(...rows.claims)).toBeLessThanOrEqual(4);
    expect(rows.handled).toHaveLength(60);
  });

  test('starts another as soon as one ends: a slow one does not hold up the others', async () => {
    const slow = Promise.withResolvers<void>();
    const rows = new Rows(upTo(20));
    rows.whileHandling = row => (row === 1 ? slow.promise : undefined);
    const loop = rows.loop(2);
    loop.wake();
    while (rows.handled.length < 19) await nextTurn();
    expect(rows.handled).not.toContain(1);
    slow.resolve();
    await loop.runUntilIdle();
    expect(rows.handled).toHaveLength(20);
  });

  test('does not claim anything by itself before it is woken', async () => {
    const rows = new Rows(upTo(3));
    rows.loop(2);
    await nextTurn();
    expect(rows.claims).toEqual([]);
  });

  test('does not spin: with nothing due one wake is one claim', async () => {
    const rows = new Rows([]);
    const loop = rows.loop(2);
    loop.wake();
    await loop.runUntilIdle();
    await nextTurn();
    expect(rows.claims.length).toBeLessThanOrEqual(2);
  });
});

describe('a wake-up is not lost', () => {
  test('that comes while a claim is under way and has seen nothing', async () => {
    const rows = new Rows([]);
    const claiming = Promise.withResolvers<void>();
    rows.beforeClaimEnds = () => claiming.promise;
    const loop = rows.loop(2);
    loop.wake();
    while (rows.claims.length === 0) await nextTurn();
    rows.add(1);
    loop.wake();
    claiming.resolve();
    await loop.runUntilIdle();
    expect(rows.handled).toEqual([1]);
  });

  test.each(upTo(12))('that comes %i microtasks after an empty claim ended', async microtasks => {
    const rows = new Rows([]);
    const loop = rows.loop(2);
    loop.wake();
    for (let passed = 0; passed < microtasks; passed += 1) await Promise.resolve();
    rows.add(1);
    loop.wake();
    while (rows.claims.length < 1) await nextTurn();
    await nextTurn();
    await nextTurn();
    expect(rows.handled).toEqual([1]);
  });
});

describe('what throws does not stop it', () => {
  test('a handler', async () => {
    const rows = new Rows(upTo(10));
    rows.whileHandling = row => (row % 2 === 0 ? Promise.reject(new Error('this one')) : undefined);
    await rows.loop(3).runUntilIdle();
    expect(rows.handled.toSorted((a, b) => a - b)).toEqual([1, 3, 5, 7, 9]);
  });

  test('a claim: the next wake-up claims again', async () => {
    const rows = new Rows(upTo(3));
    const loop = new WorkLoop({
      name: 'test',
      concurrency: 2,
      claim: () => (rows.claims.push(0) === 1 ? Promise.reject(new Error('no database')) : Promise.resolve([])),
      handle: () => Promise.resolve(),
    });
    await loop.runUntilIdle();
    await loop.runUntilIdle();
    expect(rows.claims).toHaveLength(2);
  });
});

describe('drained', () => {
  test('it waits for what is in hand', async () => {
    const rows = new Rows(upTo(1));
    const working = Promise.withResolvers<void>();
    rows.whileHandling = () => working.promise;
    const loop = rows.loop(2);
    loop.wake();
    while (rows.inHand === 0) await nextTurn();
    let drained = false;
    const draining = loop.drain().then(() => (drained = true));
    await nextTurn();
    expect(drained).toBe(false);
    working.resolve();
    await draining;
    expect(rows.handled).toEqual([1]);
  });

  test('it waits for what a claim under way still brings in', async () => {
    const rows = new Rows(upTo(1));
    const claiming = Promise.withResolvers<void>();
    rows.beforeClaimEnds = () => claiming.promise;
    rows.whileHandling = () => nextTurn();
    const loop = rows.loop(2);
    loop.wake();
    while (rows.claims.length === 0) await nextTurn();
    const draining = loop.drain();
    claiming.resolve();
    await draining;
    expect(rows.handled).toEqual([1]);
  });

  test('it takes nothing new, woken or not', async () => {
    const rows = new Rows(upTo(1));
    const working = Promise.withResolvers<void>();
    rows.whileHandling = () => working.promise;
    const loop = rows.loop(1);
    loop.wake();
    while (rows.inHand === 0) await nextTurn();
    rows.add(2, 3);
    const draining = loop.drain();
    working.resolve();
    await draining;
    loop.wake();
    await nextTurn();
    expect(rows.handled).toEqual([1]);
  });
});
