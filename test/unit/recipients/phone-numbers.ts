import * as fc from 'fast-check';
import {
  getCountries,
  getCountryCallingCode,
  getExampleNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';

const MOBILE = new Set<unknown>(['MOBILE', 'FIXED_LINE_OR_MOBILE']);

/** One mobile number of every country that has them, by the library's own examples. */
const EXAMPLES = getCountries()
  .map(country => getExampleNumber(country, examples))
  .filter(number => MOBILE.has(number?.getType()))
  .map(number => String(number?.number));

export const CALLING_CODES = [...new Set(getCountries().map(country => getCountryCallingCode(country)))];

/** Mobile numbers of the whole world in E.164: the library's examples with other last digits, where that is still a mobile. */
export const anyMobile = fc
  .tuple(fc.constantFrom(...EXAMPLES), fc.stringMatching(/^[0-9]{3}$/u))
  .map(([example, ending]) => example.slice(0, -3) + ending)
  .filter(e164 => {
    const number = parsePhoneNumberFromString(e164);
    return number?.number === e164 && MOBILE.has(number.getType());
  });

/** Ten digits from 06 or 07, rich in the prefixes that do not belong to +33. */
export const frenchNational = fc
  .tuple(
    fc.constantFrom('06', '07', '0639', '069', '0691', '0693', '0694', '0708', '07090', '07091', '07092', '07093'),
    fc.stringMatching(/^[0-9]{8}$/u),
  )
  .map(([prefix, rest]) => (prefix + rest).slice(0, 10));

const padded = (index: number, digits: number) => String(index).padStart(digits, '0');

/** The index-th mobile of a place, all of them valid for an index below 10,000. */
export const numbered = {
  metropole: (index: number) => `+336${12_000_000 + index}`,
  guadeloupe: (index: number) => `+590690${padded(index, 6)}`,
  reunion: (index: number) => `+262692${padded(index, 6)}`,
  mayotte: (index: number) => `+2626396${padded(index, 5)}`,
  abroad: (index: number) => `+1202555${padded(index, 4)}`,
};
