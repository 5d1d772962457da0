import type { Problem } from '../../messaging/index.js';
import type { Sentence } from '../wire/answer.js';
import * as texts from '../texts.js';

/** What was asked, as far as sentences repeat it. */
export interface Told {
  /** The number at fault, as it was given. */
  readonly number: string;
  readonly text: string;
  readonly sender: string | null;
  /** "21/11/2014 à 09:05" */
  readonly moment: string;
}

const LONGEST_SENDER = 11;

const SENTENCES: Readonly<Record<string, (told: Told, problem: Problem) => Sentence>> = {
  INVALID_VALUE: () => texts.INVALID_VALUE,
  INVALID_FLAG: () => texts.INVALID_FLAG,
  INVALID_GAMME: () => texts.GAMME_INVALID,
  NUMBER_REQUIRED: () => texts.NUMBER_REQUIRED,
  RECIPIENTS_REQUIRED: () => texts.NO_NUMBER,
  MESSAGES_REQUIRED: () => texts.NO_NUMBER,
  TOO_MANY_RECIPIENTS: () => texts.TOO_MANY_NUMBERS,
  TOO_MANY_MESSAGES: () => texts.TOO_MANY_NUMBERS,
  INVALID_PHONE_NUMBER: ({ number }) => texts.numberInvalid(number),
  // As the page does: its sample of a number that is not valid is 922264, a short code by its form.
  SHORT_CODE: ({ number }) => texts.numberInvalid(number),
  LANDLINE: ({ number }) => texts.numberIsNoMobile(number),
  NOT_MOBILE: ({ number }) => texts.numberIsNoMobile(number),
  NO_PRICE: ({ number }) => texts.numberHasNoPrice(number),
  TEXT_REQUIRED: ({ text }) => (text === '' ? texts.TEXT_REQUIRED : texts.TEXT_BLANK),
  TOO_MANY_PARTS: () => texts.TOO_MANY_PARTS,
  ECO_ONE_PART: () => texts.ECO_TOO_LONG,
  ECO_STOP_REQUIRED: () => texts.ECO_STOP_REQUIRED,
  INVALID_CHARACTERS: (_, problem) => texts.charactersInvalid(charactersNamedIn(problem)),
  UNENCODABLE_CHARACTERS: (_, problem) => texts.charactersBeyondGsm(charactersNamedIn(problem)),
  UNICODE_NOT_ALLOWED: () => texts.UNICODE_NOT_ALLOWED,
  INVALID_SENDER: ({ sender }) =>
    sender !== null && sender.length > LONGEST_SENDER ? texts.SENDER_TOO_LONG : texts.SENDER_INVALID,
  SENDER_NOT_ALLOWED: () => texts.SENDER_NOT_ALLOWED,
  INVALID_TAG: () => texts.TAG_INVALID,
  INVALID_URL: () => texts.URL_INVALID,
  CATEGORY_NOT_ALLOWED: () => texts.CATEGORY_REFUSED,
  INVALID_IDEMPOTENCY_KEY: () => texts.IDEMPOTENCY_KEY_INVALID,
  DATE_INVALID: () => texts.DATE_INVALID,
  DATE_PAST: ({ moment }) => texts.datePast(moment),
  IN_THE_PAST: ({ moment }) => texts.datePast(moment),
  TOO_FAR: () => texts.DATE_TOO_FAR,
  HOUR_REQUIRED: () => texts.HOUR_REQUIRED,
  HOUR_INVALID: () => texts.HOUR_INVALID,
  MINUTE_REQUIRED: () => texts.MINUTE_REQUIRED,
  MINUTE_INVALID: () => texts.MINUTE_INVALID,
};

/** A problem of the platform's in the words of this API. One that has no words yet is told as a value that is not valid. */
export const sentenceOf = (problem: Problem, told: Told): Sentence =>
  SENTENCES[problem.code]?.(told, problem) ?? texts.INVALID_VALUE;

/** A problem's own sentence lists the characters after its colon: "é" (U+00E9), U+0000 (control character) and 3 more. */
function charactersNamedIn({ message }: Problem): string {
  const named = /: (?<named>.+)\. Remove/su.exec(message)?.groups?.['named'] ?? '';
  return named
    .replace(/ and (\d+) more$/, ' et $1 de plus')
    .replaceAll('(control character)', '(caractère de contrôle)')
    .replaceAll('(half of a surrogate pair)', "(moitié d'un caractère)");
}
