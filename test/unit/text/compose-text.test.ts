import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { composeText } from '../../../src/messaging/text/compose-text.js';
import { codesOf, composed, problemsOf, request, SENDABLE } from './examples.js';

test('a plain text goes as it is', () => {
  expect(composed('Bonjour, votre code est 1234.')).toEqual({
    bareText: 'Bonjour, votre code est 1234.',
    sentText: 'Bonjour, votre code est 1234.',
    appendStop: false,
    replaced: [],
    encoding: 'GSM7',
    parts: 1,
    segments: ['Bonjour, votre code est 1234.'],
  });
});

test('blanks round the text are the tenant’s own and stay', () => {
  expect(composed('  a \n').bareText).toBe('  a \n');
});

test.each(['', ' ', ' \n\t ', '\u00A0', ':br:', '~^', '\u200B', '\uFEFF\u200E'])('%j is no text', text => {
  for (const unicode of [false, true]) {
    const options = { category: 'COMMERCIAL', unicode } as const;
    // In Unicode nothing is removed, so there these two are characters like others.
    expect(codesOf(text, options)).toEqual(unicode && text === '~^' ? [] : ['TEXT_REQUIRED']);
  }
});

test('more than ten parts are refused with their number and the limit', () => {
  const [gsm] = problemsOf('a'.repeat(1531));
  expect(gsm).toMatchObject({ field: 'text', code: 'TOO_MANY_PARTS' });
  expect(gsm?.message).toMatch(/takes 11 parts \(1531 characters .*at most 10 parts \(1530 characters\)/);
  expect(gsm?.message).not.toContain('mention');
  const [withMention] = problemsOf('a'.repeat(1520), { stopMention: true });
  expect(withMention?.message).toContain('1534 characters as counted, € for two, the STOP mention included');
  const [ucs2] = problemsOf('Ж'.repeat(671), { unicode: true });
  expect(ucs2).toMatchObject({ field: 'text', code: 'TOO_MANY_PARTS' });
  expect(ucs2?.message).toMatch(/takes 11 parts \(671 characters .*at most 10 parts \(670 characters\)/);
});

test('a text of thousands of characters counts as its replaced form, up to 5,000', () => {
  expect(composed(`a${'~'.repeat(4999)}`)).toMatchObject({ bareText: 'a', parts: 1 });
  expect(codesOf(`a${'~'.repeat(5000)}`)).toEqual(['TOO_MANY_PARTS']);
  expect(problemsOf('😀'.repeat(1_000_000))[0]?.message).toContain('2000000 characters');
});

test('ECO carries one part: 160 characters, or 70 in Unicode', () => {
  const eco = { route: 'ECO' } as const;
  expect(codesOf('a'.repeat(160), eco)).toEqual([]);
  expect(codesOf('a'.repeat(161), eco)).toEqual(['ECO_ONE_PART']);
  expect(codesOf(`${'a'.repeat(159)}€`, eco)).toEqual(['ECO_ONE_PART']);
  expect(codesOf('Ж'.repeat(70), { ...eco, unicode: true })).toEqual([]);
  expect(codesOf('Ж'.repeat(71), { ...eco, unicode: true })).toEqual(['ECO_ONE_PART']);
  expect(codesOf('a'.repeat(2000), eco)).toEqual(['ECO_ONE_PART']);
  expect(problemsOf('a'.repeat(161), eco)[0]?.message).toMatch(/161 characters .* at most 160 characters/);
});

test('Unicode needs leave', () => {
  const [problem, ...others] = problemsOf('Bonjour 😀', { unicode: true, unicodeAllowed: false });
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ field: 'unicode', code: 'UNICODE_NOT_ALLOWED' });
  expect(codesOf('Bonjour', { unicode: false, unicodeAllowed: false })).toEqual([]);
});

