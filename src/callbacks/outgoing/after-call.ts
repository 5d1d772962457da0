import type { Posted } from './guarded-sender.js';
import { retryDelayMs } from './retry-schedule.js';
import type { DeliveryEnd } from './webhook-delivery.store.js';

/** The receiver asks not to be called any more. */
export const GONE = 410;

/**
 * What follows an attempt, the `attempts`-th: 2xx alone is success, 410 ends it, and all else comes again until the schedule
 * is through. So does what our own guard refused: the tenant may mend its DNS. `jitter` is from 0 up to 1.
 */
export function afterCall(posted: Posted, attempts: number, now: Date, jitter: number): DeliveryEnd {
  const told = {
    lastStatusCode: posted.kind === 'answered' ? posted.status : null,
    lastError: posted.kind === 'answered' ? `answered ${posted.status}` : posted.reason,
  };
  if (posted.kind === 'answered' && posted.status >= 200 && posted.status <= 299)
    return { ...told, lastError: null, state: 'DELIVERED', dueAt: null, endedAt: now };
  const delay = retryDelayMs(attempts, jitter, posted.kind === 'answered' ? posted.retryAfterMs : null);
  if (delay === null || told.lastStatusCode === GONE) return { ...told, state: 'FAILED', dueAt: null, endedAt: now };
  return { ...told, state: 'PENDING', dueAt: new Date(now.getTime() + delay), endedAt: null };
}
