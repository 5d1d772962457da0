/**
 * Readers for what real clients send: numbers as strings, strings as numbers, flags in six spellings. Null and "" are "not
 * given"; INVALID is a value of a kind that cannot be meant. Nothing here throws.
 */
export const INVALID = Symbol('a value that cannot be read');
export type Read<T> = T | null | typeof INVALID;

/** Text as it is, "" included; a number as its digits. */
export function textOf(value: unknown): Read<string> {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : INVALID;
}

/** Text without blanks round it; "" is not given. */
export function wordOf(value: unknown): Read<string> {
  const text = textOf(value);
  return typeof text === 'string' ? text.trim() || null : text;
}

/** From 0 on, as a number or as digits. */
export function wholeNumberOf(value: unknown): Read<number> {
  const text = wordOf(value);
  if (typeof text !== 'string') return text;
  return /^\d{1,15}$/.test(text) ? Number(text) : INVALID;
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
]);

/** 0, 1, true, false, and the same in quotes. */
export function flagOf(value: unknown): Read<boolean> {
  if (typeof value === 'boolean') return value;
  const text = wordOf(value);
  return typeof text === 'string' ? (FLAGS.get(text.toLowerCase()) ?? INVALID) : text;
}
