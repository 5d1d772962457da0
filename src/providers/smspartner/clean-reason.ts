import { EchoMask, flatten } from './echo-mask.js';

/** What a reason must not repeat. */
export interface Secrets {
  /** Of one call: 1 to 500. */
  readonly texts: readonly string[];
  readonly apiKey: string;
}

const LONGEST_REASON = 300;
/** More than this is not looked at: it would not be shown either. */
const LONGEST_SENTENCE = 1_000;
/** Runs shared with the text are an echo from here on; shorter ones are ordinary words ("numéro de "). */
const TEXT_ECHO = 12;
const KEY_ECHO = 6;

/** Makes the provider's sentences fit to be shown and stored: no phone number, no piece of a text, no key. One for all of an answer. */
export class ReasonCleaner {
  private readonly texts: EchoMask;
  private readonly key: EchoMask;

  constructor(secrets: Secrets) {
    this.texts = new EchoMask(secrets.texts, TEXT_ECHO);
    this.key = new EchoMask([secrets.apiKey], KEY_ECHO);
  }

  clean(sentence: string): string {
    const flat = flatten(sentence.slice(0, LONGEST_SENTENCE));
    return this.key
      .hide(this.texts.hide(flat))
      .replaceAll(/[\w-]{20,}/g, '…')
      .replaceAll(/\s*[(+]*\p{Nd}(?:[^\p{L}\p{Nd}]{0,3}\p{Nd}){3,}\)?/gu, '')
      .slice(0, LONGEST_REASON)
      .trim();
  }
}

/** Several sentences as one reason, each once. */
export function joinReasons(reasons: readonly string[]): string {
  return [...new Set(reasons)]
    .filter(reason => reason !== '')
    .join('; ')
    .slice(0, LONGEST_REASON);
}
