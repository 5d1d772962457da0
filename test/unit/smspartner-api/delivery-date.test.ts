import { expect, test } from 'vitest';
import { writeParisTime } from '../../../src/smspartner-api/paris-time.js';
import { readDeliveryDate } from '../../../src/smspartner-api/sending/delivery-date.js';

const NOW = new Date('2026-01-15T22:30:00Z');
const read = (scheduledDeliveryDate: unknown, time?: unknown, minute?: unknown) =>
  readDeliveryDate({ scheduledDeliveryDate, time, minute }, NOW);

const instants: [date: string, time: unknown, minute: unknown, at: string, echoed: string][] = [
  ['18/08/2026', 20, 0, '2026-08-18T18:00:00.000Z', '2026-08-18 20:00:00'],
  ['18/01/2026', '20', '5', '2026-01-18T19:05:00.000Z', '2026-01-18 20:05:00'],
  ['1/2/2026', 9, undefined, '2026-02-01T08:00:00.000Z', '2026-02-01 09:00:00'],
  ['18/01/2026', undefined, 30, '2026-01-17T23:30:00.000Z', '2026-01-18 00:30:00'],
  ['18/01/2026', 24, 0, '2026-01-18T23:00:00.000Z', '2026-01-19 00:00:00'],
  ['31/12/2026', 24, null, '2026-12-31T23:00:00.000Z', '2027-01-01 00:00:00'],
  // 29 March 2026: the clocks go from 02:00 to 03:00.
  ['29/03/2026', 1, 55, '2026-03-29T00:55:00.000Z', '2026-03-29 01:55:00'],
  ['29/03/2026', 2, 30, '2026-03-29T01:30:00.000Z', '2026-03-29 03:30:00'],
  ['29/03/2026', 3, 0, '2026-03-29T01:00:00.000Z', '2026-03-29 03:00:00'],
  // 25 October 2026: from 03:00 back to 02:00; the first of the two is meant.
  ['25/10/2026', 2, 30, '2026-10-25T00:30:00.000Z', '2026-10-25 02:30:00'],
  ['25/10/2026', 3, 0, '2026-10-25T02:00:00.000Z', '2026-10-25 03:00:00'],
];

test.each(instants)('%s %s h %s is %s', (date, time, minute, at, echoed) => {
  const reading = read(date, time, minute);
  expect(reading).toMatchObject({ at: new Date(at), problems: [] });
  expect(writeParisTime(new Date(at))).toBe(echoed);
});

const problems: [date: unknown, time: unknown, minute: unknown, codes: string[]][] = [
  ['16/01/2026', undefined, undefined, ['minute MINUTE_REQUIRED', 'time HOUR_REQUIRED']],
  ['16/01/2026', null, '', ['minute MINUTE_REQUIRED', 'time HOUR_REQUIRED']],
  // Today, in Paris, is the fifteenth.
  ['15/01/2026', undefined, undefined, ['minute MINUTE_REQUIRED', 'time HOUR_REQUIRED']],
  ['14/01/2026', undefined, undefined, ['at DATE_PAST', 'minute MINUTE_REQUIRED', 'time HOUR_REQUIRED']],
  ['14/01/2026', 25, 0, ['at DATE_PAST', 'time HOUR_INVALID']],
  ['16/01/2026', 24, 5, ['time HOUR_INVALID']],
  ['16/01/2026', '9h', 0, ['time HOUR_INVALID']],
  ['16/01/2026', -1, 0, ['time HOUR_INVALID']],
  ['16/01/2026', 9.5, 0, ['time HOUR_INVALID']],
  ['16/01/2026', 9, 60, ['minute MINUTE_INVALID']],
  ['16/01/2026', 9, 1, ['minute MINUTE_INVALID']],
  ['16/01/2026', [], {}, ['minute MINUTE_INVALID', 'time HOUR_INVALID']],
  ['2026-01-16', 9, 0, ['at DATE_INVALID']],
  ['30/02/2026', 9, 0, ['at DATE_INVALID']],
  ['16/01/26', 9, 0, ['at DATE_INVALID']],
  [20260116, 9, 0, ['at DATE_INVALID']],
  [{ day: 1 }, undefined, undefined, ['at DATE_INVALID', 'minute MINUTE_REQUIRED', 'time HOUR_REQUIRED']],
];

test.each(problems)('%j at %j h %j is refused', (date, time, minute, codes) => {
  const reading = read(date, time, minute);
  expect(reading.at).toBeNull();
  expect(reading.problems.map(({ path, code }) => `${path.join('.')} ${code}`)).toEqual(codes);
});

test('an instant that is past is left to be judged with the rest', () => {
  expect(read('14/01/2026', 9, 5)).toEqual({
    at: new Date('2026-01-14T08:05:00Z'),
    moment: '14/01/2026 à 09:05',
    problems: [],
  });
});

test.each([undefined, null, '', ' '])('without a date (%j) hour and minute mean nothing', date => {
  expect(read(date, 99, 'x')).toEqual({ at: null, moment: '', problems: [] });
});
