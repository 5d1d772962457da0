import { type Problem, readPhoneNumber } from '../../messaging/index.js';
import { type Answer, refusal, type Sentence, withTail } from '../wire/answer.js';
import * as texts from '../texts.js';
import { elementIdOf, IDEMPOTENCY_HEADER, rankOf, wireNameOf } from './field-names.js';
import { sentenceOf } from './problem-sentences.js';

/** What was asked, to tell by its own words what is wrong with it. */
export interface AskedSms {
  /** Key of the list of faults: the page "Envoi unitaire" has `errors`, the vendor's bulk page `error`. */
  readonly listKey: 'errors' | 'error';
  /** One text for all numbers, or one entry each. */
  readonly entries: readonly { readonly to: string; readonly text: string }[];
  readonly sender: string | null;
  readonly moment: string;
}

/** Codes of the table "Code de contrôle" that stand for one problem. */
const OWN_CODES: ReadonlyMap<string, number> = new Map([
  ['NO_PRICE', 13],
  ['ECO_ONE_PART', 42],
  ['TOO_MANY_RECIPIENTS', 50],
  ['TOO_MANY_MESSAGES', 50],
  ['TOO_MANY_PARTS', 52],
  ['RECIPIENTS_REQUIRED', 55],
  ['MESSAGES_REQUIRED', 55],
  ['SENDER_NOT_ALLOWED', 992],
]);

const LONGEST_ECHO = 60;

/**
 * All that is wrong, at once. One problem that has a code of its own is that code; numbers without a price are listed by
 * number under 55; anything else is code 9 with every fault, in the order of the page "Envoi unitaire".
 */
export function answerProblems(problems: readonly Problem[], asked: AskedSms): Answer {
  const faults = problems.toSorted(byPlace).map(problem => faultOf(problem, asked));
  const [first] = faults;
  const severalNumbers = distinct(asked.entries.map(({ to }) => to)).length > 1;
  if (severalNumbers && faults.every(({ code }) => code === 'NO_PRICE')) return answerNumbers('13', faults);
  const own = first === undefined || faults.length > 1 ? undefined : OWN_CODES.get(first.code);
  // Of several entries, the list says which one it is; the single code could not.
  if (first !== undefined && own !== undefined && !(first.inEntry && asked.entries.length > 1))
    return refusal(own, first.message);
  return answerFaults(asked.listKey, faults);
}

/** Every recipient is on the STOP list. */
export function answerAllOptedOut(numbers: readonly string[]): Answer {
  const faults = distinct(numbers).map(number => ({ message: texts.numberOptedOut(echo(number)), number }));
  const [first] = faults;
  return faults.length === 1 && first !== undefined ? refusal(14, first.message) : answerNumbers('14', faults);
}

export const answerKeyUsedBefore = (listKey: 'errors' | 'error'): Answer =>
  answerFaults(listKey, [{ elementId: IDEMPOTENCY_HEADER, message: texts.KEY_USED_BEFORE }]);

export const answerFaults = (
  listKey: 'errors' | 'error',
  faults: readonly { readonly elementId: string; readonly message: Sentence }[],
): Answer => ({
  status: 400,
  body: { success: false, code: 9, [listKey]: faults.map(({ elementId, message }) => ({ elementId, message })) },
});

/** Observed on the real service: the inner code is a string. */
const answerNumbers = (
  code: string,
  faults: readonly { readonly message: Sentence; readonly number: string }[],
): Answer => ({
  status: 400,
  body: {
    success: false,
    code: 55,
    errors: faults.map(({ message, number }) => ({ success: false, code, message, phoneNumber: echo(number) })),
  },
});

interface Fault {
  readonly code: string;
  readonly elementId: string;
  readonly message: Sentence;
  readonly number: string;
  readonly inEntry: boolean;
}

/** `["text"]`, `["to", "2"]`, `["messages", "3", "text"]`. */
function faultOf(problem: Problem, asked: AskedSms): Fault {
  const [field = '', index, fieldOfEntry] = problem.path;
  const entry = asked.entries[Number(index ?? '0')];
  const number = entry?.to ?? '';
  const told = { number: echo(number), text: entry?.text ?? '', sender: asked.sender, moment: asked.moment };
  const message = sentenceOf(problem, told);
  const inEntry = field === 'messages' && index !== undefined;
  if (!inEntry) return { code: problem.code, elementId: elementIdIn(field), message, number, inEntry };
  const name = fieldOfEntry === 'to' ? 'phoneNumber' : wireNameOf(fieldOfEntry ?? '');
  return {
    code: problem.code,
    elementId: elementIdOf('SMSList', index, name),
    message: fieldOfEntry === 'to' || number === '' ? message : withTail(message, ` (${echo(number)})`),
    number,
    inEntry,
  };
}

const elementIdIn = (field: string): string =>
  field === 'idempotencyKey' ? IDEMPOTENCY_HEADER : elementIdOf(wireNameOf(field));

/** By the page's order of fields, then by the place in a list; of one entry, its text before its number. */
function byPlace({ path: a }: Problem, { path: b }: Problem): number {
  const byField = rankOf(a[0] ?? '') - rankOf(b[0] ?? '');
  return byField || Number(a[1] ?? '-1') - Number(b[1] ?? '-1') || rankOf(a[2] ?? '') - rankOf(b[2] ?? '');
}

/** Each recipient once, however often and in whatever spelling it was given; in the spelling that came first. */
function distinct(numbers: readonly string[]): readonly string[] {
  const bySubscriber = new Map<string, string>();
  for (const number of numbers) {
    const reading = readPhoneNumber(number);
    const key = reading.ok ? reading.e164 : number;
    if (!bySubscriber.has(key)) bySubscriber.set(key, number);
  }
  return [...bySubscriber.values()];
}

const echo = (asGiven: string): string =>
  asGiven.length > LONGEST_ECHO ? `${asGiven.slice(0, LONGEST_ECHO)}…` : asGiven;
