import { expect, test } from 'vitest';
import { codesOf, composed, ONE_SEPTET, problemsOf, request, SENDABLE } from './examples.js';
import { composeText } from '../../../src/messaging/text/compose-text.js';

/** smspartner-protocol.md section 4, cell by cell. */
const PROVIDER_TABLE: readonly (readonly [from: string, to: string])[] = [
  ['ą', 'à'],
  ['’', "'"],
  ['‘', "'"],
  ['`', "'"],
  ['“', "'"],
  ['«', '"'],
  ['»', '"'],
  ['ÿ', 'y'],
  ['ç', 'Ç'],
  ['û', 'u'],
  ['ü', 'u'],
  ['ï', 'i'],
  ['î', 'i'],
  ['ô', 'o'],
  ['ö', 'o'],
  ['ó', 'o'],
  ['ë', 'e'],
  ['ê', 'e'],
  ['[', '('],
  ['{', '('],
  [']', ')'],
  ['}', ')'],
  ['°', '.'],
  ['Ä', 'A'],
  ['À', 'A'],
  ['Á', 'A'],
  ['Â', 'A'],
  ['Ã', 'A'],
  ['È', 'E'],
  ['Ê', 'E'],
  ['Ë', 'E'],
  ['Î', 'I'],
  ['Ö', 'O'],
  ['Ô', 'O'],
  ['Ü', 'U'],
  ['Ù', 'U'],
  ['Ú', 'U'],
  ['Û', 'U'],
  ['Ý', 'Y'],
  ['ä', 'a'],
  ['á', 'a'],
  ['â', 'a'],
  ['ã', 'a'],
  ['ñ', 'n'],
  ['Ñ', 'N'],
  ['œ', 'oe'],
  ['µ', 'u'],
  ['^', ''],
  ['~', ''],
  ['|', ''],
  ['\\', ''],
  ['¨', ''],
  ['§', ''],
];

const PLAIN_FORMS: readonly (readonly [from: string, to: string])[] = [
  ['…', '...'],
  ['–', '-'],
  ['—', '-'],
  ['\u2010', '-'],
  ['\u2011', '-'],
  ['\u2012', '-'],
  ['\u2212', '-'],
  ['•', '-'],
  ['”', '"'],
  ['„', '"'],
  ['‚', "'"],
  ['‹', "'"],
  ['›', "'"],
  ['´', "'"],
  ['·', '.'],
  ['\u00A0', ' '],
  ['\u2009', ' '],
  ['\u202F', ' '],
  ['\t', ' '],
  ['\u2028', '\n'],
  ['Œ', 'OE'],
  ['ł', 'l'],
  ['đ', 'd'],
  ['ő', 'o'],
  ['ű', 'u'],
  ['ş', 's'],
  ['ţ', 't'],
  ['ș', 's'],
  ['ț', 't'],
  ['č', 'c'],
  ['š', 's'],
  ['ž', 'z'],
  ['ř', 'r'],
  ['ů', 'u'],
  ['ā', 'a'],
  ['ē', 'e'],
  ['Ő', 'O'],
  ['Ż', 'Z'],
  ['Í', 'I'],
  ['Ç̌', 'C'],
  ['ế', 'e'],
  ['Ǽ', 'Æ'],
  ['q̃', 'q'],
  ['™', 'TM'],
  ['©', '(c)'],
  ['®', '(r)'],
  ['\u200B', ''],
  ['\uFEFF', ''],
  ['\u00AD', ''],
  ['\u202A', ''],
];

test.each([...PROVIDER_TABLE, ...PLAIN_FORMS])('%j becomes %j in a GSM text, and is reported', (from, to) => {
  const text = composed(`a${from}b ${from}`);
  expect(text.bareText).toBe(`a${to}b ${to}`);
  expect(text.sentText).toBe(text.bareText);
  expect(text.replaced).toEqual([{ from, to, count: 2 }]);
  expect(text.encoding).toBe('GSM7');
});

test('the provider replaces each of the 53 characters of its table, and of the GSM alphabet just these nine', () => {
  expect(new Set(PROVIDER_TABLE.map(([from]) => from)).size).toBe(53);
  const changed = Array.from(ONE_SEPTET).filter(char => composed(`a${char}a`).bareText !== `a${char}a`);
  expect(changed.toSorted()).toEqual(Array.from('ÄÖÑÜ§äöñü').toSorted());
});

test('à é è ù ì ò É and the rest of GSM 03.38 go as they are', () => {
  const text = SENDABLE.join('');
  expect(composed(text)).toMatchObject({ bareText: text, replaced: [], encoding: 'GSM7', parts: 1 });
});

test('a decomposed accent counts as the letter that it makes', () => {
  expect(composed('cafe\u0301')).toMatchObject({ bareText: 'café', replaced: [] });
  expect(composed('c\u0327a')).toMatchObject({ bareText: 'Ça', replaced: [{ from: 'ç', to: 'Ç', count: 1 }] });
});

test('replacements are reported in order of first appearance, each with its count', () => {
  const text = composed('œuf :br:à 5:euro: – ê œ :euro:~');
  expect(text.bareText).toBe('oeuf \r\nà 5€ - e oe €');
  expect(text.replaced).toEqual([
    { from: 'œ', to: 'oe', count: 2 },
    { from: ':br:', to: '\r\n', count: 1 },
    { from: ':euro:', to: '€', count: 2 },
    { from: '–', to: '-', count: 1 },
    { from: 'ê', to: 'e', count: 1 },
    { from: '~', to: '', count: 1 },
  ]);
});

