import type { Encoding } from '../../kernel/index.js';
import { nameCharacters } from './offending-characters.js';
import { PART_SIZES } from './segments.js';
import { ECO_STOP } from './stop-mention.js';

export interface TextProblem {
  readonly field: 'text' | 'unicode' | 'stopMention';
  readonly code: string;
  readonly message: string;
}

/** The provider's own limit (its code 52). */
export const MAX_PARTS = 10;

/** A text longer than this is not worth counting: no replacement brings an honest one back to ten parts. */
export const MAX_UNITS = 5000;

/** How long the text is, as counted: septets or UTF-16 units. */
export interface TextLength {
  readonly parts: number;
  readonly size: number;
  readonly encoding: Encoding;
  /** Counted with the STOP mention that is appended to it. */
  readonly withMention: boolean;
}

const text = (code: string, message: string): TextProblem => ({ field: 'text', code, message });

export const textRequired = (): TextProblem =>
  text(
    'TEXT_REQUIRED',
    'The text is empty, or has only blanks and characters that are removed before sending. Write what is to be sent.',
  );

export const textTooLong = (units: number): TextProblem =>
  text(
    'TOO_MANY_PARTS',
    `The text has ${units} characters. At most ${MAX_PARTS} parts are sent: ${longest('GSM7')} characters, ` +
      `or ${longest('UCS2')} in Unicode. Shorten the text, or send it as several messages.`,
  );

export const tooManyParts = (length: TextLength): TextProblem =>
  text(
    'TOO_MANY_PARTS',
    `${measured(length)}; at most ${MAX_PARTS} parts (${longest(length.encoding)} characters) are sent. ` +
      'Shorten the text, or send it as several messages.',
  );

export const ecoTakesOnePart = (length: TextLength): TextProblem =>
  text(
    'ECO_ONE_PART',
    `${measured(length)}; the ECO route carries one part of at most ${PART_SIZES[length.encoding].alone} characters. ` +
      'Shorten the text, or use the PREMIUM route.',
  );

export const ecoStopRequired = (): TextProblem =>
  text(
    'ECO_STOP_REQUIRED',
    `A commercial text on the ECO route must itself contain ${ECO_STOP}. Add ${ECO_STOP} to the text, or use the ` +
      'PREMIUM route, which appends a STOP mention.',
  );

export const invalidCharactersFound = (chars: readonly string[]): TextProblem =>
  text('INVALID_CHARACTERS', `The text has characters that no SMS can carry: ${nameCharacters(chars)}. Remove them.`);

export const unencodableCharactersFound = (chars: readonly string[], unicodeAllowed: boolean): TextProblem =>
  text(
    'UNENCODABLE_CHARACTERS',
    `The text has characters outside the GSM alphabet: ${nameCharacters(chars)}. Remove or replace them, or ` +
      (unicodeAllowed
        ? 'send in Unicode (unicode: true), at 70 characters a part.'
        : 'ask an administrator to allow Unicode for this tenant (unicodeAllowed), then send with unicode: true.'),
  );

export const unicodeNotAllowed = (): TextProblem => ({
  field: 'unicode',
  code: 'UNICODE_NOT_ALLOWED',
  message:
    'Unicode is not allowed for this tenant. Send without it (unicode: false), or ask an administrator to allow it ' +
    '(unicodeAllowed).',
});

export const stopMentionNotForEco = (): TextProblem => ({
  field: 'stopMention',
  code: 'STOP_MENTION_NOT_FOR_ECO',
  message:
    `The ECO route appends no STOP mention. Leave stopMention out and write ${ECO_STOP} in the text, or use the ` +
    'PREMIUM route.',
});

function longest(encoding: Encoding): number {
  return MAX_PARTS * PART_SIZES[encoding].joined;
}

function measured({ parts, size, encoding, withMention }: TextLength): string {
  const how = encoding === 'GSM7' ? ', € for two' : ' in Unicode';
  const mention = withMention ? ', the STOP mention included' : '';
  return `The text takes ${parts} parts (${size} characters as counted${how}${mention})`;
}
