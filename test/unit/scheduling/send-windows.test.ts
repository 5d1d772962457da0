import { describe, expect, test } from 'vitest';
import type { Territory } from '../../../src/scheduling/index.js';
import { SEND_POLICIES, SendWindows } from '../../../src/scheduling/index.js';

const windows = new SendWindows({ policy: 'smspartner', abroadTimeZone: 'Europe/Paris' });

const at = (iso: string) => new Date(iso);
const hold = (territory: Territory, iso: string) => windows.holdAt(territory, at(iso));
const settings = (policy: string, abroadTimeZone: string) => () => new SendWindows({ policy, abroadTimeZone });
const release = (territory: Territory, iso: string) => hold(territory, iso)?.releaseAt.toISOString().slice(0, 16);

const held = (iso: string) => windows.holdForProvider('METROPOLE', at(iso), 600_000).releaseAt.toISOString();

describe('a commercial SMS to metropolitan France', () => {
  test('on Saturday at 20:30 waits for Monday at 08:00, and is told why', () => {
    expect(hold('METROPOLE', '2026-01-03T20:30:00+01:00')).toEqual({
      rule: 'QUIET_HOURS',
      policy: 'smspartner',
      territory: 'METROPOLE',
      timeZone: 'Europe/Paris',
      localTime: '2026-01-03T20:30:00',
      holiday: null,
      releaseAt: at('2026-01-05T08:00:00+01:00'),
      explanation:
        'It is 20:30 on Saturday 3 January 2026 in Europe/Paris: policy "smspartner" lets commercial SMS leave only ' +
        'from 08:00 to 20:00 (by Europe/Paris), so it waits until 08:00 on Monday 5 January 2026 in Europe/Paris.',
    });
  });

  test('on Friday at 21:00 waits for Saturday at 08:00', () => {
    expect(release('METROPOLE', '2026-01-09T21:00:00+01:00')).toBe('2026-01-10T07:00');
  });

  test('on a Sunday afternoon waits because it is Sunday', () => {
    expect(hold('METROPOLE', '2026-01-04T15:00:00+01:00')).toMatchObject({
      rule: 'SUNDAY',
      holiday: null,
      explanation:
        'It is 15:00 on Sunday 4 January 2026 in Europe/Paris: policy "smspartner" lets no commercial SMS leave on a ' +
        'Sunday (by Europe/Paris), so it waits until 08:00 on Monday 5 January 2026 in Europe/Paris.',
    });
  });

  test('before 08:00 on a public holiday waits because of the holiday, not of the hour', () => {
    expect(hold('METROPOLE', '2026-07-14T06:15:42+02:00')).toMatchObject({
      rule: 'PUBLIC_HOLIDAY',
      holiday: 'Fête nationale',
      localTime: '2026-07-14T06:15:42',
      releaseAt: at('2026-07-15T06:00:00Z'),
      explanation:
        'It is 06:15 on Tuesday 14 July 2026 in Europe/Paris: policy "smspartner" lets no commercial SMS leave on a ' +
        'public holiday (Fête nationale, by Europe/Paris), so it waits until 08:00 on Wednesday 15 July 2026 in Europe/Paris.',
    });
  });

  test('on a holiday that is a Sunday is told of the holiday', () => {
    expect(hold('METROPOLE', '2026-11-01T12:00:00+01:00')).toMatchObject({
      rule: 'PUBLIC_HOLIDAY',
      holiday: 'Toussaint',
    });
  });

  test.each([
    ['07:59:59.999', false],
    ['08:00:00.000', true],
    ['19:59:59.999', true],
    ['20:00:00.000', false],
  ])('at %s on a working day: open is %s', (time, open) => {
    expect(windows.isOpen('METROPOLE', at(`2026-01-06T${time}+01:00`))).toBe(open);
  });

  test('is told the second that was judged, although a minute is judged once', () => {
    expect(hold('METROPOLE', '2026-01-06T22:00:01.000+01:00')?.localTime).toBe('2026-01-06T22:00:01');
    expect(hold('METROPOLE', '2026-01-06T22:00:59.999+01:00')?.localTime).toBe('2026-01-06T22:00:59');
  });
});

