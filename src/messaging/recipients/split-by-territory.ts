import type { Territory } from '../../scheduling/index.js';
import type { Recipient } from './read-recipients.js';

/** SMS Partner takes at most 500 numbers a call (code 50). */
export const RECIPIENTS_PER_SUBMISSION = 500;

export interface SubmissionPart {
  readonly territory: Territory;
  readonly recipients: readonly Recipient[];
}

/**
 * Splits recipients into what can wait and leave together: one territory and at most 500 each. Territories come in the
 * order in which they first appear, recipients keep their order, and only the last part of a territory is not full.
 */
export function splitByTerritory(recipients: readonly Recipient[]): readonly SubmissionPart[] {
  return [...Map.groupBy(recipients, recipient => recipient.territory)].flatMap(([territory, all]) =>
    inSlices(all).map(slice => ({ territory, recipients: slice })),
  );
}

function inSlices(recipients: readonly Recipient[]): readonly (readonly Recipient[])[] {
  const count = Math.ceil(recipients.length / RECIPIENTS_PER_SUBMISSION);
  return Array.from({ length: count }, (_, index) =>
    recipients.slice(index * RECIPIENTS_PER_SUBMISSION, (index + 1) * RECIPIENTS_PER_SUBMISSION),
  );
}
