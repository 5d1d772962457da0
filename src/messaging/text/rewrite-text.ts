import { isGsm } from './gsm-alphabet.js';
import { plainForm } from './plain-forms.js';
import { PROVIDER_REPLACEMENTS } from './provider-replacements.js';

export interface Replacement {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

export interface RewrittenText {
  readonly text: string;
  readonly replaced: readonly Replacement[];
}

/** Replaced in Unicode too. `:br:` counts two at the provider, and so do CR and LF. */
const IN_BOTH_MODES: ReadonlyMap<string, string> = new Map([
  [':br:', '\r\n'],
  [':euro:', '€'],
  ['\t', ' '],
]);
const PIECES_IN_BOTH_MODES = /:br:|:euro:|\t/g;

/** A token, a letter with the combining marks that normalisation could not compose, or one code point. */
const GSM_PIECES = /:br:|:euro:|\p{L}[\u0300-\u036F]+|./gsu;

/** Everything that has a form in GSM 03.38 in that form; what has none stays, for the caller to refuse by name. */
export function rewriteForGsm(text: string): RewrittenText {
  const tally = new Map<string, Replacement>();
  const rewritten = text.normalize('NFC').replace(GSM_PIECES, piece => tallied(tally, piece, gsmForm(piece)));
  // Once more for tokens that only now exist: of ":b\r:" the backslash is removed, and the provider would then see ":br:".
  return rewriteTokens(rewritten, tally);
}

/** Unicode carries every character, so only the tokens and the tab are replaced. */
export function rewriteForUnicode(text: string): RewrittenText {
  return rewriteTokens(text, new Map());
}

function rewriteTokens(text: string, tally: Map<string, Replacement>): RewrittenText {
  const rewritten = text.replace(PIECES_IN_BOTH_MODES, piece =>
    tallied(tally, piece, IN_BOTH_MODES.get(piece) ?? piece),
  );
  return { text: rewritten, replaced: [...tally.values()] };
}

function gsmForm(piece: string): string {
  const known = IN_BOTH_MODES.get(piece) ?? PROVIDER_REPLACEMENTS.get(piece);
  if (known !== undefined) return known;
  return isGsm(piece) ? piece : plainForm(piece);
}

/** The map keeps the order of first appearance. */
function tallied(tally: Map<string, Replacement>, from: string, to: string): string {
  if (from !== to) tally.set(from, { from, to, count: (tally.get(from)?.count ?? 0) + 1 });
  return to;
}
