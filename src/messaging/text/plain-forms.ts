import { isGsm } from './gsm-alphabet.js';

/**
 * Characters outside GSM 03.38 and outside the provider's table that have an obvious plain form. Only what reads the
 * same belongs here: ½ does not (1½ would become 11/2), nor ‰. Written as code points where the eye cannot tell.
 */
const ROWS: readonly (readonly [from: string, to: string])[] = [
  ['…', '...'],
  ['\u2010\u2011\u2012–—\u2015\u2212•', '-'],
  ['”„‟″', '"'],
  ['‚‛‹›′´ʼ', "'"],
  ['·', '.'],
  ['\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u202F\u205F\u3000', ' '],
  ['\u2028\u2029', '\n'],
  // Invisible: soft hyphen, zero width, direction marks (they come with pasted phone numbers), emoji/text style.
  ['\u00AD\u200B\u200C\u200D\u200E\u200F\u202A\u202B\u202C\u202D\u202E', ''],
  ['\u2060\u2066\u2067\u2068\u2069\uFEFF\uFE0E\uFE0F', ''],
  ['Œ', 'OE'],
  ['ł', 'l'],
  ['Ł', 'L'],
  ['đð', 'd'],
  ['ĐÐ', 'D'],
  ['ħ', 'h'],
  ['Ħ', 'H'],
  ['ŧ', 't'],
  ['Ŧ', 'T'],
  ['þ', 'th'],
  ['Þ', 'TH'],
  ['ı', 'i'],
  ['ĳ', 'ij'],
  ['Ĳ', 'IJ'],
  ['ẞ', 'ß'],
  ['ﬀ', 'ff'],
  ['ﬁ', 'fi'],
  ['ﬂ', 'fl'],
  ['ﬃ', 'ffi'],
  ['ﬄ', 'ffl'],
  // The Greek letter, which Unicode normalisation elsewhere makes of the provider's own µ (U+00B5).
  ['\u03BC', 'u'],
  ['×', 'x'],
  ['º', 'o'],
  ['ª', 'a'],
  ['²', '2'],
  ['³', '3'],
  ['№', 'No'],
  ['™', 'TM'],
  ['©', '(c)'],
  ['®', '(r)'],
];

const PLAIN_FORMS: ReadonlyMap<string, string> = new Map(
  ROWS.flatMap(([from, to]) => Array.from(from, char => [char, to] as const)),
);

/** Overlays (U+0334 to U+0338) stay: a struck-out letter is not the letter, and ≠ must never become =. */
const DIACRITICS = /[\u0300-\u0333\u0339-\u036F]/gu;

/** The plain form of a character, or of a letter with its combining marks; the same string where there is none. */
export function plainForm(char: string): string {
  return PLAIN_FORMS.get(char) ?? withoutDiacritics(char);
}

function withoutDiacritics(char: string): string {
  const base = char.normalize('NFD').replace(DIACRITICS, '');
  return isGsm(base) ? base : char;
}
