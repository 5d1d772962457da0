import type { IncomingHttpHeaders } from 'node:http';
import { retryAfterMs } from '../../kernel/index.js';
import { currencyOf, decimalOf, identifierOf, wholeNumberOf } from '../loose-json.js';
import type { JsonRecord } from '../loose-json.js';
import type { SendOutcome } from '../sms-provider.js';
import { codeOf, isDocumented, meaningOf } from './error-codes.js';
import { bodyOf, saysNothing, turnedAwayBy } from './http-answer.js';
import type { HttpAnswer } from './http-answer.js';
import { readRefusal } from './refusal.js';
import type { AskedCall } from './refusal.js';

const LONGEST_WAIT_MS = 60 * 60 * 1_000;

/** Reads the answer to POST /v1/send ("Envoi unitaire"), whatever it is. Never throws; in doubt it is `unknown`. */
export function readSendResponse(answer: HttpAnswer, asked: AskedCall): SendOutcome {
  const { status } = answer;
  if (status === 429) return rateLimited(answer.headers);
  if (saysNothing(status)) return unknown(`HTTP ${status}`);
  const body = bodyOf(answer);
  if (body?.['success'] === true) return readSuccess(status, body);
  const code = body?.['success'] === false ? codeOf(body['code']) : null;
  const door = turnedAwayBy(status);
  if (door !== null && (code === null || !isDocumented(code))) {
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
    // /v1/send says nb_sms, /v1/bulk-send nbSMS.
    parts: wholeNumberOf(body['nb_sms'] ?? body['nbSMS'] ?? body['nbSms']),
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
  return { status: 'not-sent', cause: 'rate-limited', reason, retryAfterMs: retryAfterMs(headers, LONGEST_WAIT_MS) };
}

function unknown(reason: string): SendOutcome {
  return { status: 'unknown', reason };
}
