import Holidays from 'date-holidays';
import { describe, expect, test } from 'vitest';
import { easterSunday } from '../../../src/scheduling/easter.js';
import { PUBLISHED_EASTERS } from './calendars.js';

describe('Easter Sunday', () => {
  test.each(Object.entries(PUBLISHED_EASTERS))('of %s is on the published %s', (year, monthAndDay) => {
    expect(easterSunday(Number(year)).toString()).toBe(`${year}-${monthAndDay}`);
  });

  // The earliest and latest possible dates, and the years in which simpler algorithms go wrong.
  test.each([
    '1598-03-22',
    '1666-04-25',
    '1693-03-22',
    '1818-03-22',
    '1943-04-25',
    '1954-04-18',
    '1981-04-19',
    '2008-03-23',
    '2038-04-25',
    '2049-04-18',
    '2076-04-19',
  ])('is on %s, a date that simple algorithms miss', date => {
    expect(easterSunday(Number(date.slice(0, 4))).toString()).toBe(date);
  });

  test('agrees with date-holidays from 1990 to 2150', () => {
    const oracle = new Holidays('FR');
    const years = Array.from({ length: 161 }, (_, index) => 1990 + index);
    const theirs = years.map(year => {
      const monday = oracle.getHolidays(year, 'fr').find(({ rule }) => rule === 'easter 1');
      return monday?.date.slice(0, 10);
    });
    expect(years.map(year => easterSunday(year).add({ days: 1 }).toString())).toEqual(theirs);
  });
});
