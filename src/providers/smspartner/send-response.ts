import type { IncomingHttpHeaders } from 'node:http';
import { currencyOf, decimalOf, identifierOf, recordOf, wholeNumberOf } from '../loose-json.js';
import type { JsonRecord } from '../loose-json.js';
import type { SendOutcome } from '../sms-provider.js';
import { codeOf, isDocumented, meaningOf } from './error-codes.js';
import { readRefusal } from './refusal.js';
import type { AskedCall } from './refusal.js';
import { retryAfterMs } from './retry-after.js';

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

/** Reads the answer to POST /v1/send, whatever it is. Never throws; in doubt the answer is `unknown`. */
export function readSendResponse(answer: HttpAnswer, asked: AskedCall): SendOutcome {
  const { status } = answer;
  if (status === 429) return rateLimited(answer.headers);
  if (status < 200 || (status >= 300 && status < 400) || status >= 500) return unknown(`HTTP ${status}`);
  const body = parse(answer.body);
  if (body?.['success'] === true) return readSuccess(status, body);
  const code = body?.['success'] === false ? codeOf(body['code']) : null;
  const door = TURNED_AWAY.get(status);
  if (door !== undefined && (code === null || !isDocumented(code))) {
    return { status: 'blocked', code: `HTTP_${status}`, reason: door };
  }
  if (body === null || code === null) return unknown(`HTTP ${status} with an answer that cannot be read`);
  return readError(code, body, { headers: answer.headers, asked });
}

/** A degraded gateway once answered success without an id: only an id proves that the SMS was booked. */
function readSuccess(status: number, body: JsonRecord): SendOutcome {
  const code: unknown = body['code'] ?? 200;
  const providerMessageId = identifierOf(body['message_id']);
  if (status >= 300 || wholeNumberOf(code) !== 200) return unknown('the answer contradicts itself');
  if (providerMessageId === null) return unknown('success without a message id');
  return {
    status: 'accepted',
    providerMessageId,
    parts: wholeNumberOf(body['nb_sms']),
    cost: decimalOf(body['cost']),
    currency: currencyOf(body['currency']),
  };
}

function readError(
  code: string,
  body: JsonRecord,
  answer: { readonly headers: IncomingHttpHeaders; readonly asked: AskedCall },
): SendOutcome {
  if (identifierOf(body['message_id']) !== null || code === '200') return unknown('the answer contradicts itself');
  const { kind, reason } = meaningOf(code);
  if (kind === 'refused') return readRefusal(code, reason, { body, asked: answer.asked });
  if (kind === 'rate-limited') return rateLimited(answer.headers);
  if (kind === 'unknown') return unknown(`code ${code}: ${reason}`);
  return { status: kind, code, reason };
}

function rateLimited(headers: IncomingHttpHeaders): SendOutcome {
  const reason = 'too many requests';
  return { status: 'not-sent', cause: 'rate-limited', reason, retryAfterMs: retryAfterMs(headers) };
}

function unknown(reason: string): SendOutcome {
  return { status: 'unknown', reason };
}

function parse(body: string | null): JsonRecord | null {
  if (body === null) return null;
  try {
    // A byte order mark is not JSON, but PHP files saved with one answer so.
    return recordOf(JSON.parse(body.replace(/^\uFEFF/, '')));
  } catch {
    return null;
  }
}
