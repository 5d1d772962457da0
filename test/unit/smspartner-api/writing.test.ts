import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { refusal, success, Worded } from '../../../src/smspartner-api/wire/answer.js';
import { writeJson } from '../../../src/smspartner-api/wire/write-json.js';
import { writeXml } from '../../../src/smspartner-api/wire/write-xml.js';
import { childrenOf, readXml, textOf } from './xml-reader.js';

/** XML 1.0 has no way to write the others. */
const permitted = (text: string): string =>
  Array.from(text)
    .filter(char => /[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.test(char))
    .join('');

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(']', '>', '<', '&', '\r', '\n', '\uD83D', '\uDE00', '\u0000', '\uFFFE', "'", '"'),
  }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map(units => String.fromCharCode(...units)),
);

test('any text becomes well-formed XML and comes back, but for the characters that XML forbids', () => {
  fc.assert(
    fc.property(anyText, text => {
      const bodies = [success({ text, list: [{ text }] }).body, refusal(9, text).body];
      for (const body of bodies) expect(textOf(childrenOf(readXml(writeXml(body)))[2])).toBe(permitted(text));
    }),
    { numRuns: 2_000 },
  );
});

test('any text becomes ASCII JSON and comes back', () => {
  fc.assert(
    fc.property(anyText, text => {
      const written = writeJson(refusal(9, text).body);
      // oxlint-disable-next-line no-control-regex -- ASCII is what is asked
      expect(written).toMatch(/^[\u0000-\u007f]*$/);
      expect(JSON.parse(written)).toEqual({ success: false, code: 9, message: text });
    }),
  );
});

test('JSON is written as PHP does: lower case escapes, surrogate pairs, slashes as they are', () => {
  expect(writeJson(refusal(1, 'é/😀"\u2028').body)).toBe(
    String.raw`{"success":false,"code":1,"message":"\u00e9/\ud83d\ude00\"\u2028"}`,
  );
});

test('a sentence with two wordings', () => {
  const { body } = refusal(9, new Worded('numero', 'numéro'));
  expect(writeJson(body)).toContain('"numero"');
  expect(writeXml(body)).toContain('<entry>numéro</entry>');
});

test('XML of a success: text in CDATA, numbers and booleans bare, lists in entries, only user with names', () => {
  const { body } = success({
    user: { username: 'A&B', firstname: '' },
    credits: { balance: '1.000' },
    list: [{ a: 1 }],
    none: [],
  });
  expect(writeXml(body)).toBe(
    "<?xml version='1.0' encoding='UTF-8'?><result><entry>true</entry><entry>200</entry>" +
      '<entry><username><![CDATA[A&B]]></username><firstname><![CDATA[]]></firstname></entry>' +
      '<entry><entry><![CDATA[1.000]]></entry></entry><entry><entry><entry>1</entry></entry></entry><entry></entry></result>',
  );
});
