import { isGsm } from './gsm-alphabet.js';

const NAMED_AT_MOST = 10;

/** Control characters other than tab and line breaks, and halves of surrogate pairs: no encoding of an SMS has them. */
const INVALID = /(?![\t\n\r])\p{Cc}|\p{Cs}/gu;

export function invalidCharacters(text: string): string[] {
  return text.match(INVALID) ?? [];
}

/** Valid characters that GSM 03.38 does not have. */
export function unencodableCharacters(text: string): string[] {
  return Array.from(text).filter(char => !isGsm(char) && invalidCharacters(char).length === 0);
}

/** "é" (U+00E9), U+0000 and 3 more: each distinct character once, ten at most. */
export function nameCharacters(chars: readonly string[]): string {
  const distinct = [...new Set(chars)];
  const names = distinct.slice(0, NAMED_AT_MOST).map(nameOf);
  const more = distinct.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

function nameOf(char: string): string {
  const codePoint = `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  if (/\p{Cs}/u.test(char)) return `${codePoint} (half of a surrogate pair)`;
  if (/\p{Cc}/u.test(char)) return `${codePoint} (control character)`;
  // Nothing to see, or it would sit on the quotation mark.
  return /[\p{C}\p{M}\p{Z}]/u.test(char) ? codePoint : `"${char}" (${codePoint})`;
}
