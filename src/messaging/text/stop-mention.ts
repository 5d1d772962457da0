/** What SMS Partner asks a commercial ECO text to contain; the provider looks for it, so it is looked for to the letter. */
export const ECO_STOP = 'NoPub=STOP';

const NOT_INSIDE_A_WORD = '(?<![\\p{L}\\p{N}])';
/** Or a short remark in parentheses: "(gratuit)". */
const THEN_ONLY_PUNCTUATION = '[\\s\\p{P}]*(?:\\([^()]{1,30}\\)[\\s\\p{P}]*)?$';

/**
 * "STOP 36180", "STOP au 36 180", "Stop SMS : 36034", "STOP=36111": the word and a French short code (3xxxx). Every
 * repetition is bounded, so that a text full of blanks cannot make the search quadratic.
 */
const STOP_AND_SHORT_CODE =
  'stop(?:[\\s-]{0,3}(?:par\\s{1,3})?(?:sms|pub))?\\s{0,3}[:=]?\\s{0,3}(?:au\\s{0,3}[:=]?\\s{0,3})?3(?:\\s?\\d){4}';

const ENDS_WITH_KNOWN_MENTION = endsWith(`(?:${STOP_AND_SHORT_CODE}|${ECO_STOP})`);

const ECO_STOP_AS_A_WORD = new RegExp(`${NOT_INSIDE_A_WORD}${ECO_STOP}(?![\\p{L}\\p{N}])`, 'u');

export function containsEcoStop(text: string): boolean {
  return ECO_STOP_AS_A_WORD.test(text);
}

/** Whether the text already ends with a mention, the configured one or another; a mere "stop" in it is none. */
export function endsWithStopMention(text: string, wording: string): boolean {
  return ENDS_WITH_KNOWN_MENTION.test(text) || endsWith(escaped(coreOf(wording))).test(text);
}

/** What the provider appends to the text: the wording, apart from the text by one blank. */
export function stopMentionAfter(text: string, wording: string): string {
  return /\s$/u.test(text) ? wording : ` ${wording}`;
}

/** The wording without the punctuation round it; a wording without a core would be found at the end of every text. */
function coreOf(wording: string): string {
  const core = wording.replace(/^[\s\p{P}]+|[\s\p{P}]+$/gu, '');
  if (core === '') throw new Error('The configured STOP wording is empty.');
  return core;
}

function endsWith(pattern: string): RegExp {
  return new RegExp(NOT_INSIDE_A_WORD + pattern + THEN_ONLY_PUNCTUATION, 'iu');
}

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
