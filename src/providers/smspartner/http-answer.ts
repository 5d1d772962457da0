import type { IncomingHttpHeaders } from 'node:http';
import { recordOf } from '../loose-json.js';
import type { JsonRecord } from '../loose-json.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Null: it could not be read to its end. */
  readonly body: string | null;
}

/** Answers that come from the door (a firewall, a wrong base URL): nothing was accepted, and no message is at fault. */
const TURNED_AWAY = new Map([
  [401, 'the account or our address is refused'],
  [403, 'the account or our address is refused'],
  [404, 'the API is not at the configured address'],
  [405, 'the API is not at the configured address'],
]);

/** Why the door stays closed under this HTTP status; null where it is not the door that speaks. */
export function turnedAwayBy(status: number): string | null {
  return TURNED_AWAY.get(status) ?? null;
}

/** Neither done (2xx) nor a refusal with a body to read (4xx): the server failed, or another address is meant. */
export function saysNothing(status: number): boolean {
  return status < 200 || (status >= 300 && status < 400) || status >= 500;
}

/** The JSON object of an answer; null when it is none, whatever the content type says. */
export function bodyOf(answer: HttpAnswer): JsonRecord | null {
  if (answer.body === null) return null;
  try {
    // A byte order mark is not JSON, but PHP files saved with one answer so.
    return recordOf(JSON.parse(answer.body.replace(/^\uFEFF/, '')));
  } catch {
    return null;
  }
}
