import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { isDecimal } from '../decimal.js';

const refuse = (message: string): GraphQLError => new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });

const RFC3339 =
  /^(?:19[7-9]\d|[2-8]\d{3})-\d{2}-\d{2}[Tt](?:[01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

function readInstant(value: unknown): Date {
  const instant = typeof value === 'string' && RFC3339.test(value) ? new Date(value) : null;
  // Date rolls 30 February over to March; an instant that does not exist is refused instead.
  if (instant === null || Number.isNaN(instant.getTime()) || !isCalendarDay(String(value))) {
    throw refuse(
      'DateTime must be an RFC 3339 instant of the years 1970 to 8999 with an offset, such as "2026-01-05T08:00:00+01:00" or "2026-01-05T07:00:00Z"',
    );
  }
  return instant;
}

function isCalendarDay(value: string): boolean {
  const [year = 0, month = 0, day = 0] = value.slice(0, 10).split('-').map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'RFC 3339 instant. Output is always UTC.',
  serialize: value => {
    if (value instanceof Date) return value.toISOString();
    throw new TypeError('DateTime must be a Date');
  },
  parseValue: readInstant,
  parseLiteral: node => readInstant(node.kind === Kind.STRING ? node.value : null),
});

function readString(value: unknown): string {
  if (typeof value === 'string') return value;
  throw refuse('PhoneNumber must be a string, such as "+33612345678"');
}

/** Takes any string: the use case parses it, so that each mistake is told with its path. */
export const PhoneNumberScalar = new GraphQLScalarType<string, string>({
  name: 'PhoneNumber',
  description:
    'E.164 on output. Input also takes French national numbers (06…, 07…, overseas 0690…, 0692…), 00…, and spaces, dots, dashes.',
  serialize: readString,
  parseValue: readString,
  parseLiteral: node => readString(node.kind === Kind.STRING ? node.value : null),
});

function readDecimal(value: unknown): string {
  if (typeof value === 'string' && isDecimal(value)) return value;
  throw refuse('Decimal must be a string with at most ten digits before and four behind the point, such as "0.0380"');
}

export const DecimalScalar = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  description: 'Exact decimal in a string: "0.0380".',
  serialize: readDecimal,
  parseValue: readDecimal,
  parseLiteral: node => readDecimal(node.kind === Kind.STRING ? node.value : null),
});

function readSafeInt(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw refuse('SafeInt must be a whole number up to 2^53 - 1');
}

export const SafeIntScalar = new GraphQLScalarType<number, number>({
  name: 'SafeInt',
  description: 'Whole number up to 2^53 - 1, a JSON number.',
  // The driver reads a bigint column as a string.
  serialize: value => readSafeInt(typeof value === 'string' ? Number(value) : value),
  parseValue: readSafeInt,
  parseLiteral: node => readSafeInt(node.kind === Kind.INT ? Number(node.value) : null),
});
