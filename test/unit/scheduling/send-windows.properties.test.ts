import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holidaysOf } from '../../../src/scheduling/holidays.js';
import type { Territory } from '../../../src/scheduling/index.js';
import { SEND_POLICIES, SendWindows, TERRITORIES } from '../../../src/scheduling/index.js';
import { TERRITORY_ZONES } from '../../../src/scheduling/territory-zones.js';
import { wallClock } from './calendars.js';

const ABROAD_ZONES = ['Europe/Paris', 'America/New_York', 'Africa/Cairo', 'Australia/Lord_Howe', 'Pacific/Kiritimati'];

interface Setting {
  readonly policy: string;
  readonly abroad: string;
  readonly windows: SendWindows;
}

const SETTINGS: readonly Setting[] = SEND_POLICIES.flatMap(policy =>
  ABROAD_ZONES.map(abroad => ({ policy, abroad, windows: new SendWindows({ policy, abroadTimeZone: abroad }) })),
);

const year = (from: number, to: number) =>
  fc.date({ min: new Date(`${from}-01-01T00:00:00Z`), max: new Date(`${to}-12-31T23:59:59Z`), noInvalidDate: true });

/** Mostly the years that matter, and the exact second on either side of a quarter of an hour, where rules change. */
const instants = fc.oneof(
  { weight: 4, arbitrary: year(2024, 2035) },
  { weight: 1, arbitrary: year(1990, 2150) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(year(2024, 2035), fc.constantFrom(-1, 0, 1))
      .map(([date, edge]) => new Date(Math.floor(date.getTime() / 900_000) * 900_000 + edge)),
  },
);
const settings = fc.constantFrom(...SETTINGS);
const territories = fc.constantFrom(...TERRITORIES);
const fractions = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
  minLength: 5,
  maxLength: 5,
});

const zonesOf = (territory: Territory, { abroad }: Setting): readonly [string, ...string[]] =>
  territory === 'ABROAD' ? [abroad] : TERRITORY_ZONES[territory];

const between = (from: Date, to: Date, fraction: number) =>
  new Date(from.getTime() + Math.floor((to.getTime() - from.getTime()) * fraction));

const RUNS = { numRuns: 400 };

/** The rule said again in the plainest way, on Intl instead of Temporal. */
function plainlyOpen(territory: Territory, setting: Setting, instant: Date): boolean {
  return zonesOf(territory, setting).every(zone => {
    const { date, time, weekday, year: localYear } = wallClock(zone, instant);
    const closes = setting.policy === 'smspartner' ? '20:00' : date < '2026-03-01' ? '22:00' : '21:30';
    return time >= '08:00' && time < closes && weekday !== 'Sunday' && !holidaysOf(territory, localYear).has(date);
  });
}

/** When a message that wants to leave at an instant does. */
const leavesAt = ({ windows }: Setting, territory: Territory, instant: Date) =>
  windows.holdAt(territory, instant)?.releaseAt ?? instant;

