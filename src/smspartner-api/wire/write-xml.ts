import { type Body, type Value, Worded } from './answer.js';

const DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>";

/** The one object that the vendor's XML writes with its keys as elements; everywhere else an entry has no name. */
const NAMED = new Set(['user']);

/** XML 1.0, section 2.2: no other character may stand in a document, not even escaped. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/**
 * `<result>` of anonymous `<entry>`s in the order of the JSON keys. As on the page "Envoi unitaire": strings of a success
 * stand in CDATA, those of an error bare; numbers and booleans are bare in both.
 */
export function writeXml(body: Body): string {
  const text = body.success ? inCdata : escaped;
  return `${DECLARATION}<result>${entriesOf(body, text)}</result>`;
}

type WriteText = (text: string) => string;

const entriesOf = (object: Readonly<Record<string, Value>>, text: WriteText): string =>
  Object.entries(object)
    .map(([key, value]) => element('entry', NAMED.has(key) ? childrenOf(value, text) : contentOf(value, text)))
    .join('');

function childrenOf(value: Value, text: WriteText): string {
  if (typeof value !== 'object' || value instanceof Worded || isList(value)) return contentOf(value, text);
  return Object.entries(value)
    .map(([name, child]) => element(name, contentOf(child, text)))
    .join('');
}

function contentOf(value: Value, text: WriteText): string {
  if (value instanceof Worded) return text(value.xml);
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return value.map(item => element('entry', contentOf(item, text))).join('');
  return entriesOf(value, text);
}

const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

/** A parser reads a bare carriage return as a line feed, so it is always written as a reference, outside of CDATA. */
const inCdata: WriteText = text =>
  `<![CDATA[${text
    .replaceAll(FORBIDDEN, '')
    .replaceAll(']]>', ']]]]><![CDATA[>')
    .replaceAll('\r', ']]>&#13;<![CDATA[')}]]>`;

const REFERENCES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

const escaped: WriteText = text =>
  text.replaceAll(FORBIDDEN, '').replaceAll(/[&<>\r]/g, character => REFERENCES[character] ?? character);
