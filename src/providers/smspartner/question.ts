import { noAnswer } from '../answers.js';
import { wholeNumberOf } from '../loose-json.js';
import type { JsonRecord } from '../loose-json.js';
import type { Answer } from '../sms-provider.js';
import { codeOf, isDocumented, meaningOf } from './error-codes.js';
import type { ExchangeRequest } from './exchange.js';
import { bodyOf, saysNothing, turnedAwayBy } from './http-answer.js';
import type { HttpAnswer } from './http-answer.js';

/** Everything but sending: may be asked again without harm. The key is put in just before it is asked. */
export type Question = (apiKey: string) => ExchangeRequest;

/** A GET takes its key in the query, as all of this API do. */
export function get(path: string, fields: Readonly<Record<string, string>> = {}): Question {
  return apiKey => {
    const query = new URLSearchParams({ apiKey, ...fields }).toString();
    return { method: 'GET', path: `${path}?${query}`, body: null };
  };
}

export function post(path: string, fields: Readonly<Record<string, unknown>>): Question {
  return apiKey => ({ method: 'POST', path, body: JSON.stringify({ apiKey, ...fields }) });
}

/** A reply as far as all questions have it in common. `nothing` proves nothing: not that a thing is absent either. */
export type Reply =
  | { readonly kind: 'yes'; readonly body: JsonRecord }
  | { readonly kind: 'no'; readonly code: string; readonly body: JsonRecord }
  | { readonly kind: 'nothing'; readonly reason: string };

/** `{"success":true,"code":200}` or `{"success":false,"code":n}`; all else is nothing. Never throws. */
export function readReply(answer: HttpAnswer): Reply {
  const { status } = answer;
  if (status === 429) return nothing('too many requests');
  if (saysNothing(status)) return nothing(`HTTP ${status}`);
  const body = bodyOf(answer);
  if (body?.['success'] === true) {
    const agrees = status < 300 && wholeNumberOf(body['code'] ?? 200) === 200;
    return agrees ? { kind: 'yes', body } : nothing('the answer contradicts itself');
  }
  const code = body?.['success'] === false ? codeOf(body['code']) : null;
  const door = turnedAwayBy(status);
  if (door !== null && (code === null || !isDocumented(code))) return nothing(door);
  if (body === null || code === null) return nothing(`HTTP ${status} with an answer that cannot be read`);
  return code === '200' ? nothing('the answer contradicts itself') : { kind: 'no', code, body };
}

/** For every reply that a question knows nothing to make of. The provider's own words stay out of it. */
export function unanswered(reply: Reply): Extract<Answer<never>, { status: 'no-answer' }> {
  switch (reply.kind) {
    case 'yes':
      return noAnswer('the answer cannot be read');
    case 'no':
      // Longer codes are no codes of the vendor's, and might be part of a phone number.
      return noAnswer(`${reply.code.length > 3 ? '' : `code ${reply.code}: `}${meaningOf(reply.code).reason}`);
    case 'nothing':
      return noAnswer(reply.reason);
  }
}

function nothing(reason: string): Reply {
  return { kind: 'nothing', reason };
}
