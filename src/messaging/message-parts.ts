import type { HoldReason } from '../scheduling/index.js';
import type { Submission } from './submission.store.js';

const COUNTS = [
  'waiting',
  'sent',
  'delivered',
  'undelivered',
  'expired',
  'refused',
  'optedOut',
  'cancelled',
  'unconfirmed',
] as const;

/** Recipients by the status of their delivery. */
export type DeliveryCounts = Record<(typeof COUNTS)[number], number>;

export function countsOf(submissions: readonly Submission[]): DeliveryCounts {
  const counts = {
    waiting: 0,
    sent: 0,
    delivered: 0,
    undelivered: 0,
    expired: 0,
    refused: 0,
    optedOut: 0,
    cancelled: 0,
    unconfirmed: 0,
  };
  for (const submission of submissions) for (const name of COUNTS) counts[name] += submission[name];
  return counts;
}

/** Why that many recipients of a message wait. */
export interface MessageHold extends HoldReason {
  readonly recipients: number;
}

/** Held submissions as they are told: those that wait for the same reason together. */
export function holdsOf(submissions: readonly Submission[]): MessageHold[] {
  const holds = new Map<string, MessageHold>();
  for (const { state, hold, territory, releaseAt, waiting } of submissions) {
    if (state !== 'HELD' || hold === null || releaseAt === null) continue;
    const key = [territory, hold.policy, hold.rule, hold.localTime, releaseAt.toISOString()].join(' ');
    const recipients = (holds.get(key)?.recipients ?? 0) + waiting;
    holds.set(key, { ...hold, territory, releaseAt, recipients });
  }
  return [...holds.values()];
}

/** When the first of what still waits for its hour may leave; null: nothing does. */
export function releaseAtOf(submissions: readonly Submission[]): Date | null {
  const waiting = submissions.flatMap(({ state, releaseAt }) =>
    releaseAt !== null && (state === 'HELD' || state === 'SCHEDULED') ? [releaseAt.getTime()] : [],
  );
  return waiting.length === 0 ? null : new Date(Math.min(...waiting));
}
