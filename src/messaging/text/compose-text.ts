import type { Category, Encoding, Route } from '../../kernel/index.js';
import { invalidCharacters, unencodableCharacters } from './offending-characters.js';
import { rewriteForGsm, rewriteForUnicode } from './rewrite-text.js';
import type { Replacement, RewrittenText } from './rewrite-text.js';
import { sizeOfText, splitIntoParts } from './segments.js';
import { containsEcoStop, endsWithStopMention, stopMentionAfter } from './stop-mention.js';
import * as problem from './text-problems.js';
import type { TextProblem } from './text-problems.js';

export type { Replacement } from './rewrite-text.js';
export type { TextProblem } from './text-problems.js';

export interface TextRequest {
  readonly text: string;
  readonly route: Route;
  readonly category: Category;
  readonly unicode: boolean;
  readonly unicodeAllowed: boolean;
  /** Asked for by the tenant; a commercial PREMIUM text gets the mention anyway. */
  readonly stopMention: boolean;
  /** As configured, for example "STOP au 36180": what the provider is expected to append. */
  readonly stopWording: string;
}

export interface ComposedText {
  /** What is handed to the provider: replaced, without the appended mention. */
  readonly bareText: string;
  /** As the handset shows it, mention included. */
  readonly sentText: string;
  /** The provider must append the mention (isStopSms=1). */
  readonly appendStop: boolean;
  readonly replaced: readonly Replacement[];
  readonly encoding: Encoding;
  readonly parts: number;
  /** The texts of the parts; joined they are sentText. */
  readonly segments: readonly string[];
}

export type Composition =
  | { readonly ok: true; readonly text: ComposedText }
  | { readonly ok: false; readonly problems: readonly TextProblem[] };

/** What a text becomes on its way to the handset and how many parts it takes, or everything that is wrong with it. */
export function composeText(request: TextRequest): Composition {
  const problems = problemsOfOptions(request);
  if (request.text.length > problem.MAX_UNITS) {
    return { ok: false, problems: [...problems, problem.textTooLong(request.text.length)] };
  }
  const composed = compose(request);
  problems.push(...problemsOfText(request, composed));
  return problems.length === 0 ? { ok: true, text: composed } : { ok: false, problems };
}

function compose(request: TextRequest): ComposedText {
  const encoding = request.unicode ? 'UCS2' : 'GSM7';
  const { text: bareText, replaced } = rewrite(request.text, encoding);
  const mention = mentionAfter(bareText, request, encoding);
  const sentText = bareText + mention;
  const segments = splitIntoParts(sentText, encoding);
  return { bareText, sentText, appendStop: mention !== '', replaced, encoding, parts: segments.length, segments };
}

function rewrite(text: string, encoding: Encoding): RewrittenText {
  return encoding === 'UCS2' ? rewriteForUnicode(text) : rewriteForGsm(text);
}

/** Empty where the provider appends nothing. */
function mentionAfter(bareText: string, request: TextRequest, encoding: Encoding): string {
  const wanted = request.route === 'PREMIUM' && (request.category === 'COMMERCIAL' || request.stopMention);
  if (!wanted) return '';
  const wording = rewrite(request.stopWording.trim(), encoding).text;
  if (encoding === 'GSM7' && unencodableCharacters(wording).length > 0) {
    throw new Error('The configured STOP wording has characters outside GSM 03.38.');
  }
  return endsWithStopMention(bareText, wording) ? '' : stopMentionAfter(bareText, wording);
}

function problemsOfOptions(request: TextRequest): TextProblem[] {
  const problems: TextProblem[] = [];
  if (request.unicode && !request.unicodeAllowed) problems.push(problem.unicodeNotAllowed());
  if (request.route === 'ECO' && request.stopMention) problems.push(problem.stopMentionNotForEco());
  return problems;
}

function problemsOfText(request: TextRequest, composed: ComposedText): TextProblem[] {
  const { bareText, encoding } = composed;
  const problems: TextProblem[] = [];
  const invalid = invalidCharacters(bareText);
  if (invalid.length > 0) problems.push(problem.invalidCharactersFound(invalid));
  if (isBlank(bareText)) return [...problems, problem.textRequired()];
  const unencodable = encoding === 'GSM7' ? unencodableCharacters(bareText) : [];
  if (unencodable.length > 0) problems.push(problem.unencodableCharactersFound(unencodable, request.unicodeAllowed));
  if (request.route === 'ECO' && request.category === 'COMMERCIAL' && !containsEcoStop(bareText)) {
    problems.push(problem.ecoStopRequired());
  }
  return [...problems, ...problemsOfLength(request.route, composed)];
}

/** One problem of length at most: what is too long for ECO need not hear of ten parts. */
function problemsOfLength(route: Route, composed: ComposedText): TextProblem[] {
  const { sentText, encoding, parts, appendStop } = composed;
  const length = { parts, size: sizeOfText(sentText, encoding), encoding, withMention: appendStop };
  if (route === 'ECO') return parts > 1 ? [problem.ecoTakesOnePart(length)] : [];
  return parts > problem.MAX_PARTS ? [problem.tooManyParts(length)] : [];
}

/** Nothing to see: white space and format characters (zero width, direction marks) only. */
function isBlank(text: string): boolean {
  return !/[^\s\p{Cf}]/u.test(text);
}
