import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RecipientList, readRecipients } from '../../../src/messaging/recipients/read-recipients.js';
import type { Territory } from '../../../src/scheduling/index.js';
import { anyMobile, numbered } from './phone-numbers.js';

const METROPOLE = '+33612345678';
const REUNION = '+262692123456';
const GUADELOUPE = '+590690123456';

const many = (count: number, number: (index: number) => string) => Array.from({ length: count }, (_, i) => number(i));

function problemsOf(list: RecipientList) {
  return list.ok ? [] : list.problems;
}

describe('numbers', () => {
  test('keep the order in which they are given, each with its territory', () => {
    expect(readRecipients(['0692 12 34 56', '06 12 34 56 78', '+1 202 555 0123'], null)).toEqual({
      ok: true,
      recipients: [
        { phoneNumber: REUNION, territory: 'REUNION' },
        { phoneNumber: METROPOLE, territory: 'METROPOLE' },
        { phoneNumber: '+12025550123', territory: 'ABROAD' },
      ],
    });
  });

  test('given twice count once, at the first place, whatever the spelling', () => {
    expect(readRecipients([METROPOLE, REUNION, '06 12 34 56 78', REUNION, '0033 (0)6 12 34 56 78'], null)).toEqual({
      ok: true,
      recipients: [
        { phoneNumber: METROPOLE, territory: 'METROPOLE' },
        { phoneNumber: REUNION, territory: 'REUNION' },
      ],
    });
  });

  test('come out once each, in the order of first mention', () => {
    fc.assert(
      fc.property(fc.array(anyMobile, { minLength: 1, maxLength: 20 }), numbers => {
        const twice = [...numbers, ...numbers.map(number => `00${number.slice(1)}`)];
        const list = readRecipients(twice, null);
        expect(list.ok && list.recipients.map(recipient => recipient.phoneNumber)).toEqual([...new Set(numbers)]);
      }),
    );
  });
});

describe('mistakes', () => {
  test('are all reported, each with its place', () => {
    const list = readRecipients([METROPOLE, '36180', '', '01 42 00 00 00', REUNION, '0800 12 34 56'], null);
    expect(problemsOf(list).map(({ path, code }) => ({ path, code }))).toEqual([
      { path: ['to', '1'], code: 'SHORT_CODE' },
      { path: ['to', '2'], code: 'INVALID_PHONE_NUMBER' },
      { path: ['to', '3'], code: 'LANDLINE' },
      { path: ['to', '5'], code: 'NOT_MOBILE' },
    ]);
    expect(problemsOf(list).filter(problem => problem.message.length < 20)).toEqual([]);
  });

  test('a wrong number given twice is wrong in both places', () => {
    expect(problemsOf(readRecipients(['36180', '36180'], null)).map(problem => problem.path)).toEqual([
      ['to', '0'],
      ['to', '1'],
    ]);
  });

  test('are all listed, however many there are', () => {
    const problems = problemsOf(readRecipients([METROPOLE, ...many(9_999, () => '36180')], null));
    expect(problems.map(problem => problem.path)).toEqual(many(9_999, i => String(i + 1)).map(i => ['to', i]));
  });
});

describe('a list', () => {
  test('that is empty is refused', () => {
    expect(readRecipients([], null)).toEqual({
      ok: false,
      problems: [{ path: ['to'], code: 'RECIPIENTS_REQUIRED', message: expect.stringContaining('at least one') }],
    });
  });

  test('takes 10,000 recipients, each once', () => {
    const to = [...many(10_000, numbered.metropole), ...many(10_000, numbered.metropole)];
    const list = readRecipients(to, null);
    expect(list.ok && list.recipients.length).toBe(10_000);
  });

  test('of 10,001 recipients is refused as such', () => {
    expect(readRecipients(many(10_001, numbered.metropole), null)).toEqual({
      ok: false,
      problems: [{ path: ['to'], code: 'TOO_MANY_RECIPIENTS', message: expect.stringContaining('10001') }],
    });
  });

  test('of 10,001 entries with one given twice is taken', () => {
    const list = readRecipients([...many(10_000, numbered.metropole), numbered.metropole(0)], null);
    expect(list.ok && list.recipients.length).toBe(10_000);
  });

  test('too long is not read', () => {
    const unreadable: string[] = new Proxy(
      many(20_001, () => METROPOLE),
      {
        get(target, key) {
          if (key === 'length') return target.length;
          throw new Error(`read ${String(key)}`);
        },
      },
    );
    expect(problemsOf(readRecipients(unreadable, null))).toMatchObject([{ code: 'TOO_MANY_RECIPIENTS' }]);
  });
});

describe('a hint', () => {
  test.each<[string, Territory]>([
    [METROPOLE, 'METROPOLE'],
    [METROPOLE, 'ALSACE_MOSELLE'],
    [GUADELOUPE, 'GUADELOUPE'],
    [GUADELOUPE, 'SAINT_MARTIN'],
    [GUADELOUPE, 'SAINT_BARTHELEMY'],
    [REUNION, 'MAYOTTE'],
    ['+262639612345', 'MAYOTTE'],
    ['+262639612345', 'REUNION'],
    ['+12025550123', 'ABROAD'],
  ])('places %s in %s', (phoneNumber, territory) => {
    expect(readRecipients([phoneNumber], territory)).toEqual({ ok: true, recipients: [{ phoneNumber, territory }] });
  });

  test('applies to the numbers that permit it; the others keep their own territory', () => {
    const list = readRecipients([REUNION, METROPOLE, GUADELOUPE], 'ALSACE_MOSELLE');
    expect(list.ok && list.recipients.map(recipient => recipient.territory)).toEqual([
      'REUNION',
      'ALSACE_MOSELLE',
      'GUADELOUPE',
    ]);
  });

  test.each<[string, Territory]>([
    [METROPOLE, 'MARTINIQUE'],
    [METROPOLE, 'ABROAD'],
    [GUADELOUPE, 'MARTINIQUE'],
    [REUNION, 'METROPOLE'],
    ['+12025550123', 'METROPOLE'],
  ])('that the only number, %s, does not permit is refused: %s', (phoneNumber, territory) => {
    expect(problemsOf(readRecipients([phoneNumber], territory))).toEqual([
      {
        path: ['territory'],
        code: 'TERRITORY_NOT_PERMITTED',
        message: expect.stringMatching(/^The only number given does not permit .+\.$/u),
      },
    ]);
  });

  test('that no number permits is refused, with how many there are and what they would permit', () => {
    const list = readRecipients([METROPOLE, '0612345678', REUNION, '+33612345679'], 'SAINT_MARTIN');
    expect(problemsOf(list).map(problem => problem.message)).toEqual([
      'None of the 3 numbers permits SAINT_MARTIN. Choose among METROPOLE, ALSACE_MOSELLE, REUNION, MAYOTTE, or leave the territory out.',
    ]);
  });

  test('is judged only once every number reads', () => {
    expect(problemsOf(readRecipients([METROPOLE, '36180'], 'GUYANE')).map(problem => problem.code)).toEqual([
      'SHORT_CODE',
    ]);
  });
});
