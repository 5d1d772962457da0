/**
 * Money as exact decimals: strings outside ("0.0380", four places, as the database's numeric(14,4)), whole
 * ten-thousandths in a bigint inside. Never a float.
 */
const PLACES = 4;
const SCALE = 10n ** BigInt(PLACES);
const DECIMAL = /^-?\d{1,10}(\.\d{1,4})?$/;

export const isDecimal = (value: string): boolean => DECIMAL.test(value);

/** Throws a RangeError on anything but a plain decimal with at most ten digits before and four behind the point. */
export function parseDecimal(value: string): bigint {
  if (!isDecimal(value)) throw new RangeError('not a decimal with at most four places');
  const negative = value.startsWith('-');
  const [whole = '0', fraction = ''] = value.replace('-', '').split('.');
  const units = BigInt(whole) * SCALE + BigInt(fraction.padEnd(PLACES, '0'));
  return negative ? -units : units;
}

export function formatDecimal(units: bigint): string {
  const magnitude = units < 0n ? -units : units;
  const digits = magnitude.toString().padStart(PLACES + 1, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -PLACES)}.${digits.slice(-PLACES)}`;
}
