import type { Message } from '../message.js';
import type { Submission } from '../submission.store.js';
import type { MessagePlan } from './plan-message.js';

/** What the answer to an accepted request tells. */
export interface AcceptedSms {
  readonly message: Message;
  /** SMS that are paid for: parts × recipients who get it. */
  readonly smsCount: number;
  /** When the first of what the law holds back may leave; null: nothing is held. */
  readonly heldUntil: Date | null;
}

/** As just decided. */
export function acceptedByPlan(message: Message, { submissions }: MessagePlan): AcceptedSms {
  const going = submissions.map(({ departure, deliveries }) => ({
    departure,
    recipients: deliveries.filter(delivery => !delivery.optedOut).length,
  }));
  const held = going.flatMap(({ departure, recipients }) =>
    departure.hold === null || recipients === 0 ? [] : [departure.hold.releaseAt],
  );
  const recipients = going.reduce((sum, part) => sum + part.recipients, 0);
  return { message, smsCount: message.parts * recipients, heldUntil: earliest(held) };
}

/** As it stands by now: for a request that was accepted before. */
export function acceptedBefore(message: Message, submissions: readonly Submission[]): AcceptedSms {
  const optedOut = submissions.reduce((sum, submission) => sum + submission.optedOut, 0);
  const held = submissions.flatMap(({ state, releaseAt }) =>
    state === 'HELD' && releaseAt !== null ? [releaseAt] : [],
  );
  return { message, smsCount: message.parts * (message.recipientCount - optedOut), heldUntil: earliest(held) };
}

export const earliest = (instants: readonly Date[]): Date | null =>
  instants.length === 0 ? null : new Date(Math.min(...instants.map(instant => instant.getTime())));
