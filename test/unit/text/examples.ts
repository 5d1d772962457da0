import { composeText } from '../../../src/messaging/text/compose-text.js';
import type { ComposedText, TextProblem, TextRequest } from '../../../src/messaging/text/compose-text.js';

export const WORDING = 'STOP au 36180';

/** Transactional, PREMIUM, GSM: the request on which no rule but the text's own applies. */
export function request(text: string, options: Partial<TextRequest> = {}): TextRequest {
  return {
    text,
    route: 'PREMIUM',
    category: 'TRANSACTIONAL',
    unicode: false,
    unicodeAllowed: true,
    stopMention: false,
    stopWording: WORDING,
    ...options,
  };
}

export function composed(text: string, options: Partial<TextRequest> = {}): ComposedText {
  const composition = composeText(request(text, options));
  if (!composition.ok) throw new Error(`refused: ${composition.problems.map(problem => problem.message).join(' / ')}`);
  return composition.text;
}

export function problemsOf(text: string, options: Partial<TextRequest> = {}): readonly TextProblem[] {
  const composition = composeText(request(text, options));
  return composition.ok ? [] : composition.problems;
}

export const codesOf = (text: string, options: Partial<TextRequest> = {}): string[] =>
  problemsOf(text, options).map(problem => problem.code);

/** GSM 03.38 typed a second time, from 3GPP TS 23.038 section 6.2.1, so that a slip in the source shows. */
export const ONE_SEPTET =
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789' +
  ' \n\r!"#¤%&\'()*+,-./:;<=>?@£$¥_§¡¿' +
  'èéùìòÇØøÅåÆæßÉÄÖÑÜäöñüàΔΦΓΛΩΠΨΣΘΞ';
export const TWO_SEPTETS = '\f^{}\\[~]|€';

/** What is left of GSM 03.38 once the provider has replaced what it replaces. */
export const SENDABLE = Array.from(`${ONE_SEPTET}€`).filter(char => !'ÄÖÑÜ§äöñü'.includes(char));

export function septets(text: string): number {
  return Array.from(text).reduce((sum, char) => sum + (TWO_SEPTETS.includes(char) ? 2 : 1), 0);
}
