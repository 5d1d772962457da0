import * as fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { describe, expect, test } from 'vitest';
import { readPhoneNumber } from '../../../src/messaging/recipients/phone-number.js';
import { anyMobile, CALLING_CODES, frenchNational } from './phone-numbers.js';

const NO_BREAK = '\u00A0';
const NARROW_NO_BREAK = '\u202F';

describe('spellings that are read', () => {
  test.each([
    ['+33612345678', '+33612345678'],
    ['0612345678', '+33612345678'],
    ['0732345678', '+33732345678'],
    ['06 12 34 56 78', '+33612345678'],
    ['06.12.34.56.78', '+33612345678'],
    ['06-12-34-56-78', '+33612345678'],
    ['06/12/34/56/78', '+33612345678'],
    ['06\u200712\u200934 56 78', '+33612345678'],
    ['06\u201112\u201134\u201156\u201178', '+33612345678'],
    [`06${NO_BREAK}12${NO_BREAK}34${NO_BREAK}56${NO_BREAK}78`, '+33612345678'],
    [`+33${NARROW_NO_BREAK}6${NARROW_NO_BREAK}12${NARROW_NO_BREAK}34${NARROW_NO_BREAK}56 78`, '+33612345678'],
    ['  0612345678\n', '+33612345678'],
    ['(06) 12 34 56 78', '+33612345678'],
    ['0033612345678', '+33612345678'],
    ['00 33 6 12 34 56 78', '+33612345678'],
    ['0033 (0)6 12 34 56 78', '+33612345678'],
    ['+33 6 12 34 56 78', '+33612345678'],
    ['+33 (0)6 12 34 56 78', '+33612345678'],
    ['+33(0)612345678', '+33612345678'],
    ['+33 06 12 34 56 78', '+33612345678'],
    ['(+33) 6 12 34 56 78', '+33612345678'],
    ['+44 (0)7911 123456', '+447911123456'],
    ['+49 1511 2345678', '+4915112345678'],
    ['+39 312 345 6789', '+393123456789'],
    ['+1 (202) 555-0123', '+12025550123'],
    ['001 202 555 0123', '+12025550123'],
    ['+225 07 12 34 56 78', '+2250712345678'],
  ])('%j is %s', (spelling, e164) => {
    expect(readPhoneNumber(spelling)).toEqual({ ok: true, e164 });
  });

  test.each([
    ['0690 12 34 56', '+590690123456'],
    ['0691 22 34 56', '+590691223456'],
    ['0709 01 23 45', '+590709012345'],
    ['0692 12 34 56', '+262692123456'],
    ['0693 01 23 45', '+262693012345'],
    ['0709 21 23 45', '+262709212345'],
    ['0639 61 23 45', '+262639612345'],
    ['0709 36 23 45', '+262709362345'],
    ['0694 12 34 56', '+594694123456'],
    ['0709 31 23 45', '+594709312345'],
    ['0696 12 34 56', '+596696123456'],
    ['0697 12 34 56', '+596697123456'],
    ['0709 11 23 45', '+596709112345'],
    ['0708 45 12 34', '+508708451234'],
    ['0695 12 34 56', '+33695123456'],
    ['0698 12 34 56', '+33698123456'],
    ['0699 12 34 56', '+33699123456'],
    ['0638 12 34 56', '+33638123456'],
  ])('%s, dialled nationally, is %s', (spelling, e164) => {
    expect(readPhoneNumber(spelling)).toEqual({ ok: true, e164 });
  });

  test.each([
    '+590690123456',
    '+590691223456',
    '+262692123456',
    '+262693012345',
    '+262639612345',
    '+594694123456',
    '+596696123456',
    '+596697123456',
    '+508551234',
    '+508401234',
    '+508708551234',
    '+687751234',
    '+687801234',
    '+687931234',
    '+68987123456',
    '+68988123456',
    '+68989123456',
    '+681821234',
    '+681831234',
    '+681721234',
  ])('%s is a mobile overseas', e164 => {
    expect(readPhoneNumber(e164)).toEqual({ ok: true, e164 });
  });
});

