const MiB = 1024 * 1024;
/** Far above any honest document; long texts and many recipients travel as variables. */
const MAX_LENGTH = MiB;
/** The parser and the validation walk down by recursion: what is deeper would end their stack before it ends in a refusal. */
const MAX_NESTING = 200;
const MAX_FRAGMENTS = 500;

/**
 * What is wrong with a document before it is even parsed, and how to mend it; null: it may be. Over HTTP and over WebSocket
 * alike, as problemsOf for what was parsed and validated.
 */
export function problemOfSource(source: string): string | null {
  if (source.length > MAX_LENGTH) return 'its document is longer than 1 MiB: send long values as variables';
  // As many characters at least are needed to open and close so many.
  if (source.length < 2 * MAX_NESTING) return null;
  const { nesting, fragments } = measured(source);
  if (nesting > MAX_NESTING) return `it opens more than ${MAX_NESTING} brackets inside one another: flatten it`;
  return fragments > MAX_FRAGMENTS ? `it has more than ${MAX_FRAGMENTS} fragments: send only those that it uses` : null;
}

/** Steps over what is no code. In one pass, whatever the source: an expression that may go back would be an attack itself. */
function measured(source: string): { readonly nesting: number; readonly fragments: number } {
  let open = 0;
  let nesting = 0;
  let fragments = 0;
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at] ?? '';
    if (character === '"') at = endOfString(source, at);
    else if (character === '#') at = endOfLine(source, at);
    else if ('{[('.includes(character)) nesting = Math.max(nesting, (open += 1));
    else if ('}])'.includes(character)) open -= 1;
    else if (open === 0 && character === 'f' && source.startsWith('fragment', at)) fragments += 1;
  }
  return { nesting, fragments };
}

function endOfLine(source: string, from: number): number {
  let at = from;
  while (at < source.length && source[at] !== '\n' && source[at] !== '\r') at += 1;
  return at;
}

/** Where the string that opens here closes; one that does not ends with its line, or with the document, as the lexer has it. */
function endOfString(source: string, from: number): number {
  const block = source.startsWith('"""', from);
  let at = from + (block ? 3 : 1);
  for (; at < source.length; at += 1) {
    if (block) {
      if (source.startsWith('\\"""', at)) at += 3;
      else if (source.startsWith('"""', at)) return at + 2;
    } else if (source[at] === '\\') at += 1;
    else if (source[at] === '"' || source[at] === '\n' || source[at] === '\r') return at;
  }
  return at;
}
