import type { Changing } from '../change-message.js';
import type { Submission } from '../submission.store.js';

/** A submission under its message's lock: nothing else moves it until the transaction ends. */
export interface InHand {
  readonly submission: Submission;
  readonly changing: Changing;
}

export const idsOf = (members: readonly InHand[]): string[] => members.map(({ submission }) => submission.id);

export const changesOf = (members: readonly InHand[]): Changing[] => [
  ...new Map(members.map(({ changing }) => [changing.message.id, changing])).values(),
];

export function touchAll(members: readonly InHand[]): void {
  for (const { submission, changing } of members) changing.touch(submission.id);
}

/** Their counts are those of their deliveries. */
export function countedAll(members: readonly InHand[]): void {
  for (const { submission, changing } of members) changing.counted(submission.id);
}