describe('spellings that are refused', () => {
  test.each([
    ['', 'INVALID_PHONE_NUMBER'],
    [' \t', 'INVALID_PHONE_NUMBER'],
    ['+', 'INVALID_PHONE_NUMBER'],
    ['()', 'INVALID_PHONE_NUMBER'],
    ['0', 'INVALID_PHONE_NUMBER'],
    ['00', 'INVALID_PHONE_NUMBER'],
    ['12', 'INVALID_PHONE_NUMBER'],
    ['0612', 'INVALID_PHONE_NUMBER'],
    ['061234567', 'INVALID_PHONE_NUMBER'],
    ['06123456789', 'INVALID_PHONE_NUMBER'],
    ['+3361234567', 'INVALID_PHONE_NUMBER'],
    ['33612345678', 'INVALID_PHONE_NUMBER'],
    ['612345678', 'INVALID_PHONE_NUMBER'],
    ['000612345678', 'INVALID_PHONE_NUMBER'],
    ['+0612345678', 'INVALID_PHONE_NUMBER'],
    ['+0033612345678', 'INVALID_PHONE_NUMBER'],
    ['++33612345678', 'INVALID_PHONE_NUMBER'],
    ['33+612345678', 'INVALID_PHONE_NUMBER'],
    ['+33 6 12 34 56 78 +33 6 12 34 56 79', 'INVALID_PHONE_NUMBER'],
    ['0612345678,0612345679', 'INVALID_PHONE_NUMBER'],
    ['0612345678 / 0612345679', 'INVALID_PHONE_NUMBER'],
    ['06 12 34\n56 78', 'INVALID_PHONE_NUMBER'],
    ['0612345678-', 'INVALID_PHONE_NUMBER'],
    ['-0612345678', 'INVALID_PHONE_NUMBER'],
    ['(0612345678', 'INVALID_PHONE_NUMBER'],
    ['+33 ((0))612345678', 'INVALID_PHONE_NUMBER'],
    ['+33 )0(612345678', 'INVALID_PHONE_NUMBER'],
    ['0800 FLOWERS', 'INVALID_PHONE_NUMBER'],
    ['+1 202 555 CALL', 'INVALID_PHONE_NUMBER'],
    ['0612345678 ext. 3', 'INVALID_PHONE_NUMBER'],
    ['0612345678x3', 'INVALID_PHONE_NUMBER'],
    ['0612345678#3', 'INVALID_PHONE_NUMBER'],
    ['+12025550123;ext=3', 'INVALID_PHONE_NUMBER'],
    ['tel:+33612345678', 'INVALID_PHONE_NUMBER'],
    ['\uFF10\uFF16\uFF11\uFF12\uFF13\uFF14\uFF15\uFF16\uFF17\uFF18', 'INVALID_PHONE_NUMBER'],
    ['\uFF0B33612345678', 'INVALID_PHONE_NUMBER'],
    ['\u0660612345678', 'INVALID_PHONE_NUMBER'],
    ['\u202A+33612345678\u202C', 'INVALID_PHONE_NUMBER'],
    ['+33 700 012 345', 'INVALID_PHONE_NUMBER'],
    ['07 00 01 23 45 67 89', 'INVALID_PHONE_NUMBER'],
    ['+33 700 01 23 45 67 89', 'INVALID_PHONE_NUMBER'],
    ['+33 639 61 23 45', 'INVALID_PHONE_NUMBER'],
    ['+999 612345678', 'INVALID_PHONE_NUMBER'],
    ['36180', 'SHORT_CODE'],
    ['118', 'SHORT_CODE'],
    ['118 218', 'SHORT_CODE'],
    ['01 42 00 00 00', 'LANDLINE'],
    ['+33 1 42 00 00 00', 'LANDLINE'],
    ['0590 82 12 34', 'LANDLINE'],
    ['0262 20 12 34', 'LANDLINE'],
    ['0594 30 12 34', 'LANDLINE'],
    ['0596 70 12 34', 'LANDLINE'],
    ['0269 61 12 34', 'LANDLINE'],
    ['+687 23 12 34', 'LANDLINE'],
    ['+44 20 7946 0958', 'LANDLINE'],
    ['09 12 34 56 78', 'NOT_MOBILE'],
    ['0800 12 34 56', 'NOT_MOBILE'],
    ['0899 12 34 56', 'NOT_MOBILE'],
    ['0806 12 34 56', 'NOT_MOBILE'],
    ['0810 12 34 56', 'NOT_MOBILE'],
    ['+44 70 1234 5678', 'NOT_MOBILE'],
    ['+681 40 12 34', 'NOT_MOBILE'],
    ['+1 800 555 0123', 'NOT_MOBILE'],
    ['+44 7600 123456', 'NOT_MOBILE'],
  ])('%j is refused as %s', (spelling, code) => {
    expect(readPhoneNumber(spelling)).toEqual({ ok: false, code, message: expect.stringMatching(/^[A-Z].+\.$/u) });
  });

  test('40 characters are read, 41 are refused as too long', () => {
    const spaces = ' '.repeat(28);
    expect(readPhoneNumber(`+33${spaces}612345678`)).toEqual({ ok: true, e164: '+33612345678' });
    expect(readPhoneNumber(`+33${spaces} 612345678`)).toMatchObject({
      ok: false,
      message: expect.stringContaining('40 characters'),
    });
  });

  test.each([
    ['a bare country code asks for the plus', '33612345678', '"+33612345678"'],
    ['a French spelling of Mayotte names its calling code', '+33 639 61 23 45', '+262'],
    ['a French spelling of Guadeloupe names its calling code', '+33 (0)690 12 34 56', '+590'],
    ['a foreign character is explained', '06 12 34 56 7O', 'no letter'],
  ])('%s', (_, spelling, mending) => {
    expect(readPhoneNumber(spelling)).toMatchObject({ ok: false, message: expect.stringContaining(mending) });
  });
});

