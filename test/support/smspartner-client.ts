import { request } from 'undici';

/** An answer as it came, nothing parsed. */
export interface WireAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export type Fields = Readonly<Record<string, unknown>>;
export type Headers = Readonly<Record<string, string>>;

const SMS = { phoneNumbers: '+33612345678', message: 'Bonjour' };
const DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>";

/** A client of SMS Partner's HTTP API with one key, that points at Relais. */
export class SmsPartnerClient {
  constructor(
    readonly url: string,
    readonly key: string,
  ) {}

  /** POST with JSON and the key in it. */
  post(path: string, fields: Fields = {}, headers: Headers = {}): Promise<WireAnswer> {
    return this.postRaw(path, JSON.stringify({ apiKey: this.key, ...fields }), {
      'content-type': 'application/json',
      ...headers,
    });
  }

  /** POST of bytes as they are. */
  postRaw(path: string, body: string | Buffer, headers: Headers = {}): Promise<WireAnswer> {
    return answerOf(`${this.url}${path}`, { method: 'POST', body, headers });
  }

  /** GET with the key in the query. */
  get(path: string, query: Readonly<Record<string, string | number>> = {}): Promise<WireAnswer> {
    const asked = new URLSearchParams({ apiKey: this.key });
    for (const [name, value] of Object.entries(query)) asked.set(name, String(value));
    return this.getRaw(`${path}?${asked.toString()}`);
  }

  getRaw(path: string): Promise<WireAnswer> {
    return answerOf(`${this.url}${path}`, { method: 'GET' });
  }

  /** POST /v1/send of a short SMS, but for what is said. */
  send(fields: Fields = {}, headers: Headers = {}): Promise<WireAnswer> {
    return this.post('/v1/send', { ...SMS, ...fields }, headers);
  }

  /** Sends, insists that it was accepted, and tells its message_id. */
  async accepted(fields: Fields = {}, headers: Headers = {}): Promise<number> {
    return idIn(await this.send(fields, headers));
  }
}

type Options = NonNullable<Parameters<typeof request>[1]>;

async function answerOf(url: string, options: Options): Promise<WireAnswer> {
  const response = await request(url, options);
  const type = String(response.headers['content-type'] ?? '');
  return { status: response.statusCode, type, body: await response.body.text() };
}

/** The message_id of a success, in JSON or in XML; the id is the third of its entries. */
export function idIn({ body }: Pick<WireAnswer, 'body'>): number {
  const json = /^\{"success":true,"code":200,"message_id":(\d+),/.exec(body);
  const xml = /^<\?xml[^>]+><result><entry>true<\/entry><entry>200<\/entry><entry>(\d+)<\/entry>/.exec(body);
  const id = (json ?? xml)?.[1];
  if (id === undefined) throw new Error(`not accepted: ${body}`);
  return Number(id);
}

export const json = (status: number, body: string): WireAnswer => ({ status, type: 'application/json', body });

/** `entries`: what stands within the result. */
export const xml = (status: number, entries: string): WireAnswer => ({
  status,
  type: 'text/xml; charset=UTF-8',
  body: `${DECLARATION}<result>${entries}</result>`,
});

/** One code with its sentence; `message` as PHP writes it, non-ASCII escaped. */
export const refusal = (code: number, message: string, status = 400): WireAnswer =>
  json(status, `{"success":false,"code":${code},"message":"${escaped(message)}"}`);

/** Code 9 with its list of faults. */
export const faults = (list: readonly (readonly [elementId: string, message: string])[], key = 'errors'): WireAnswer =>
  json(
    400,
    `{"success":false,"code":9,"${key}":[${list
      .map(([elementId, message]) => `{"elementId":"${elementId}","message":"${escaped(message)}"}`)
      .join(',')}]}`,
  );

/** As json_encode escapes text. */
export const escaped = (text: string): string =>
  text
    .replaceAll(/[\\"]/g, String.raw`\$&`)
    .replaceAll(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