describe('whatever the territory, the policy and the instant', () => {
  test('it is open exactly when the plainest reading of the rule says so', () => {
    fc.assert(
      fc.property(settings, territories, instants, (setting, territory, instant) => {
        expect(setting.windows.isOpen(territory, instant)).toBe(plainlyOpen(territory, setting, instant));
      }),
      { numRuns: 2_000 },
    );
  });

  test('a message is held if and only if the window is closed, and for the reason that the window tells', () => {
    fc.assert(
      fc.property(settings, territories, instants, ({ windows }, territory, instant) => {
        const hold = windows.holdAt(territory, instant);
        const window = windows.at(territory, instant);
        expect(hold === null).toBe(windows.isOpen(territory, instant));
        expect(window.open).toBe(hold === null);
        expect([window.closedBecause, window.holiday]).toEqual([hold?.rule ?? null, hold?.holiday ?? null]);
        if (hold) expect(hold.releaseAt).toEqual(window.opensAt);
      }),
      RUNS,
    );
  });

  test('what is held is released later, at an opening, at 08:00 of a local working day', () => {
    fc.assert(
      fc.property(settings, territories, instants, (setting, territory, instant) => {
        const hold = setting.windows.holdAt(territory, instant);
        fc.pre(hold !== null);
        const { releaseAt } = hold;
        expect(releaseAt.getTime()).toBeGreaterThan(instant.getTime());
        expect(setting.windows.isOpen(territory, releaseAt)).toBe(true);
        expect(setting.windows.isOpen(territory, new Date(releaseAt.getTime() - 1))).toBe(false);
        const clocks = zonesOf(territory, setting).map(zone => wallClock(zone, releaseAt));
        expect(clocks.map(({ time }) => time)).toContain('08:00:00');
        for (const { date, time, weekday, year: localYear } of clocks) {
          expect(time >= '08:00' && time < '20:00').toBe(true);
          expect(weekday).not.toBe('Sunday');
          expect(holidaysOf(territory, localYear).has(date)).toBe(false);
        }
      }),
      RUNS,
    );
  });

  test('nothing between an instant that is held and its release is open', () => {
    fc.assert(
      fc.property(settings, territories, instants, fractions, ({ windows }, territory, instant, samples) => {
        const hold = windows.holdAt(territory, instant);
        fc.pre(hold !== null);
        const inBetween = samples.map(fraction => between(instant, hold.releaseAt, fraction));
        expect(inBetween.filter(sample => windows.isOpen(territory, sample))).toEqual([]);
        expect(new Set(inBetween.map(sample => windows.holdAt(territory, sample)?.releaseAt.getTime()))).toEqual(
          new Set([hold.releaseAt.getTime()]),
        );
      }),
      RUNS,
    );
  });

  test('an open window is the same from its opening to its closing, and closed on either side', () => {
    fc.assert(
      fc.property(settings, territories, instants, fractions, ({ windows }, territory, instant, samples) => {
        const { opensAt, closesAt } = windows.at(territory, instant);
        const window = windows.at(territory, opensAt);
        expect(window).toMatchObject({ open: true, opensAt, closesAt });
        for (const fraction of samples) {
          expect(windows.at(territory, between(opensAt, closesAt, fraction))).toEqual(window);
        }
        expect(windows.at(territory, new Date(closesAt.getTime() - 1))).toEqual(window);
        expect(windows.isOpen(territory, new Date(opensAt.getTime() - 1))).toBe(false);
        expect(windows.isOpen(territory, closesAt)).toBe(false);
      }),
      RUNS,
    );
  });

  test('the window told is the present one or the next: its closing is still to come', () => {
    fc.assert(
      fc.property(settings, territories, instants, ({ windows }, territory, instant) => {
        const { open, opensAt, closesAt } = windows.at(territory, instant);
        expect(closesAt.getTime()).toBeGreaterThan(instant.getTime());
        expect(opensAt.getTime() <= instant.getTime()).toBe(open);
      }),
      RUNS,
    );
  });

  test("the provider's own hours hold for the time given, and on to the next opening where we are closed then", () => {
    fc.assert(
      fc.property(
        settings,
        territories,
        instants,
        fc.integer({ min: 1, max: 172_800_000 }),
        ({ windows }, territory, instant, ms) => {
          const { releaseAt, policy } = windows.holdForProvider(territory, instant, ms);
          const again = new Date(instant.getTime() + ms);
          expect(policy).toBe('provider');
          expect(windows.isOpen(territory, releaseAt)).toBe(true);
          expect(releaseAt).toEqual(windows.isOpen(territory, again) ? again : windows.at(territory, again).opensAt);
        },
      ),
      RUNS,
    );
  });

  test('who asks later never leaves earlier', () => {
    const hours = fc.integer({ min: 0, max: 10 * 24 * 3_600_000 });
    fc.assert(
      fc.property(settings, territories, instants, hours, (setting, territory, instant, wait) => {
        const later = new Date(instant.getTime() + wait);
        const leaves = leavesAt(setting, territory, instant).getTime();
        expect(leavesAt(setting, territory, later).getTime()).toBeGreaterThanOrEqual(leaves);
      }),
      RUNS,
    );
  });

  test('the local time told is what the wall clock shows, and the sentence tells rule and territory’s clock', () => {
    fc.assert(
      fc.property(settings, territories, instants, (setting, territory, instant) => {
        const hold = setting.windows.holdAt(territory, instant);
        fc.pre(hold !== null);
        const [main] = zonesOf(territory, setting);
        const { date, time, weekday } = wallClock(main, instant);
        expect(hold).toMatchObject({ territory, timeZone: main, policy: setting.policy, localTime: `${date}T${time}` });
        expect(hold.explanation).toMatch(
          new RegExp(`^It is ${time.slice(0, 5)} on ${weekday} \\d+ \\w+ \\d{4} in ${main}`),
        );
        const release = wallClock(main, hold.releaseAt);
        expect(hold.explanation).toContain(`so it waits until 08:00 on ${release.weekday} `);
        expect(hold.holiday !== null).toBe(hold.rule === 'PUBLIC_HOLIDAY');
      }),
      RUNS,
    );
  });
});
