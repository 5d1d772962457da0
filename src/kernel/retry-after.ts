import type { IncomingHttpHeaders } from 'node:http';

/**
 * Retry-After (RFC 9110, 10.2.3) in milliseconds, at most `longestMs`; null when absent or unreadable. A date is measured
 * against the answer's own Date header: both come from the same clock, ours may differ.
 */
export function retryAfterMs(headers: IncomingHttpHeaders, longestMs: number): number | null {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return null;
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1_000, longestMs);
  const wait = Date.parse(value) - Date.parse(headers.date ?? '');
  return Number.isNaN(wait) || !/[a-z]/i.test(value) ? null : Math.min(Math.max(wait, 0), longestMs);
}
