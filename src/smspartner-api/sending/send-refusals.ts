import { IdempotencyConflict, InvalidSms, NoRecipient, type Problem } from '../../messaging/index.js';
import type { Answer } from '../wire/answer.js';
import { withoutEchoes } from './edge-problems.js';
import { answerAllOptedOut, answerKeyUsedBefore, answerProblems, type AskedSms } from './problem-answers.js';

/** What sending refuses in words of its own; everything else is thrown on. `ofTheEdge`: what the reading had found wrong. */
export function answerSendRefusal(error: unknown, asked: AskedSms, ofTheEdge: readonly Problem[]): Answer {
  if (error instanceof InvalidSms) return answerProblems(withoutEchoes(error.problems, ofTheEdge), asked);
  if (error instanceof NoRecipient) return answerAllOptedOut(asked.entries.map(({ to }) => to));
  if (error instanceof IdempotencyConflict) return answerKeyUsedBefore(asked.listKey);
  throw error;
}
