import { setImmediate } from 'node:timers/promises';
import type { Problem } from '../messaging.errors.js';
import { hintProblem, placeOf, type Recipient, readRecipients } from '../recipients/read-recipients.js';
import { inEntry } from '../asking/in-entry.js';
import { type CheckedSms, compose, inInput, type PlanningContext } from '../asking/plan-message.js';
import { optionsOf, problemsOfOptions } from '../asking/sms-options.js';
import type { BatchRequest, SmsRequest } from '../asking/sms-request.js';

export type BatchCheck =
  | { readonly ok: true; readonly messages: readonly CheckedSms[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const MOST_MESSAGES = 10_000;
/** Other requests get their turn after this many texts: ten thousand take about a second to check. */
const AT_A_TIME = 200;

/** Every text and recipient of a batch, or every problem with its path; options are judged once. */
export async function checkBatch(
  request: BatchRequest,
  context: PlanningContext,
  found: readonly Problem[],
): Promise<BatchCheck> {
  const problems = [...found, ...problemsOfOptions(request, context), ...problemsOfCount(request)];
  if (request.messages.length > MOST_MESSAGES) return { ok: false, problems };
  const checked: CheckedSms[] = [];
  const phoneNumbers: string[] = [];
  for (const [index, { to, text }] of request.messages.entries()) {
    if (index % AT_A_TIME === AT_A_TIME - 1) await setImmediate();
    const reading = readEntry({ ...request, to: [to], text }, context);
    problems.push(...reading.problems.map(problem => (isOption(problem) ? problem : inEntry(index, problem))));
    phoneNumbers.push(...reading.phoneNumbers);
    if (reading.sms !== null) checked.push(reading.sms);
  }
  // Judged once every number reads: one that is still to be mended might permit it.
  const allRead = phoneNumbers.length > 0 && phoneNumbers.length === request.messages.length;
  const hint = allRead ? hintProblem(phoneNumbers, request.territory) : null;
  if (hint !== null) problems.push(hint);
  return problems.length > 0 ? { ok: false, problems: once(problems) } : { ok: true, messages: checked };
}

interface EntryReading {
  readonly sms: CheckedSms | null;
  /** E.164. */
  readonly phoneNumbers: readonly string[];
  readonly problems: readonly Problem[];
}

function readEntry(request: SmsRequest, context: PlanningContext): EntryReading {
  // The hint is judged over the whole batch: it chooses where a number permits it.
  const recipients = readRecipients(request.to, null);
  const composition = compose(request, context);
  const problems = [
    ...(recipients.ok ? [] : recipients.problems),
    ...(composition.ok ? [] : composition.problems.map(inInput)),
  ];
  const phoneNumbers = recipients.ok ? recipients.recipients.map(({ phoneNumber }) => phoneNumber) : [];
  if (!recipients.ok || !composition.ok) return { sms: null, phoneNumbers, problems };
  const placed = recipients.recipients.map(({ phoneNumber }): Recipient => {
    return { phoneNumber, territory: placeOf(phoneNumber, request.territory) };
  });
  const options = optionsOf(request, context.tenant);
  return { sms: { request, options, composed: composition.text, recipients: placed }, phoneNumbers, problems };
}

function problemsOfCount({ messages }: BatchRequest): Problem[] {
  if (messages.length === 0) {
    return [
      { path: ['messages'], code: 'MESSAGES_REQUIRED', message: 'Give at least one message with "to" and "text".' },
    ];
  }
  if (messages.length <= MOST_MESSAGES) return [];
  const message = `${messages.length} messages are given and a batch takes at most ${MOST_MESSAGES}. Spread them over several batches.`;
  return [{ path: ['messages'], code: 'TOO_MANY_MESSAGES', message }];
}

/** What is wrong with an option is so for every text; it is told once. */
const isOption = ({ path }: Problem): boolean => path[0] === 'unicode' || path[0] === 'stopMention';

const once = (problems: readonly Problem[]): Problem[] => [
  ...new Map(problems.map(problem => [`${problem.path.join('/')} ${problem.code}`, problem])).values(),
];
