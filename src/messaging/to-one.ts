import type { SubmissionRow } from './submission.entity.js';

/**
 * To one recipient, who waits: where others of it ended otherwise, what is left is not, since its attempts have carried their
 * numbers too, and what an attempt carried to a number must be one. In SQL of submissions, and of one at hand.
 */
export const TO_ONE = `waiting = 1 and sent + delivered + undelivered + expired + refused + opted_out + cancelled + unconfirmed = 0`;

export const isToOne = (of: SubmissionRow): boolean =>
  of.waiting === 1 &&
  of.sent + of.delivered + of.undelivered + of.expired + of.refused + of.optedOut + of.cancelled + of.unconfirmed === 0;