describe('for every number', () => {
  test('what is read is E.164 and reads as itself', () => {
    fc.assert(
      fc.property(anyMobile, e164 => {
        expect(e164).toMatch(/^\+[1-9][0-9]{6,14}$/u);
        expect(readPhoneNumber(e164)).toEqual({ ok: true, e164 });
      }),
      { numRuns: 2_000 },
    );
  });

  test('a number written with a doubtful trunk prefix is refused or reads as E.164 that reads as itself', () => {
    const rest = fc.stringMatching(/^[1-9][0-9]{5,9}$/u);
    let read = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...CALLING_CODES),
        fc.constantFrom('0', '(0)', '1', '8', '9'),
        rest,
        (code, trunk, nsn) => {
          const reading = readPhoneNumber(`+${code} ${trunk}${nsn}`);
          if (!reading.ok) return;
          read += 1;
          expect(reading.e164.startsWith(`+${code}`)).toBe(true);
          expect(readPhoneNumber(reading.e164)).toEqual(reading);
        },
      ),
      { numRuns: 10_000 },
    );
    expect(read).toBeGreaterThan(50);
  });

  test('separators change nothing', () => {
    const separator = fc.constantFrom('', '', '', ' ', '.', '-', '/', NO_BREAK, NARROW_NO_BREAK);
    const separators = fc.array(separator, { minLength: 15, maxLength: 15 });
    fc.assert(
      fc.property(anyMobile, separators, fc.constantFrom('+', '00'), (e164, between, prefix) => {
        const spelled = prefix + e164.slice(1).replaceAll(/(?<=\d)(?=\d)/gu, (_, at: number) => between[at - 1] ?? '');
        expect(readPhoneNumber(spelled)).toEqual({ ok: true, e164 });
      }),
    );
  });

  test('a French number means the same in all its forms', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^6[124][0-9]{7}$/u), nsn => {
        const forms = [
          `0${nsn}`,
          `+33${nsn}`,
          `0033${nsn}`,
          `+33(0)${nsn}`,
          `+330${nsn}`,
          `(+33) ${nsn}`,
          `0033 (0)${nsn}`,
        ];
        const read = new Set(forms.map(form => JSON.stringify(readPhoneNumber(form))));
        expect([...read]).toEqual([JSON.stringify({ ok: true, e164: `+33${nsn}` })]);
      }),
    );
  });

  test('a national form is read exactly when the library finds it mobile in France or overseas', () => {
    const regions = ['FR', 'GP', 'GF', 'MQ', 'RE', 'YT', 'PM'] as const;
    fc.assert(
      fc.property(frenchNational, national => {
        const found = new Set<string>();
        for (const region of regions) {
          const number = parsePhoneNumberFromString(national, region);
          if (number?.isValid() && number.getType() === 'MOBILE') found.add(number.number);
        }
        const reading = readPhoneNumber(national);
        expect(reading.ok ? [reading.e164] : []).toEqual([...found]);
      }),
      { numRuns: 3_000 },
    );
  });

  test('an international form is read exactly when the library finds it valid and mobile', () => {
    const ours = fc.constantFrom('33', '590', '594', '596', '262', '508', '687', '689', '681');
    fc.assert(
      fc.property(
        fc.oneof(ours, fc.constantFrom(...CALLING_CODES)),
        fc.stringMatching(/^[1-9][0-9]{4,10}$/u),
        (callingCode, rest) => {
          const number = parsePhoneNumberFromString(`+${callingCode}${rest}`);
          const mobile = ['MOBILE', 'FIXED_LINE_OR_MOBILE'].includes(number?.getType() ?? '');
          const reading = readPhoneNumber(`+${callingCode}${rest}`);
          expect(reading.ok ? reading.e164 : null).toEqual(number?.isValid() && mobile ? number.number : null);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  test('no message repeats the number', () => {
    const spelling = fc.oneof(fc.stringMatching(/^[+0]?[1-9][0-9]{4,14}[x#]?$/u), fc.string({ minLength: 6 }));
    fc.assert(
      fc.property(spelling, raw => {
        const reading = readPhoneNumber(raw);
        const digits = raw.replaceAll(/\D/gu, '');
        if (reading.ok || digits.length < 5 || '+33612345678 0612345678'.includes(digits)) return;
        expect(reading.message).not.toContain(digits);
        expect(reading.message).not.toContain(raw);
      }),
      { numRuns: 2_000 },
    );
  });
});

test('a French range that was read once is read as the library reads each of its numbers', () => {
  for (let range = 60_000; range < 80_000; range += 1) {
    for (const rest of ['0000', '4711', '9999']) {
      const e164 = `+33${range}${rest}`;
      const type = parsePhoneNumberFromString(e164)?.getType();
      expect([e164, readPhoneNumber(e164).ok]).toEqual([e164, type === 'MOBILE']);
    }
  }
});
