import { type Read, wholeNumberOf, wordOf } from './loose-values.js';

/** Public numbers stay below 2^31, for the old clients that keep them so; a larger one names nothing. */
const BEYOND = 2 ** 31;

/** A message's public number, or null for what cannot be one. Ask `isMissing` first. */
export function publicNumberOf(value: unknown): number | null {
  const number = wholeNumberOf(value);
  return typeof number === 'number' && number > 0 && number < BEYOND ? number : null;
}

export const isMissing = (value: unknown): boolean => wordOf(value) === null;

/** A word, with what cannot be one as "": nothing is named so. */
export const nameOf = (value: unknown): string => onlyText(wordOf(value)) ?? '';

const onlyText = (read: Read<string>): string | null => (typeof read === 'string' ? read : null);