describe('the window', () => {
  test('that is open says since when and until when', () => {
    expect(windows.at('METROPOLE', at('2026-01-06T12:00:00+01:00'))).toEqual({
      territory: 'METROPOLE',
      policy: 'smspartner',
      timeZone: 'Europe/Paris',
      open: true,
      opensAt: at('2026-01-06T07:00:00Z'),
      closesAt: at('2026-01-06T19:00:00Z'),
      closedBecause: null,
      holiday: null,
    });
  });

  test('that is closed says when it opens next, and when it closes again', () => {
    expect(windows.at('METROPOLE', at('2025-12-25T12:00:00+01:00'))).toEqual({
      territory: 'METROPOLE',
      policy: 'smspartner',
      timeZone: 'Europe/Paris',
      open: false,
      opensAt: at('2025-12-26T07:00:00Z'),
      closesAt: at('2025-12-26T19:00:00Z'),
      closedBecause: 'PUBLIC_HOLIDAY',
      holiday: 'Noël',
    });
  });

  test("holds for the provider's own hours a while, and to the next opening where it is closed by then", () => {
    expect(held('2026-01-09T08:00:00+01:00')).toBe('2026-01-09T07:10:00.000Z');
    expect(held('2026-01-09T19:55:00+01:00')).toBe('2026-01-10T07:00:00.000Z');
    expect(held('2026-01-10T19:50:00+01:00')).toBe('2026-01-12T07:00:00.000Z');
  });

  test('is not changed by a caller who changes the date it was given', () => {
    const instant = at('2026-01-06T12:00:00+01:00');
    windows.at('METROPOLE', instant).closesAt.setTime(0);
    expect(windows.at('METROPOLE', instant).closesAt).toEqual(at('2026-01-06T19:00:00Z'));
  });

  test('stays right when more minutes are asked for than are remembered', () => {
    const minutes = Array.from({ length: 2 * 1_440 }, (_, minute) => minute);
    const midnight = at('2026-01-06T00:00:00+01:00').getTime();
    const open = minutes.filter(minute => windows.isOpen('METROPOLE', new Date(midnight + minute * 60_000)));
    expect(open).toHaveLength(2 * 720);
    expect(open[0]).toBe(8 * 60);
    expect(open.at(-1)).toBe(24 * 60 + 20 * 60 - 1);
  });
});

describe('holidays in a row', () => {
  test('hold an Alsatian Christmas Eve over two holidays and a Sunday', () => {
    expect(hold('ALSACE_MOSELLE', '2026-12-24T20:00:00+01:00')?.rule).toBe('QUIET_HOURS');
    expect(release('ALSACE_MOSELLE', '2026-12-24T20:00:00+01:00')).toBe('2026-12-28T07:00');
    expect(hold('ALSACE_MOSELLE', '2026-12-26T10:00:00+01:00')?.holiday).toBe('Saint-Étienne');
    expect(release('METROPOLE', '2026-12-24T20:00:00+01:00')).toBe('2026-12-26T07:00');
  });

  test('keep Good Friday to Easter Monday closed in Alsace, but for the Saturday', () => {
    expect(release('ALSACE_MOSELLE', '2026-04-02T20:00:00+02:00')).toBe('2026-04-04T06:00');
    expect(release('ALSACE_MOSELLE', '2026-04-04T20:00:00+02:00')).toBe('2026-04-07T06:00');
  });
});

describe('overseas, by the local clock and the local holidays', () => {
  test('Réunion rests on 20 December, a Monday in 2027 and a Sunday in 2026', () => {
    const abolition = { rule: 'PUBLIC_HOLIDAY', holiday: "Abolition de l'esclavage" };
    expect(hold('REUNION', '2027-12-20T10:00:00+04:00')).toMatchObject(abolition);
    expect(release('REUNION', '2027-12-20T10:00:00+04:00')).toBe('2027-12-21T04:00');
    expect(hold('REUNION', '2026-12-20T10:00:00+04:00')).toMatchObject(abolition);
    expect(windows.isOpen('METROPOLE', at('2027-12-20T10:00:00+01:00'))).toBe(true);
  });

  test('Guadeloupe rests on 27 May, while Martinique works', () => {
    expect(release('GUADELOUPE', '2026-05-27T10:00:00-04:00')).toBe('2026-05-28T12:00');
    expect(windows.isOpen('MARTINIQUE', at('2026-05-27T10:00:00-04:00'))).toBe(true);
  });

  test('Saint-Martin rests on 27 and 28 May', () => {
    expect(release('SAINT_MARTIN', '2026-05-26T20:00:00-04:00')).toBe('2026-05-29T12:00');
  });

  test.each<[Territory, string]>([
    ['GUADELOUPE', '2026-02-03T12:00'],
    ['MARTINIQUE', '2026-02-03T12:00'],
    ['SAINT_BARTHELEMY', '2026-02-03T12:00'],
    ['SAINT_MARTIN', '2026-02-03T12:00'],
    ['GUYANE', '2026-02-03T11:00'],
    ['SAINT_PIERRE_ET_MIQUELON', '2026-02-03T11:00'],
    ['METROPOLE', '2026-02-03T07:00'],
    ['ALSACE_MOSELLE', '2026-02-03T07:00'],
    ['ABROAD', '2026-02-03T07:00'],
    ['MAYOTTE', '2026-02-03T05:00'],
    ['REUNION', '2026-02-03T04:00'],
    ['NOUVELLE_CALEDONIE', '2026-02-02T21:00'],
    ['WALLIS_ET_FUTUNA', '2026-02-02T20:00'],
    ['POLYNESIE_FRANCAISE', '2026-02-02T18:00'],
  ])('%s opens at 08:00 of its own clock, %sZ', (territory, opening) => {
    const instant = at(`${opening}:00Z`);
    expect(windows.at(territory, instant)).toMatchObject({ open: true, opensAt: instant });
    expect(windows.isOpen(territory, new Date(instant.getTime() - 1))).toBe(false);
  });
});

