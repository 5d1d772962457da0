import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hashSecret, RandomIds } from '../../../src/kernel/index.js';
import { TestClock } from '../../support/test-clock.js';

const NOW = '2026-01-13T10:00:00.123Z';
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const many = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, () => make());
const millisecondsOf = (uuid: string): number => Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16);

describe('a UUIDv7', () => {
  test('has its version, its variant and the time of the clock', () => {
    const ids = new RandomIds(new TestClock(NOW));
    for (const uuid of many(2_000, () => ids.uuid())) {
      expect(uuid).toMatch(UUID_V7);
      expect(millisecondsOf(uuid)).toBe(Date.parse(NOW));
    }
  });

  test('is greater than all before it within a millisecond', () => {
    const ids = new RandomIds(new TestClock(NOW));
    const made = many(2_000, () => ids.uuid());
    expect(made).toEqual(made.toSorted());
    expect(new Set(made).size).toBe(made.length);
  });

  test('is greater than all before it however many a millisecond makes, so that the newest row is the greatest', () => {
    const ids = new RandomIds(new TestClock(NOW));
    const made = many(10_000, () => ids.uuid());
    expect(made).toEqual(made.toSorted());
  });

  test('is greater in a later millisecond', () => {
    const clock = new TestClock(NOW);
    const ids = new RandomIds(clock);
    const made = many(500, () => {
      clock.advance({ seconds: 0.001 });
      return ids.uuid();
    });
    expect(made).toEqual(made.toSorted());
  });

  test('stays unique when the clock goes back', () => {
    const clock = new TestClock(NOW);
    const ids = new RandomIds(clock);
    const before = many(500, () => ids.uuid());
    clock.advance({ seconds: -60 });
    expect(new Set([...before, ...many(500, () => ids.uuid())]).size).toBe(1_000);
  });
});

describe('other things that nobody may guess', () => {
  const ids = new RandomIds(new TestClock(NOW));

  test('a tag is 16 lower-case letters and digits, all of them used, none given twice', () => {
    const tags = many(5_000, () => ids.tag());
    expect(tags.filter(tag => !/^[a-z0-9]{16}$/.test(tag))).toEqual([]);
    expect(new Set(tags).size).toBe(tags.length);
    expect(new Set(tags.join('')).size).toBe(36);
  });

  test('a secret is its prefix and 43 base64url characters, which are 256 bits', () => {
    const secrets = many(1_000, () => ids.secret('rk_'));
    expect(secrets.filter(secret => !/^rk_[A-Za-z0-9_-]{43}$/.test(secret))).toEqual([]);
    expect(new Set(secrets).size).toBe(secrets.length);
    expect(Buffer.from(ids.secret(), 'base64url')).toHaveLength(32);
  });

  test('what is stored of a secret is its SHA-256', () => {
    expect(hashSecret('rk_abc')).toEqual(createHash('sha256').update('rk_abc').digest());
  });

  test('chance lies from 0 up to, not including, its limit', () => {
    const numbers = many(2_000, () => ids.below(4));
    expect(new Set(numbers)).toEqual(new Set([0, 1, 2, 3]));
    const fractions = many(2_000, () => ids.fraction());
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...fractions)).toBeLessThan(1);
    expect(Math.max(...fractions)).toBeGreaterThan(0.9);
  });
});
