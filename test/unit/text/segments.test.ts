import * as fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { expect, test } from 'vitest';
import type { Encoding } from '../../../src/kernel/index.js';
import { sizeOfText, splitIntoParts } from '../../../src/messaging/text/segments.js';
import { composed, ONE_SEPTET, septets, TWO_SEPTETS } from './examples.js';

const GSM = Array.from(ONE_SEPTET + TWO_SEPTETS);
/** One, two and three bytes of UTF-8, and pairs; nothing that joins its neighbour into one grapheme, see the oracle. */
const UCS2 = Array.from('aé€Ж中\n 😀🚀𝕏');

const textOf = (chars: readonly string[], longest: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...chars), maxLength: longest, size: 'max' });
const gsmText = fc.oneof(textOf(GSM, 170), textOf(['a', '€'], 330), textOf(GSM, 1600));
const ucs2Text = fc.oneof(textOf(UCS2, 75), textOf(['a', '😀'], 150), textOf(UCS2, 700));

const LIMITS = { GSM7: { alone: 160, joined: 153 }, UCS2: { alone: 70, joined: 67 } } as const;
const sizeOf = (text: string, encoding: Encoding): number => (encoding === 'GSM7' ? septets(text) : text.length);

test.each([
  [1, 1],
  [160, 1],
  [161, 2],
  [306, 2],
  [307, 3],
  [459, 3],
  [460, 4],
  [1530, 10],
])('%i GSM characters take %i parts', (length, parts) => {
  expect(composed('a'.repeat(length)).parts).toBe(parts);
});

test.each([
  [1, 1],
  [70, 1],
  [71, 2],
  [134, 2],
  [135, 3],
  [201, 3],
  [202, 4],
  [670, 10],
])('%i Unicode characters take %i parts', (length, parts) => {
  expect(composed('Ж'.repeat(length), { unicode: true }).parts).toBe(parts);
});

test('parts are counted after the replacement', () => {
  expect(composed('ç'.repeat(160)).parts).toBe(1);
  expect(composed('[~'.repeat(160)).parts).toBe(1);
  expect(composed('œ'.repeat(80)).parts).toBe(1);
  expect(composed('œ'.repeat(81)).parts).toBe(2);
  expect(composed(':euro:'.repeat(80)).parts).toBe(1);
  expect(composed(':euro:'.repeat(81)).parts).toBe(2);
});

test('every character of the extension table counts two, every other one', () => {
  for (const char of ONE_SEPTET) expect([char, sizeOfText(char, 'GSM7')]).toEqual([char, 1]);
  for (const char of TWO_SEPTETS) expect([char, sizeOfText(char, 'GSM7')]).toEqual([char, 2]);
  expect(Array.from(ONE_SEPTET)).toHaveLength(127);
});

test('€ at the end of one part: it fits, or the text takes two', () => {
  expect(composed(`${'a'.repeat(158)}€`).segments).toEqual([`${'a'.repeat(158)}€`]);
  expect(composed(`${'a'.repeat(159)}€`).segments).toEqual(['a'.repeat(153), 'aaaaaa€']);
});

test('€ on the boundary of two parts goes whole into the second, and costs a septet of the first', () => {
  const text = `${'a'.repeat(152)}€${'b'.repeat(151)}`;
  expect(composed(text).segments).toEqual(['a'.repeat(152), `€${'b'.repeat(151)}`]);
  expect(composed(`${text}c`).segments).toEqual(['a'.repeat(152), `€${'b'.repeat(151)}`, 'c']);
  expect(composed(`${'a'.repeat(151)}€${'b'.repeat(10)}`).segments[0]).toBe(`${'a'.repeat(151)}€`);
});

test('a surrogate pair on the boundary goes whole into the next part', () => {
  const unicode = { unicode: true };
  expect(composed(`${'a'.repeat(68)}😀`, unicode).segments).toEqual([`${'a'.repeat(68)}😀`]);
  expect(composed(`${'a'.repeat(69)}😀`, unicode).segments).toEqual(['a'.repeat(67), 'aa😀']);
  expect(composed(`${'a'.repeat(66)}😀bcd`, unicode).segments).toEqual(['a'.repeat(66), '😀bcd']);
  expect(composed(`${'a'.repeat(65)}😀bcde`, unicode).segments).toEqual([`${'a'.repeat(65)}😀`, 'bcde']);
  expect(composed('😀'.repeat(67), unicode).segments.map(part => part.length)).toEqual([66, 66, 2]);
});

test('an empty text is one empty part', () => {
  expect(splitIntoParts('', 'GSM7')).toEqual(['']);
});

const ENCODED = [
  ['GSM7', gsmText],
  ['UCS2', ucs2Text],
] as const;

test.each(ENCODED)('%s: the parts joined are the text, whole characters each', (encoding, texts) => {
  fc.assert(
    fc.property(texts, text => {
      const parts = splitIntoParts(text, encoding);
      expect(parts.join('')).toBe(text);
      expect(parts.flatMap(part => Array.from(part))).toEqual(Array.from(text));
    }),
  );
});

test.each(ENCODED)('%s: no part is over its limit', (encoding, texts) => {
  fc.assert(
    fc.property(texts, text => {
      const parts = splitIntoParts(text, encoding);
      const limit = parts.length === 1 ? LIMITS[encoding].alone : LIMITS[encoding].joined;
      for (const part of parts) expect(sizeOf(part, encoding)).toBeLessThanOrEqual(limit);
    }),
  );
});

test.each(ENCODED)('%s: there are no fewer parts possible', (encoding, texts) => {
  const { alone, joined } = LIMITS[encoding];
  fc.assert(
    fc.property(texts, text => {
      const parts = splitIntoParts(text, encoding);
      // Several parts only where one does not do, and each so full that the next character would not fit: greedy is minimal.
      expect(parts.length > 1).toBe(sizeOf(text, encoding) > alone);
      parts.slice(1).forEach((next, before) => {
        const [first] = Array.from(next);
        expect(sizeOf(`${parts[before]}${first}`, encoding)).toBeGreaterThan(joined);
      });
    }),
  );
});

test('the counter of sms-segments-calculator agrees on GSM texts', () => {
  fc.assert(
    fc.property(gsmText, text => {
      expect(splitIntoParts(text, 'GSM7')).toHaveLength(new SegmentedMessage(text, 'GSM-7').segmentsCount);
    }),
    { numRuns: 200 },
  );
});

// Only on texts whose graphemes are single code points: the oracle keeps a whole grapheme (a flag, a family) in one
// part, where handsets and the standard only ask it of a surrogate pair.
test('the counter of sms-segments-calculator agrees on Unicode texts', () => {
  fc.assert(
    fc.property(ucs2Text, text => {
      expect(splitIntoParts(text, 'UCS2')).toHaveLength(new SegmentedMessage(text, 'UCS-2').segmentsCount);
    }),
    { numRuns: 200 },
  );
});

// The oracle bills ç, ê, œ and ’ as Unicode, since it knows nothing of the provider's replacements: ask it afterwards.
test('the counter of sms-segments-calculator agrees on composed French', () => {
  const french = fc.string({
    unit: fc.constantFrom(...Array.from('aeçêœ’«»àéù€[~…ñ \n')),
    minLength: 1,
    maxLength: 700,
    size: 'max',
  });
  fc.assert(
    fc.property(french, body => {
      const { sentText, parts } = composed(`x${body}`);
      const oracle = new SegmentedMessage(sentText, 'auto');
      expect([oracle.getEncodingName(), oracle.segmentsCount]).toEqual(['GSM-7', parts]);
    }),
    { numRuns: 200 },
  );
});