test('all that is wrong is said at once', () => {
  const eco = { route: 'ECO', category: 'COMMERCIAL', stopMention: true } as const;
  expect(codesOf(`😀\0${'a'.repeat(161)}`, eco).toSorted()).toEqual([
    'ECO_ONE_PART',
    'ECO_STOP_REQUIRED',
    'INVALID_CHARACTERS',
    'STOP_MENTION_NOT_FOR_ECO',
    'UNENCODABLE_CHARACTERS',
  ]);
  const unicode = { unicode: true, unicodeAllowed: false };
  expect(codesOf(`\0${'a'.repeat(671)}`, unicode).toSorted()).toEqual([
    'INVALID_CHARACTERS',
    'TOO_MANY_PARTS',
    'UNICODE_NOT_ALLOWED',
  ]);
  expect(codesOf('', { ...eco, ...unicode }).toSorted()).toEqual([
    'STOP_MENTION_NOT_FOR_ECO',
    'TEXT_REQUIRED',
    'UNICODE_NOT_ALLOWED',
  ]);
  expect(codesOf('a'.repeat(6000), { ...eco, ...unicode }).toSorted()).toEqual([
    'STOP_MENTION_NOT_FOR_ECO',
    'TOO_MANY_PARTS',
    'UNICODE_NOT_ALLOWED',
  ]);
});

test('no message quotes the text', () => {
  const secret = 'code-secret-4711';
  const messages = [
    ...problemsOf(`${secret}😀\0${'a'.repeat(1600)}`),
    ...problemsOf(secret, { route: 'ECO', category: 'COMMERCIAL', stopMention: true }),
    ...problemsOf(secret.repeat(400), { unicode: true, unicodeAllowed: false }),
  ].map(problem => problem.message);
  expect(messages).toHaveLength(7);
  expect(messages.join(' ')).not.toContain(secret);
});

/** Letters, marks, tokens and their fragments, what is removed, what is refused: whatever could meet and interact. */
const PIECES = [
  ...Array.from('aeo:bru 5\nçêœ’~\\=€'),
  'euro',
  ':br:',
  ':euro:',
  '\u0301',
  '\u0327',
  '\u200B',
  '\t',
  '…',
];
const REFUSED = ['😀', 'Ж', '\0', '\uD83D', '\u0338', '\u20E3'];
const mixed = fc.string({ unit: fc.constantFrom(...PIECES), minLength: 1, maxLength: 400, size: 'max' });
const anything = fc.string({ unit: fc.constantFrom(...PIECES, ...SENDABLE, ...REFUSED), maxLength: 12 });

test('composing what was composed changes nothing more', () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof(anything, mixed), fc.boolean(), (text, unicode) => {
      const once = composeText(request(text, { unicode }));
      if (!once.ok) return;
      accepted += 1;
      expect(composed(once.text.bareText, { unicode })).toEqual({ ...once.text, replaced: [] });
    }),
    { numRuns: 1000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

test('a token never stays in what the provider gets, where it would become a line break that nobody counted', () => {
  const fragments = fc.string({ unit: fc.constantFrom(':', 'b', 'r', '~', '\\', ':br:', 'euro'), maxLength: 12 });
  fc.assert(
    fc.property(fragments, fc.boolean(), (text, unicode) => {
      expect(composed(`x${text}`, { unicode }).bareText).not.toMatch(/:br:|:euro:/);
    }),
    { numRuns: 1000 },
  );
});

test('what composes in GSM has only GSM characters, what does not says which it lacks', () => {
  const gsm = new Set(SENDABLE);
  fc.assert(
    fc.property(fc.oneof(anything, fc.string({ unit: 'binary' })), body => {
      const composition = composeText(request(`x${body}`));
      if (composition.ok) {
        expect(Array.from(composition.text.sentText).filter(char => !gsm.has(char))).toEqual([]);
      } else {
        for (const problem of composition.problems) expect(problem.message).toMatch(/: .*U\+[0-9A-F]{4,6}/);
      }
    }),
    { numRuns: 1000 },
  );
});

test('what is reported as replaced accounts for every change', () => {
  const plain = fc.string({ unit: fc.constantFrom(...Array.from('aeo 5\nçêœ’~…[ûÀ')), minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(plain, body => {
      const { bareText, replaced } = composed(`x${body}`);
      const redone = replaced.reduce((text, { from, to }) => text.replaceAll(from, to), `x${body}`);
      expect(redone).toBe(bareText);
      for (const { from, count } of replaced) expect(body.split(from)).toHaveLength(count + 1);
    }),
  );
});
