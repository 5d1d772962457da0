import { type NumberType, parsePhoneNumberFromString } from 'libphonenumber-js/max';

export type PhoneNumberReading =
  | { readonly ok: true; readonly e164: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

type Refusal = Extract<PhoneNumberReading, { ok: false }>;

const LONGEST_SPELLING = 40;

// No-break, figure, thin and narrow no-break spaces come with numbers pasted from web pages and spreadsheets; U+2010 to
// U+2013 are the hyphens and the dash that word processors put in place of "-".
const SEPARATORS = ' \\u00A0\\u2007\\u2009\\u202F.\\-\\u2010-\\u2013/';
/** ASCII digits on purpose: a full-width digit is refused like a letter, because the library would quietly convert it. */
const SPELLING = new RegExp(`^(?:\\+|\\(\\+)?[0-9(](?:[0-9()${SEPARATORS}]*[0-9)])?$`, 'u');
const PARENTHESES_IN_PAIRS = /^[^()]*(?:\([^()]+\)[^()]*)*$/u;
const SHORT_CODE = /^[0-9]{3,6}$/u;

/**
 * French numbers of ten digits that are not +33: after the first 0, these prefixes belong to another calling code. The
 * mobile ranges are those of the library's metadata (a property test holds the two together); 262, 590 and 594 are
 * landlines that would otherwise read as nonsense. The first that fits wins.
 */
const OVERSEAS_PREFIXES: readonly (readonly [prefix: RegExp, callingCode: string])[] = [
  [/^(?:69[01]|7090|590)/u, '590'],
  [/^(?:69[23]|639|7092|7093[5-7]|262)/u, '262'],
  [/^(?:694|7093|594)/u, '594'],
  [/^(?:69[67]|7091)/u, '596'],
  [/^708[45]/u, '508'],
];

/**
 * Ranges of French mobiles of which the library has said so. Its plan tells them apart by fewer digits (a property test holds it
 * to that), and asking it for each number was a fifth of what accepting a long list cost.
 */
const mobileRanges = new Set<string>();
const FRENCH_MOBILE = /^33[67][0-9]{8}$/u;
const RANGE_DIGITS = '33'.length + 5;

const INVALID = 'INVALID_PHONE_NUMBER';
const EMPTY = refusal(INVALID, 'The entry is empty. Give a number such as "+33612345678", or leave the entry out.');
const TOO_LONG = refusal(
  INVALID,
  `The entry is longer than ${LONGEST_SPELLING} characters. Give one number an entry, such as "+33612345678".`,
);
const STRANGE_CHARACTER = refusal(
  INVALID,
  'The number may hold only the digits 0 to 9, spaces, dots, dashes, slashes and parentheses in pairs, after one leading "+": ' +
    'no letter, extension or invisible character. Write it as in "+33612345678".',
);
const NO_COUNTRY = refusal(
  INVALID,
  'The number begins neither with "+" nor with 0, so its country is not known. Write "+" and the country code, as in ' +
    '"+33612345678", or the French national form, as in "0612345678".',
);
const NO_SUCH_NUMBER = refusal(
  INVALID,
  'No such number can exist: a digit is missing, too many or wrong, or the country code is. Write it as in "+33612345678".',
);
const IS_SHORT_CODE = refusal(
  'SHORT_CODE',
  'A short code cannot receive SMS. Give the whole number of a mobile, as in "+33612345678".',
);
const IS_LANDLINE = refusal('LANDLINE', 'The number is a landline, which cannot receive SMS. Give a mobile number.');
const IS_NOT_MOBILE = refusal(
  'NOT_MOBILE',
  'The number is a special one (internet telephony, toll-free, premium rate, pager or the like), which cannot receive SMS. ' +
    'Give a mobile number.',
);

const REFUSED_TYPES = {
  MOBILE: null,
  // Where the plan does not tell the two apart, as in North America.
  FIXED_LINE_OR_MOBILE: null,
  FIXED_LINE: IS_LANDLINE,
  PAGER: IS_NOT_MOBILE,
  PERSONAL_NUMBER: IS_NOT_MOBILE,
  PREMIUM_RATE: IS_NOT_MOBILE,
  SHARED_COST: IS_NOT_MOBILE,
  TOLL_FREE: IS_NOT_MOBILE,
  UAN: IS_NOT_MOBILE,
  VOICEMAIL: IS_NOT_MOBILE,
  VOIP: IS_NOT_MOBILE,
} satisfies Record<NonNullable<NumberType>, Refusal | null>;

/**
 * Reads one phone number as people write it and gives it in E.164, or says what is wrong and how to mend it. International
 * forms (+33…, 0033…, with or without the trunk "(0)") and French national forms of ten digits, overseas ones included.
 * A number without "+" or leading 0 is refused rather than guessed. No message repeats the number: messages get logged.
 */
export function readPhoneNumber(raw: string): PhoneNumberReading {
  if (raw.length > LONGEST_SPELLING) return TOO_LONG;
  const spelling = raw.trim();
  if (spelling === '') return EMPTY;
  if (!SPELLING.test(spelling) || !PARENTHESES_IN_PAIRS.test(spelling)) return STRANGE_CHARACTER;
  const digits = spelling.replaceAll(/[^0-9]/gu, '');
  if (spelling.includes('+')) return readInternational(digits);
  if (digits.startsWith('00')) return readInternational(digits.slice(2));
  if (digits.startsWith('0')) return readNational(digits.slice(1));
  return SHORT_CODE.test(digits) ? IS_SHORT_CODE : NO_COUNTRY;
}

/** ISO 3166-1 code of an E.164 number's country ("FR", "RE"); null where its calling code has none of its own. */
export const countryOf = (e164: string): string | null => parsePhoneNumberFromString(e164)?.country ?? null;

function readNational(afterZero: string): PhoneNumberReading {
  return readInternational((overseasCallingCode(afterZero) ?? '33') + afterZero);
}

function readInternational(digits: string): PhoneNumberReading {
  if (!FRENCH_MOBILE.test(digits)) return askLibrary(digits);
  const range = digits.slice(0, RANGE_DIGITS);
  if (mobileRanges.has(range)) return { ok: true, e164: `+${digits}` };
  const reading = askLibrary(digits);
  if (reading.ok) mobileRanges.add(range);
  return reading;
}

function askLibrary(digits: string): PhoneNumberReading {
  const number = parsePhoneNumberFromString(`+${digits}`);
  // With the max metadata a number is valid exactly when it has a type, so isValid() would only do the same work again.
  const type = number?.getType();
  if (number === undefined || type === undefined) return noSuchNumber(digits);
  return REFUSED_TYPES[type] ?? { ok: true, e164: number.number };
}

/** "+33 639…" is an easy slip for Mayotte; it is named, not corrected, because a guess would send to a stranger. */
function noSuchNumber(digits: string): Refusal {
  const french = /^330?(?<afterZero>[1-9][0-9]{8})$/u.exec(digits)?.groups?.['afterZero'];
  const callingCode = french === undefined ? null : overseasCallingCode(french);
  if (callingCode === null) return NO_SUCH_NUMBER;
  return refusal(INVALID, `The number is an overseas one, outside +33. Write it with +${callingCode} instead.`);
}

function overseasCallingCode(afterZero: string): string | null {
  return OVERSEAS_PREFIXES.find(([prefix]) => prefix.test(afterZero))?.[1] ?? null;
}

function refusal(code: string, message: string): Refusal {
  return { ok: false, code, message };
}
