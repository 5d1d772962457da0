export type Node = string | { readonly name: string; readonly children: readonly Node[] };

const TOKEN = /<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([a-z_]+)>|&(amp|lt|gt|#13);|([^<&]+)/gy;
const REFERENCES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', '#13': '\r' };
const ALLOWED = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u;

/** A strict reader for the little XML that the API writes: throws on whatever is not well-formed. */
export function readXml(xml: string): Node {
  const declaration = "<?xml version='1.0' encoding='UTF-8'?>";
  if (!xml.startsWith(declaration)) throw new Error('no declaration');
  if (!ALLOWED.test(xml)) throw new Error('a character that XML forbids');
  const stack: { name: string; children: Node[] }[] = [{ name: '', children: [] }];
  const add = (text: string): void => {
    const children = stack.at(-1)?.children ?? [];
    const last = children.at(-1);
    if (typeof last === 'string') children[children.length - 1] = last + text;
    else children.push(text);
  };
  TOKEN.lastIndex = declaration.length;
  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(xml);
    if (match === null) throw new Error(`cannot be read from ${at}: ${xml.slice(at, at + 40)}`);
    const [, cdata, slash, name, reference, text] = match;
    // A parser makes every bare line end a line feed.
    if (cdata !== undefined) add(cdata.replaceAll(/\r\n?/g, '\n'));
    else if (reference !== undefined) add(REFERENCES[reference] ?? '');
    else if (text !== undefined && text.includes(']]>')) throw new Error('"]]>" in text');
    else if (text !== undefined) add(text.replaceAll(/\r\n?/g, '\n'));
    else if (slash === '') stack.push({ name: name ?? '', children: [] });
    else {
      const done = stack.pop();
      if (done === undefined || done.name !== name) throw new Error(`</${name}> closes nothing`);
      stack.at(-1)?.children.push(done);
    }
  }
  const [root, ...others] = stack.length === 1 ? (stack[0]?.children ?? []) : [];
  if (root === undefined || others.length > 0) throw new Error('not one root');
  return root;
}

/** The text of an element that holds nothing else. */
export function textOf(node: Node | undefined): string {
  if (node === undefined || typeof node === 'string') throw new Error('not an element');
  const [text = '', ...others] = node.children;
  if (typeof text !== 'string' || others.length > 0) throw new Error('not text alone');
  return text;
}

export const childrenOf = (node: Node | undefined): readonly Node[] =>
  node === undefined || typeof node === 'string' ? [] : node.children;
