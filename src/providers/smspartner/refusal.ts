import { recordOf, textOf } from '../loose-json.js';
import type { JsonRecord } from '../loose-json.js';
import type { RefusedRecipient, SendOutcome } from '../sms-provider.js';
import { joinReasons, ReasonCleaner } from './clean-reason.js';
import type { Secrets } from './clean-reason.js';
import { codeOf, isDocumented } from './error-codes.js';
import { NamedRecipients } from './named-recipients.js';

/** What was asked for, as far as reading the answer needs it. */
export interface AskedCall extends Secrets {
  readonly recipients: readonly string[];
}

interface Problem {
  readonly code: string;
  /** The provider's sentence as it came: only for finding recipients in it. */
  readonly message: string;
  /** The same, fit to be shown. */
  readonly reason: string;
  /** "children[message].data"; null for a problem that is not about a field. */
  readonly field: string | null;
  readonly phoneNumber: string | null;
}

/** Codes that are about single numbers, or carry a list of fields: only their words may name a recipient. */
const MAY_NAME_RECIPIENTS = new Set(['9', '13', '14', '15', '55']);
const MOST_PROBLEMS = 1_000;

/** Three shapes: one code; code 9 with a list of fields; code 55 with a list of numbers (inner codes are strings). */
export function readRefusal(
  code: string,
  meaning: string,
  answer: { readonly body: JsonRecord; readonly asked: AskedCall },
): SendOutcome {
  const { body, asked } = answer;
  const problems = problemsOf(body, code, new ReasonCleaner(asked));
  const reasons = problems.map(problem => problem.reason);
  const detail = code === '9' || code === '55' || !isDocumented(code) ? joinReasons(reasons) : '';
  const recipients = MAY_NAME_RECIPIENTS.has(code) ? refusedRecipients(problems, meaning, asked) : null;
  return { status: 'refused', code, reason: detail ? `${meaning}: ${detail}` : meaning, recipients };
}

function problemsOf(body: JsonRecord, code: string, cleaner: ReasonCleaner): readonly Problem[] {
  const list: unknown = body['errors'] ?? body['error'];
  const items: readonly unknown[] = Array.isArray(list) && list.length > 0 ? list.slice(0, MOST_PROBLEMS) : [body];
  return items
    .map(recordOf)
    .filter(item => item !== null)
    .map(item => {
      const message = textOf(item['message']) ?? '';
      return {
        code: codeOf(item['code']) ?? code,
        message,
        reason: cleaner.clean(message),
        field: textOf(item['elementId']),
        phoneNumber: textOf(item['phoneNumber'], 40),
      };
    });
}

/** Null: the call is refused as a whole, because nobody is named, everybody is, or another field is wrong as well. */
function refusedRecipients(
  problems: readonly Problem[],
  meaning: string,
  asked: AskedCall,
): readonly RefusedRecipient[] | null {
  if (problems.some(problem => problem.field !== null && !/phone_?numbers?/i.test(problem.field))) return null;
  const known = new NamedRecipients(asked.recipients);
  const refused = new Map<string, RefusedRecipient>();
  for (const { code, message, phoneNumber, reason } of problems) {
    const named = known.inSentence(phoneNumber ?? message);
    for (const recipient of named) refused.set(recipient, { phoneNumber: recipient, code, reason: reason || meaning });
  }
  const everybody = refused.size === known.count;
  return refused.size === 0 || everybody ? null : [...refused.values()];
}
