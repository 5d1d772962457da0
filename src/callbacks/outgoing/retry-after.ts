import type { IncomingHttpHeaders } from 'node:http';

const LONGEST_WAIT_MS = 24 * 60 * 60 * 1_000;

/**
 * Retry-After in milliseconds, at most a day; null when absent or unreadable. A date is measured against the answer's own
 * Date header: both come from the same clock, ours may differ.
 */
export function retryAfterMs(headers: IncomingHttpHeaders): number | null {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return null;
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1_000, LONGEST_WAIT_MS);
  const wait = Date.parse(value) - Date.parse(headers.date ?? '');
  return Number.isNaN(wait) || !/[a-z]/i.test(value) ? null : Math.min(Math.max(wait, 0), LONGEST_WAIT_MS);
}
