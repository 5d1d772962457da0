import type { Message } from '../message.js';
import type { MessagePlan } from './plan-message.js';

/** The figures of an answer, as they were when it was accepted: a repeated request is told the same. */
export interface AcceptedFigures {
  /** SMS that are paid for: parts × recipients who get it. */
  readonly smsCount: number;
  /** Exact decimal. */
  readonly cost: string;
  readonly scheduledFor: Date | null;
  /** When the first of what the law holds back may leave; null: nothing is held. */
  readonly heldUntil: Date | null;
}

/** What the answer to an accepted request tells. */
export interface AcceptedSms extends AcceptedFigures {
  readonly message: Message;
}

export function figuresOf({ composed, cost, request, submissions }: MessagePlan): AcceptedFigures {
  const going = submissions.filter(({ deliveries }) => deliveries.some(delivery => !delivery.optedOut));
  const held = going.flatMap(({ departure }) => (departure.hold === null ? [] : [departure.hold.releaseAt]));
  const recipients = going.reduce((sum, part) => sum + part.deliveries.filter(({ optedOut }) => !optedOut).length, 0);
  return { smsCount: composed.parts * recipients, cost, scheduledFor: request.at, heldUntil: earliest(held) };
}

/** Figures kept as JSON with an idempotency key. */
export function readFigures(kept: unknown): AcceptedFigures | null {
  if (!isRecord(kept)) return null;
  const { smsCount, cost, scheduledFor, heldUntil } = kept;
  if (typeof smsCount !== 'number' || typeof cost !== 'string') return null;
  return { smsCount, cost, scheduledFor: instantOf(scheduledFor), heldUntil: instantOf(heldUntil) };
}

const instantOf = (value: unknown): Date | null => (typeof value === 'string' ? new Date(value) : null);

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

export const earliest = (instants: readonly Date[]): Date | null =>
  instants.length === 0 ? null : new Date(Math.min(...instants.map(instant => instant.getTime())));
