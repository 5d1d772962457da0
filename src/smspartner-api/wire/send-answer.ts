import type { FastifyReply } from 'fastify';
import { scrubKeys } from '../../kernel/index.js';
import type { Answer, Body, Format } from './answer.js';
import { wordOf } from './loose-values.js';
import type { Values } from './read-values.js';
import { writeJson } from './write-json.js';
import { writeXml } from './write-xml.js';

const CONTENT_TYPES: Readonly<Record<Format, string>> = { json: 'application/json', xml: 'text/xml; charset=UTF-8' };

/** `_format` in the body or in the query: JSON unless XML is asked for. */
export function formatOf(values: Values, query: Values): Format {
  const asked = wordOf(values['_format']) ?? wordOf(query['_format']);
  return typeof asked === 'string' && asked.toLowerCase() === 'xml' ? 'xml' : 'json';
}

/**
 * The body as bytes; to text, Fastify would add a charset that the vendor's JSON does not name. Answers repeat what they
 * could not read, and never a key.
 */
export const written = (body: Body, format: Format): { readonly type: string; readonly bytes: Buffer } => ({
  type: CONTENT_TYPES[format],
  bytes: Buffer.from(scrubKeys(format === 'xml' ? writeXml(body) : writeJson(body))),
});

export function sendAnswer(reply: FastifyReply, { status, headers, body }: Answer, format: Format): void {
  const { type, bytes } = written(body, format);
  void reply
    .code(status)
    .headers({ ...headers, 'content-type': type })
    .send(bytes);
}
