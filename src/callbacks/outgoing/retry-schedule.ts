const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** After the first attempt, after the second and so on: three days and a few hours in all. */
const DELAYS_MS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
/** Calls that failed together do not come back together. */
const SPREAD = 0.1;

/**
 * How long to wait after this many attempts (from 1); null: give up. `jitter` is from 0 up to 1. Never before the
 * receiver's Retry-After.
 */
export function retryDelayMs(attempts: number, jitter: number, retryAfterMs: number | null): number | null {
  const delay = DELAYS_MS[attempts - 1];
  if (delay === undefined) return null;
  return Math.round(Math.max(delay * (1 - SPREAD + 2 * SPREAD * jitter), retryAfterMs ?? 0));
}
