import { DomainError } from '../domain-error.js';

/** The database cannot be reached, is starting or stopping. Nothing is lost: ask again, with the same idempotency key. */
export class DatabaseUnavailable extends DomainError {
  readonly code = 'SERVICE_UNAVAILABLE';
  readonly kind = 'unavailable';

  constructor(cause: unknown) {
    super(
      'Relais cannot reach its database at the moment. Try again shortly, with the same idempotencyKey where you gave one.',
      { cause },
    );
  }
}

/** Connection exceptions (class 08), too many connections, the server stopping or starting (57P), statement and idle time-outs. */
const UNAVAILABLE_STATE = /^(08|53300|57P0|57014|25P03)/;
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
// pg raises these as plain errors without a code.
const LOST =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Driver not Connected|Query read timeout|Query runner already released/;

export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  const code = codeOf(error);
  if (code !== null) return NETWORK.has(code) || UNAVAILABLE_STATE.test(code);
  return LOST.test(error.message);
}

/** Two transactions locked the same rows in opposite order, and the server ended this one: it may simply run again. */
export const isDeadlock = (error: unknown): boolean => error instanceof Error && codeOf(error) === '40P01';

function codeOf(error: Error): string | null {
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}
