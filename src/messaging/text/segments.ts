import type { Encoding } from '../../kernel/index.js';
import { septetsOf } from './gsm-alphabet.js';

interface PartSize {
  /** What one SMS holds when the text fits in one. */
  readonly alone: number;
  /** What each holds when there are several: a six-octet header joins them. */
  readonly joined: number;
  /** Septets or UTF-16 units of one character (code point). */
  readonly sizeOf: (char: string) => number;
}

export const PART_SIZES: Readonly<Record<Encoding, PartSize>> = {
  GSM7: { alone: 160, joined: 153, sizeOf: septetsOf },
  UCS2: { alone: 70, joined: 67, sizeOf: char => char.length },
};

/** Septets (GSM7) or UTF-16 units (UCS2); a character outside GSM 03.38 counts nothing in GSM7. */
export function sizeOfText(text: string, encoding: Encoding): number {
  const { sizeOf } = PART_SIZES[encoding];
  let size = 0;
  for (const char of text) size += sizeOf(char);
  return size;
}

/** The fewest parts that carry the text; no escape pair and no surrogate pair is ever cut in two. */
export function splitIntoParts(text: string, encoding: Encoding): string[] {
  const { alone, joined, sizeOf } = PART_SIZES[encoding];
  if (sizeOfText(text, encoding) <= alone) return [text];
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const char of text) {
    const size = sizeOf(char);
    if (used + size > joined) {
      parts.push(part);
      part = '';
      used = 0;
    }
    part += char;
    used += size;
  }
  parts.push(part);
  return parts;
}