test('a token that only comes about by a replacement is a token too, for the provider would read it as one', () => {
  const text = composed('a:b\\r:c');
  expect(text.bareText).toBe('a\r\nc');
  expect(text.replaced).toEqual([
    { from: '\\', to: '', count: 1 },
    { from: ':br:', to: '\r\n', count: 1 },
  ]);
});

test.each([':BR:', ':b r:', ': br:', ':euros:'])('%s is no token', text => {
  expect(composed(text)).toMatchObject({ bareText: text, replaced: [] });
});

test('a raw line break stays and counts one, :br: counts two', () => {
  expect(composed(`${'a'.repeat(159)}\n`).parts).toBe(1);
  expect(composed(`${'a'.repeat(158)}:br:`).parts).toBe(1);
  expect(composed(`${'a'.repeat(159)}:br:`).parts).toBe(2);
});

test('in Unicode only the two tokens and the tab are replaced', () => {
  const kept = 'ç ê œ ’ « … ~ é é 😀 \u00A0Ж';
  const text = composed(`${kept}:br:5:euro:\t!`, { unicode: true });
  expect(text.bareText).toBe(`${kept}\r\n5€ !`);
  expect(text.replaced).toEqual([
    { from: ':br:', to: '\r\n', count: 1 },
    { from: ':euro:', to: '€', count: 1 },
    { from: '\t', to: ' ', count: 1 },
  ]);
  expect(text.encoding).toBe('UCS2');
});

test('plain text in Unicode mode is still counted as UCS2, as the provider does', () => {
  expect(composed('a'.repeat(71), { unicode: true })).toMatchObject({ encoding: 'UCS2', parts: 2 });
});

test('what has no plain form is refused by name, with the way out', () => {
  const [problem, ...others] = problemsOf('Привет 😀 中 😀');
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ field: 'text', code: 'UNENCODABLE_CHARACTERS' });
  expect(problem?.message).toContain('"П" (U+041F), "р" (U+0440)');
  expect(problem?.message.match(/U\+1F600/g)).toHaveLength(1);
  expect(problem?.message).toContain('"中" (U+4E2D)');
  expect(problem?.message).toContain('unicode: true');
  expect(problem?.message).not.toContain('administrator');
});

test('a tenant without Unicode is sent to an administrator', () => {
  const [problem] = problemsOf('😀', { unicodeAllowed: false });
  expect(problem?.message).toContain('ask an administrator to allow Unicode');
});

test('at most ten characters are named', () => {
  const [problem] = problemsOf('абвгдежзийклм');
  expect(problem?.message.match(/U\+/g)).toHaveLength(10);
  expect(problem?.message).toContain('"й" (U+0439) and 3 more.');
  expect(problemsOf('абвгдежзий')[0]?.message).not.toContain('more');
});

// ≠ decomposes into = and a mark, ½ into digits: a plain form that says something else is none.
test.each(['≠', '½', '‰', 'ά', 'й', 'a\u0336', '5\u0301', '①', '10⁴', '→', '🇫🇷', '\u20E3'])('%j is not bent', char => {
  expect(codesOf(`a${char}b`)).toEqual(['UNENCODABLE_CHARACTERS']);
});

test('a mark or an invisible character is named by its code point alone', () => {
  expect(problemsOf('a5\u0301')[0]?.message).toContain(': U+0301.');
});

const INVALID = [
  ['\0', 'U+0000 (control character)'],
  ['\f', 'U+000C (control character)'],
  ['\v', 'U+000B (control character)'],
  ['\x1B', 'U+001B (control character)'],
  ['\x7F', 'U+007F (control character)'],
  ['\x85', 'U+0085 (control character)'],
  ['\uD83D', 'U+D83D (half of a surrogate pair)'],
  ['\uDE00', 'U+DE00 (half of a surrogate pair)'],
] as const;

test.each(INVALID)('%j is refused in both modes, as %s', (char, name) => {
  for (const unicode of [false, true]) {
    const [problem, ...others] = problemsOf(`abc${char}def`, { unicode });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ field: 'text', code: 'INVALID_CHARACTERS' });
    expect(problem?.message).toContain(name);
  }
});

test('each character of the basic plane either composes into GSM characters, unchanged a second time, or is refused by name', () => {
  const gsm = new Set(SENDABLE);
  const wrong: string[] = [];
  let accepted = 0;
  for (let code = 0; code <= 0xffff; code += 1) {
    const composition = composeText(request(`x ${String.fromCharCode(code)}x`));
    // The name is of what normalisation makes of it: a few hundred compatibility ideographs are others in NFC.
    const inNfc = String.fromCharCode(code).normalize('NFC').codePointAt(0) ?? 0;
    const name = inNfc.toString(16).toUpperCase().padStart(4, '0');
    if (composition.ok) {
      accepted += 1;
      const { bareText } = composition.text;
      if (!Array.from(bareText).every(char => gsm.has(char))) wrong.push(`${name} is let through`);
      const again = composed(bareText);
      if (again.bareText !== bareText || again.replaced.length > 0) wrong.push(`${name} changes twice`);
    } else {
      const codes = composition.problems.map(problem => problem.code).join();
      if (!/^(UNENCODABLE|INVALID)_CHARACTERS$/.test(codes)) wrong.push(`${name}: ${codes}`);
      if (!composition.problems[0]?.message.includes(`U+${name}`)) wrong.push(`${name} is not named`);
    }
  }
  expect(wrong).toEqual([]);
  // Every Latin letter with diacritics is among them; a slip that refuses or accepts wholesale shows here.
  expect(accepted).toBeGreaterThan(700);
  expect(accepted).toBeLessThan(1500);
});
