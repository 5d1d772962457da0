/**
 * Readers for what a provider sends: JSON from outside, where numbers come as strings and strings as numbers. Null is
 * "not there or not usable"; nothing here throws.
 */
export type JsonRecord = Readonly<Record<string, unknown>>;

export function recordOf(value: unknown): JsonRecord | null {
  return isRecord(value) ? value : null;
}

/** A list; PHP writes one with a gap in its numbering as {"0": …, "2": …}. Null: neither. */
export function listOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  return isRecord(value) && Object.keys(value).every(key => /^\d+$/.test(key)) ? Object.values(value) : null;
}

/** A field by its name, or by the same name in another case. */
export function fieldOf(record: JsonRecord, name: string): unknown {
  if (Object.hasOwn(record, name)) return record[name];
  const same = Object.keys(record).find(key => key.toLowerCase() === name.toLowerCase());
  return same === undefined ? undefined : record[same];
}

/** A string or a finite number, trimmed; null when empty or longer than anything honest. */
export function textOf(value: unknown, maxLength = 1_000): string | null {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== 'string' || text.length > maxLength) return null;
  // PostgreSQL stores every character but this one.
  return text.replaceAll('\u0000', '').trim() || null;
}

/** A text as it came, blanks at its ends included; cut where it is longer than anything honest. Null: none. */
export function wholeTextOf(value: unknown, maxLength: number): string | null {
  if (typeof value === 'number') return textOf(value);
  if (typeof value !== 'string') return null;
  return value.slice(0, maxLength).replaceAll('\u0000', '').toWellFormed() || null;
}

/** A whole number from 0 to 2^53, as number or digits. */
export function wholeNumberOf(value: unknown): number | null {
  const text = textOf(value, 20);
  if (text === null || !/^\d+$/.test(text)) return null;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : null;
}

/** A positive identifier as its digits: 1223109 and "1223109" are "1223109". An id beyond 2^53 survives only as a string. */
export function identifierOf(value: unknown): string | null {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return null;
  const text = textOf(value, 30);
  return text !== null && /^[1-9]\d*$/.test(text) ? text : null;
}

/** An exact amount, never in exponent form. Numbers are cut to the 15 digits that a double carries: 0.135, not 0.13500000000000001. */
export function decimalOf(value: unknown): string | null {
  const text = typeof value === 'number' ? withoutExponent(Number(value.toPrecision(15))) : textOf(value, 30);
  return text !== null && /^\d{1,12}(\.\d{1,12})?$/.test(text) ? text : null;
}

/** As `decimalOf`, and below zero as well: "-3.5". */
export function signedDecimalOf(value: unknown): string | null {
  const below = typeof value === 'number' ? value < 0 : typeof value === 'string' && value.trimStart().startsWith('-');
  if (!below) return decimalOf(value);
  const magnitude = decimalOf(typeof value === 'number' ? -value : String(value).replace('-', ''));
  return magnitude === null ? null : `-${magnitude}`;
}

/** An ISO 4217 code, in capitals. */
export function currencyOf(value: unknown): string | null {
  const text = textOf(value, 10);
  return text !== null && /^[a-z]{3}$/i.test(text) ? text.toUpperCase() : null;
}

function withoutExponent(value: number): string {
  const [digits = '', exponent] = String(value).split('e-');
  return exponent === undefined ? digits : `0.${'0'.repeat(Number(exponent) - 1)}${digits.replace('.', '')}`;
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
