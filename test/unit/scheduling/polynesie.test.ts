import { describe, expect, test } from 'vitest';
import { SendWindows } from '../../../src/scheduling/index.js';

const windows = new SendWindows({ policy: 'smspartner', abroadTimeZone: 'Europe/Paris' });
const hold = (iso: string) => windows.holdAt('POLYNESIE_FRANCAISE', new Date(iso));

/** Tahiti -10:00, the Marquesas -09:30, Gambier -09:00. */
describe('Polynésie, whose numbers do not tell which of three clocks applies', () => {
  test('is open from 08:00 in Tahiti to 20:00 in Gambier', () => {
    expect(windows.at('POLYNESIE_FRANCAISE', new Date('2026-02-03T12:00:00-10:00'))).toMatchObject({
      open: true,
      timeZone: 'Pacific/Tahiti',
      opensAt: new Date('2026-02-03T08:00:00-10:00'),
      closesAt: new Date('2026-02-03T20:00:00-09:00'),
    });
  });

  test('is closed at 19:00 in Tahiti, because it is 20:00 in Gambier', () => {
    expect(windows.isOpen('POLYNESIE_FRANCAISE', new Date('2026-02-03T18:59:59.999-10:00'))).toBe(true);
    expect(hold('2026-02-03T19:00:00-10:00')).toEqual({
      rule: 'QUIET_HOURS',
      policy: 'smspartner',
      territory: 'POLYNESIE_FRANCAISE',
      timeZone: 'Pacific/Tahiti',
      localTime: '2026-02-03T19:00:00',
      holiday: null,
      releaseAt: new Date('2026-02-04T08:00:00-10:00'),
      explanation:
        'It is 19:00 on Tuesday 3 February 2026 in Pacific/Tahiti but 20:00 on Tuesday 3 February 2026 in Pacific/Gambier, ' +
        'and the number does not tell which clock is the recipient\'s: policy "smspartner" lets commercial SMS leave only ' +
        'from 08:00 to 20:00 (by Pacific/Gambier), so it waits until 08:00 on Wednesday 4 February 2026 in Pacific/Tahiti.',
    });
  });

  test('is closed at 07:30 in Tahiti, although the Marquesas and Gambier are open: Tahiti alone explains it', () => {
    const held = hold('2026-02-03T07:30:00-10:00');
    expect(held).toMatchObject({ rule: 'QUIET_HOURS', releaseAt: new Date('2026-02-03T08:00:00-10:00') });
    expect(held?.explanation).toMatch(/^It is 07:30 on Tuesday 3 February 2026 in Pacific\/Tahiti: /);
  });

  test('on Saturday at 23:15 in Tahiti is already Sunday in Gambier, and says so', () => {
    const held = hold('2026-02-07T23:15:00-10:00');
    expect(held).toMatchObject({
      rule: 'SUNDAY',
      localTime: '2026-02-07T23:15:00',
      releaseAt: new Date('2026-02-09T08:00:00-10:00'),
    });
    expect(held?.explanation).toMatch(
      /^It is 23:15 on Saturday 7 February 2026 in Pacific\/Tahiti but 00:15 on Sunday 8 February 2026 in Pacific\/Gambier,/,
    );
    expect(held?.explanation).toContain('on a Sunday (by Pacific/Gambier)');
  });

  test('on Sunday at 23:45 in Tahiti is still Sunday there, although it is Monday in the other zones', () => {
    const held = hold('2026-02-08T23:45:00-10:00');
    expect(held).toMatchObject({ rule: 'SUNDAY', releaseAt: new Date('2026-02-09T08:00:00-10:00') });
    expect(held?.explanation).not.toContain('Gambier');
  });

  test('rests from the first zone’s holiday to the last one’s', () => {
    expect(hold('2026-03-04T22:59:59-10:00')).toMatchObject({ rule: 'QUIET_HOURS', holiday: null });
    expect(hold('2026-03-04T23:00:00-10:00')).toMatchObject({
      rule: 'PUBLIC_HOLIDAY',
      holiday: "Arrivée de l'Évangile",
    });
    expect(hold('2026-03-05T23:59:59-10:00')).toMatchObject({ rule: 'PUBLIC_HOLIDAY' });
    expect(hold('2026-03-06T00:00:00-10:00')).toMatchObject({ rule: 'QUIET_HOURS' });
  });

  test('opens after the evening that began in Gambier, not before', () => {
    const next = windows.holdAt('POLYNESIE_FRANCAISE', new Date('2026-02-03T19:00:00-10:00'))?.releaseAt;
    expect(next).toEqual(new Date('2026-02-04T08:00:00-10:00'));
  });
});
