const KEY = /\b(rk|whsec|ct)_[A-Za-z0-9_-]{8,}/g;
// Eight digits or more, as phone numbers are written; identifiers are UUIDs and lose nothing.
const PHONE_NUMBER = /(?<![0-9a-fA-F-])\+?\d(?:[ .-]?\d){7,}(?![0-9a-fA-F-])/g;
const CALLBACK_SECRET = /(\/callbacks\/[a-z]+\/)[A-Za-z0-9_-]+/g;

/** A last net under the rule that keys, phone numbers and callback secrets are never logged. */
export const scrub = (text: string): string =>
  text.replaceAll(KEY, '$1_…').replaceAll(CALLBACK_SECRET, '$1…').replaceAll(PHONE_NUMBER, '…');

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/**
 * What of an error is logged: never the other properties, because a failed query carries its parameters (texts, phone
 * numbers) and its row values (`detail`).
 */
export function loggedError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(String(error)) };
  return {
    type: error.name,
    message: scrub(error.message),
    ...('code' in error && { code: error.code }),
    ...(error.stack !== undefined && { stack: scrub(error.stack) }),
    ...(error.cause !== undefined && { cause: loggedError(error.cause) }),
  };
}
