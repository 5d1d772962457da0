import type { IncomingMessage, ServerResponse } from 'node:http';

export type Fields = Readonly<Record<string, unknown>>;

/** A request as far as all calls have it in common. `fields`: of the body, or of the query of a GET. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  /** Null: the body is no JSON object. */
  readonly fields: Fields | null;
  readonly response: ServerResponse;
}

export interface Answer {
  readonly status: number;
  readonly body: object;
}

export async function readRequest(request: IncomingMessage, response: ServerResponse): Promise<Asked> {
  const url = new URL(request.url ?? '/', 'http://provider');
  const method = request.method ?? 'GET';
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const fields =
    method === 'GET' ? Object.fromEntries(url.searchParams) : recordIn(Buffer.concat(chunks).toString('utf8') || '{}');
  return { method, path: url.pathname.replace(/(?<=.)\/$/, ''), fields, response };
}

function recordIn(text: string): Fields | null {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return null;
  }
}

export function recordOf(value: unknown): Fields | null {
  return isRecord(value) ? value : null;
}

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Text, trimmed; a number as its digits. Empty where there is none. */
export function textOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value.trim() : '';
}

/** E.164 of what is written "+336…", "00336…", "336…" or "06…". */
export function phoneNumberOf(value: unknown): string {
  const digits = textOf(value).replaceAll(/[\s().-]/g, '');
  if (digits.startsWith('+')) return digits;
  if (digits.startsWith('00')) return `+${digits.slice(2)}`;
  return digits.startsWith('0') ? `+33${digits.slice(1)}` : `+${digits}`;
}

export const done = (fields: object): Answer => ({ status: 200, body: { success: true, code: 200, ...fields } });

/** The vendor answers what it refuses with HTTP 400. */
export const refused = (code: number, message: string): Answer => ({
  status: 400,
  body: { success: false, code, message },
});

export function reply(response: ServerResponse, { status, body }: Answer, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** As a gateway or a PHP server in trouble answers. */
export function replyHtml(response: ServerResponse, status: number): void {
  const page = `<!DOCTYPE html><html><head><title>${status}</title></head><body><h1>Service temporairement indisponible</h1></body></html>`;
  response.writeHead(status, { 'content-type': 'text/html; charset=UTF-8' }).end(page);
}
