import Holidays from 'date-holidays';
import { describe, expect, test } from 'vitest';
import { holidaysOf } from '../../../src/scheduling/holidays.js';
import { TERRITORIES } from '../../../src/scheduling/index.js';
import type { Territory } from '../../../src/scheduling/index.js';
import { HOLIDAYS_2026, PUBLISHED_EASTERS } from './calendars.js';

const YEARS = Array.from({ length: 16 }, (_, index) => 2020 + index);

const polynesian = (year: number) => [...holidaysOf('POLYNESIE_FRANCAISE', year).keys()].map(date => date.slice(5));

describe('the public holidays', () => {
  test.each(TERRITORIES)('of %s in 2026 are those of the texts, in order', territory => {
    expect([...holidaysOf(territory, 2026)].map(([date, name]) => `${date} ${name}`)).toEqual(HOLIDAYS_2026[territory]);
  });

  test('of Polynésie change from the autonomy day to Matari’i with 2025', () => {
    expect(polynesian(2024)).toContain('06-29');
    expect(polynesian(2024)).not.toContain('11-20');
    expect(polynesian(2024)).not.toContain('11-29');
    expect(polynesian(2025)).not.toContain('06-29');
    expect(polynesian(2025)).toEqual(expect.arrayContaining(['11-20', '11-28']));
  });

  test.each([
    [2025, '2025-11-28'],
    [2027, '2027-11-26'],
    [2028, '2028-11-24'],
    [2029, '2029-11-30'],
    [2030, '2030-11-29'],
  ])('of Polynésie in %i hold the last Friday of November, %s', (year, lastFriday) => {
    const november = [...holidaysOf('POLYNESIE_FRANCAISE', year)].filter(([, name]) => name === "Matari'i");
    expect(november.map(([date]) => date)).toEqual([`${year}-11-20`, lastFriday]);
  });

  test('that meet on one day are both named', () => {
    expect(holidaysOf('METROPOLE', 2008).get('2008-05-01')).toBe('Fête du Travail et Ascension');
    expect(holidaysOf('METROPOLE', 1997).get('1997-05-08')).toBe('Victoire 1945 et Ascension');
  });

  test('of two territories or years do not mix in the memo, however many are asked for', () => {
    for (let year = 1990; year <= 2150; year++) for (const territory of TERRITORIES) holidaysOf(territory, year);
    expect(holidaysOf('MARTINIQUE', 2026).get('2026-05-22')).toBe("Abolition de l'esclavage");
    expect(holidaysOf('GUADELOUPE', 2026).get('2026-05-22')).toBeUndefined();
    expect(holidaysOf('MARTINIQUE', 2027).get('2026-05-22')).toBeUndefined();
  });
});

interface Comparison {
  readonly territory: Territory;
  /** Arguments of date-holidays: a country, or a country and a part of it. */
  readonly oracle: readonly [string] | readonly [string, string];
  /** Known disagreements, with the reason why ours stands. */
  readonly onlyTheirs?: (year: number) => string[];
  readonly onlyOurs?: (year: number) => string[];
}

const goodFriday = (year: number) => {
  const easter = new Date(`${year}-${PUBLISHED_EASTERS[year]}T00:00:00Z`);
  return [new Date(easter.getTime() - 2 * 86_400_000).toISOString().slice(0, 10)];
};

const LAST_FRIDAYS: Readonly<Record<number, string>> = {
  2025: '28',
  2026: '27',
  2027: '26',
  2028: '24',
  2029: '30',
  2030: '29',
  2031: '28',
  2032: '26',
  2033: '25',
  2034: '24',
  2035: '30',
};

const COMPARISONS: readonly Comparison[] = [
  { territory: 'METROPOLE', oracle: ['FR'] },
  { territory: 'ABROAD', oracle: ['FR'] },
  { territory: 'ALSACE_MOSELLE', oracle: ['FR', '57'] },
  { territory: 'ALSACE_MOSELLE', oracle: ['FR', '67'] },
  { territory: 'ALSACE_MOSELLE', oracle: ['FR', '68'] },
  // Good Friday is custom in the Antilles; neither L3133-1 nor L3422-2 makes it a holiday there.
  { territory: 'GUADELOUPE', oracle: ['FR', 'GP'], onlyTheirs: goodFriday },
  { territory: 'MARTINIQUE', oracle: ['FR', 'MQ'], onlyTheirs: goodFriday },
  { territory: 'GUYANE', oracle: ['FR', 'GF'] },
  { territory: 'REUNION', oracle: ['FR', 'RE'] },
  { territory: 'MAYOTTE', oracle: ['FR', 'YT'] },
  { territory: 'SAINT_BARTHELEMY', oracle: ['FR', 'BL'] },
  // The oracle knows the decree only; the prefecture observes the 28th, and we hold on both.
  { territory: 'SAINT_MARTIN', oracle: ['FR', 'MF'], onlyOurs: year => [`${year}-05-28`] },
  { territory: 'SAINT_PIERRE_ET_MIQUELON', oracle: ['PM'] },
  { territory: 'NOUVELLE_CALEDONIE', oracle: ['NC'] },
  {
    territory: 'POLYNESIE_FRANCAISE',
    oracle: ['PF'],
    // The oracle changes with 2026 and knows 20 November only; our change is with 2025, and both dates are held.
    onlyTheirs: year => (year === 2025 ? ['2025-06-29'] : []),
    onlyOurs: year => [
      ...(year === 2025 ? ['2025-11-20'] : []),
      ...(year >= 2025 ? [`${year}-11-${LAST_FRIDAYS[year]}`] : []),
    ],
  },
  { territory: 'WALLIS_ET_FUTUNA', oracle: ['WF'] },
];

describe('date-holidays', () => {
  test.each(COMPARISONS)('agrees on $territory ($oracle), 2020 to 2035, but for what is listed', comparison => {
    const { territory, oracle, onlyTheirs = () => [], onlyOurs = () => [] } = comparison;
    const library = oracle.length === 1 ? new Holidays(oracle[0]) : new Holidays(oracle[0], oracle[1]);
    for (const year of YEARS) {
      const publicDays = library.getHolidays(year).filter(({ type }) => type === 'public');
      const theirs = new Set(publicDays.map(({ date }) => date.slice(0, 10)));
      const ours = new Set(holidaysOf(territory, year).keys());
      expect(
        [...theirs].filter(day => !ours.has(day)),
        `only theirs, ${year}`,
      ).toEqual(onlyTheirs(year));
      expect(
        [...ours].filter(day => !theirs.has(day)),
        `only ours, ${year}`,
      ).toEqual(onlyOurs(year));
    }
  });

  test('agrees on the national eleven, so that an empty list on either side would show', () => {
    const library = new Holidays('FR');
    for (const year of YEARS) {
      const theirs = library.getHolidays(year).filter(({ type }) => type === 'public');
      expect(theirs).toHaveLength(11);
      expect([...holidaysOf('METROPOLE', year).keys()]).toEqual(theirs.map(({ date }) => date.slice(0, 10)));
    }
  });
});
