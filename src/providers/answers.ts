import type { Answer } from './sms-provider.js';

export function answered<T>(value: T): Answer<T> {
  return { status: 'answered', value };
}

/** `reason` is for people and carries no text, number or key. */
export function noAnswer(reason: string): Extract<Answer<never>, { status: 'no-answer' }> {
  return { status: 'no-answer', reason };
}
