import { answered } from '../answers.js';
import type { Answer, CancelAnswer } from '../sms-provider.js';
import { get, unanswered } from './question.js';
import type { Question, Reply } from './question.js';

/** 4 unknown, 5 cancelled already, 6 less than five minutes before it leaves, 7 sent already. */
const ANSWERS = new Map<string, CancelAnswer>([
  ['4', 'not-found'],
  ['5', 'cancelled'],
  ['6', 'too-late'],
  ['7', 'too-late'],
]);

/** GET /v1/message-cancel ("Annuler l'envoi d'un SMS différé"). */
export function askToCancel(providerMessageId: string): Question {
  return get('/v1/message-cancel', { messageId: providerMessageId });
}

export function readCancel(reply: Reply): Answer<CancelAnswer> {
  if (reply.kind === 'yes') return answered('cancelled');
  const known = reply.kind === 'no' ? ANSWERS.get(reply.code) : undefined;
  return known === undefined ? unanswered(reply) : answered(known);
}