describe('a policy', () => {
  test('AF2M ends at 22:00 until the end of February 2026 and at 21:30 from 1 March', () => {
    const af2m = new SendWindows({ policy: 'af2m', abroadTimeZone: 'Europe/Paris' });
    const closes = (iso: string) => af2m.at('METROPOLE', at(iso)).closesAt.toISOString();
    expect(closes('2026-02-28T12:00:00+01:00')).toBe('2026-02-28T21:00:00.000Z');
    expect(af2m.isOpen('METROPOLE', at('2026-02-28T21:59:59.999+01:00'))).toBe(true);
    // The night of the change: judged on 28 February by the old version, released under the new one.
    const night = af2m.holdAt('METROPOLE', at('2026-02-28T22:00:00+01:00'));
    expect(night).toMatchObject({ policy: 'af2m', rule: 'QUIET_HOURS', releaseAt: at('2026-03-02T07:00:00Z') });
    expect(night?.explanation).toContain('from 08:00 to 22:00');
    expect(closes('2026-02-28T22:00:00+01:00')).toBe('2026-03-02T20:30:00.000Z');
    expect(af2m.holdAt('METROPOLE', at('2026-03-02T21:30:00+01:00'))?.explanation).toContain('from 08:00 to 21:30');
  });

  test('AF2M changes by the local date of the territory', () => {
    const af2m = new SendWindows({ policy: 'af2m', abroadTimeZone: 'Europe/Paris' });
    // 1 March in Paris, still Saturday 28 February in the Antilles.
    const instant = at('2026-03-01T01:45:00Z');
    expect(af2m.isOpen('GUADELOUPE', instant)).toBe(true);
    expect(af2m.at('GUADELOUPE', instant).closesAt).toEqual(at('2026-03-01T02:00:00Z'));
    expect(af2m.at('METROPOLE', instant).closedBecause).toBe('SUNDAY');
  });

  test('with an unknown name is refused with the names there are', () => {
    expect(SEND_POLICIES).toEqual(['smspartner', 'af2m']);
    expect(settings('SMSPartner', 'Europe/Paris')).toThrow(
      'Unknown send policy "SMSPartner". Known: smspartner, af2m.',
    );
  });
});

describe('recipients abroad', () => {
  const newYork = new SendWindows({ policy: 'smspartner', abroadTimeZone: 'America/New_York' });

  test('are judged by Paris unless configured', () => {
    expect(hold('ABROAD', '2026-01-06T20:00:00+01:00')).toMatchObject({
      territory: 'ABROAD',
      timeZone: 'Europe/Paris',
    });
  });

  test('are judged by the configured clock', () => {
    expect(newYork.holdAt('ABROAD', at('2026-01-06T20:30:00-05:00'))).toMatchObject({
      territory: 'ABROAD',
      timeZone: 'America/New_York',
      localTime: '2026-01-06T20:30:00',
      releaseAt: at('2026-01-07T13:00:00Z'),
    });
    expect(newYork.isOpen('METROPOLE', at('2026-01-06T20:30:00+01:00'))).toBe(false);
  });

  test('keep the French holidays by that clock, and no others', () => {
    expect(newYork.holdAt('ABROAD', at('2026-07-14T12:00:00-04:00'))?.holiday).toBe('Fête nationale');
    expect(newYork.isOpen('ABROAD', at('2026-07-04T12:00:00-04:00'))).toBe(true);
  });

  test('in a zone that does not exist are refused at the start', () => {
    expect(settings('smspartner', 'Europe/Lutece')).toThrow('Unknown time zone "Europe/Lutece"');
  });
});
