import type { RetentionDays } from '../../kernel/index.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** What is older than these instants goes. */
export interface Cutoffs {
  /** Messages that have ended, and replies: texts and numbers. */
  readonly messages: Date;
  readonly receipts: Date;
  readonly webhookDeliveries: Date;
  readonly idempotencyKeys: Date;
}

/** Nothing that tells of a message is kept for longer than its text. `own`: the tenant's own time, null where it has none. */
export function cutoffs(now: Date, days: RetentionDays, own: number | null): Cutoffs {
  const kept = own ?? days.messages;
  const before = (limit: number): Date => new Date(now.getTime() - Math.min(limit, kept) * DAY_MS);
  return {
    messages: before(kept),
    receipts: before(days.receipts),
    webhookDeliveries: before(days.webhookDeliveries),
    idempotencyKeys: before(days.idempotencyKeys),
  };
}
