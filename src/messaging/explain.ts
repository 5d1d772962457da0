import type { HoldReason } from '../scheduling/index.js';
import type { StoredHold } from './hold.js';

export const recipientsInWords = (count: number): string => `${count} ${count === 1 ? 'recipient' : 'recipients'}`;

/** A hold without what the submission's own columns say. */
export const toStoredHold = ({ rule, policy, timeZone, localTime, holiday, explanation }: HoldReason): StoredHold => ({
  rule,
  policy,
  timeZone,
  localTime,
  holiday,
  explanation,
});
