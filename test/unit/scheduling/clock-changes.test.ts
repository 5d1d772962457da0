import { describe, expect, test } from 'vitest';
import { SendWindows } from '../../../src/scheduling/index.js';

const windows = new SendWindows({ policy: 'smspartner', abroadTimeZone: 'Africa/Cairo' });
const at = (iso: string) => new Date(iso);

describe('the clocks of Paris', () => {
  test('go forward on Sunday 29 March 2026: Saturday evening is released at 06:00Z', () => {
    expect(windows.holdAt('METROPOLE', at('2026-03-28T20:30:00+01:00'))?.releaseAt).toEqual(at('2026-03-30T06:00:00Z'));
    expect(windows.holdAt('METROPOLE', at('2026-03-27T20:30:00+01:00'))?.releaseAt).toEqual(at('2026-03-28T07:00:00Z'));
  });

  test('go back on Sunday 25 October 2026: Saturday evening is released at 07:00Z', () => {
    expect(windows.holdAt('METROPOLE', at('2026-10-24T20:30:00+02:00'))?.releaseAt).toEqual(at('2026-10-26T07:00:00Z'));
    expect(windows.holdAt('METROPOLE', at('2026-10-23T20:30:00+02:00'))?.releaseAt).toEqual(at('2026-10-24T06:00:00Z'));
  });

  test.each([
    ['2026-03-29T00:59:59Z', '2026-03-29T01:59:59', '2026-03-30T06:00:00Z'],
    ['2026-03-29T01:00:00Z', '2026-03-29T03:00:00', '2026-03-30T06:00:00Z'],
    ['2026-10-25T00:30:00Z', '2026-10-25T02:30:00', '2026-10-26T07:00:00Z'],
    ['2026-10-25T01:30:00Z', '2026-10-25T02:30:00', '2026-10-26T07:00:00Z'],
  ])('at %s show %s', (instant, localTime, releaseAt) => {
    expect(windows.holdAt('METROPOLE', at(instant))).toMatchObject({
      rule: 'SUNDAY',
      localTime,
      releaseAt: at(releaseAt),
    });
  });
});

describe('the clocks of Miquelon', () => {
  test('go forward on 8 March 2026, with America', () => {
    expect(windows.holdAt('SAINT_PIERRE_ET_MIQUELON', at('2026-03-07T20:30:00-03:00'))?.releaseAt).toEqual(
      at('2026-03-09T10:00:00Z'),
    );
    expect(windows.holdAt('SAINT_PIERRE_ET_MIQUELON', at('2026-03-06T20:30:00-03:00'))?.releaseAt).toEqual(
      at('2026-03-07T11:00:00Z'),
    );
  });

  test('go back on 1 November 2026, a Sunday and All Saints’ Day', () => {
    expect(windows.holdAt('SAINT_PIERRE_ET_MIQUELON', at('2026-10-31T20:30:00-02:00'))?.releaseAt).toEqual(
      at('2026-11-02T11:00:00Z'),
    );
    expect(windows.holdAt('SAINT_PIERRE_ET_MIQUELON', at('2026-11-01T12:00:00-03:00'))?.holiday).toBe('Toussaint');
  });
});

// Egypt's clocks change on a working day, where minutes added to midnight would open an hour off.
describe('a day that begins or ends with a clock change', () => {
  test('opens at 08:00 although it has no midnight', () => {
    expect(windows.at('ABROAD', at('2026-04-24T06:00:00Z'))).toMatchObject({
      open: true,
      opensAt: at('2026-04-24T05:00:00Z'),
      closesAt: at('2026-04-24T17:00:00Z'),
    });
  });

  test('opens at 08:00 on the day after the clocks went back', () => {
    expect(windows.holdAt('ABROAD', at('2026-10-29T20:30:00+03:00'))?.releaseAt).toEqual(at('2026-10-30T06:00:00Z'));
  });
});
