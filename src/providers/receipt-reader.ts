import { currencyOf, decimalOf, identifierOf, recordOf, textOf, wholeNumberOf } from './loose-json.js';
import type { JsonRecord } from './loose-json.js';

export interface ProviderReceipt {
  readonly providerMessageId: string | null;
  /** E.164 where it can be told; a national number (0…) stays as it came, in digits. */
  readonly phoneNumber: string;
  readonly status: 'delivered' | 'undelivered' | 'waiting';
  readonly errorCode: string | null;
  readonly at: Date | null;
  /** An exact decimal. */
  readonly cost: string | null;
  readonly currency: string | null;
  readonly tag: string | null;
}

export interface ProviderReply {
  readonly kind: 'stop' | 'response';
  readonly phoneNumber: string;
  readonly text: string | null;
  readonly providerMessageId: string | null;
}

type Unreadable = { readonly ok: false; readonly reason: string };

/** Polling capitalises the words ("Not delivered"), callbacks do not: both are read here. */
const STATUSES = new Map<string, Pick<ProviderReceipt, 'status' | 'errorCode'>>([
  ['delivered', { status: 'delivered', errorCode: null }],
  ['not delivered', { status: 'undelivered', errorCode: null }],
  ['ko', { status: 'undelivered', errorCode: 'ko' }],
  ['waiting', { status: 'waiting', errorCode: null }],
]);

/** Reads what SMS Partner posts to `urlDlr`. Never throws; `reason` carries no number. */
export function readSmsPartnerReceipt(
  body: unknown,
): { readonly ok: true; readonly receipt: ProviderReceipt } | Unreadable {
  const fields = recordOf(body);
  if (fields === null) return unreadable('the receipt is not a JSON object');
  const status = STATUSES.get(wordOf(fields['status']));
  if (status === undefined) return unreadable('the receipt has no status that is known');
  const phoneNumber = phoneNumberOf(fields['phone'] ?? fields['phoneNumber'] ?? fields['phone_number']);
  if (phoneNumber === null) return unreadable('the receipt names no phone number');
  return {
    ok: true,
    receipt: {
      ...status,
      providerMessageId: messageIdOf(fields),
      phoneNumber,
      at: dateOf(fields['date']),
      cost: decimalOf(fields['cost']),
      currency: currencyOf(fields['currency']),
      tag: textOf(fields['tag'], 100),
    },
  };
}

/** Reads what SMS Partner posts to `urlResponse` for a short code. Never throws; `reason` carries no number and no text. */
export function readSmsPartnerReply(body: unknown): { readonly ok: true; readonly reply: ProviderReply } | Unreadable {
  const fields = recordOf(body);
  if (fields === null) return unreadable('the reply is not a JSON object');
  const kind = wordOf(fields['type']);
  if (kind !== 'stop' && kind !== 'response') return unreadable('the reply is neither a response nor a stop');
  const phoneNumber = phoneNumberOf(fields['phone_number'] ?? fields['phoneNumber'] ?? fields['phone']);
  if (phoneNumber === null) return unreadable('the reply names no phone number');
  return {
    ok: true,
    reply: { kind, phoneNumber, text: textOf(fields['text'], 10_000), providerMessageId: messageIdOf(fields) },
  };
}

/** Receipts say `msgId`, replies `message_id`, status answers `messageId`. */
function messageIdOf(fields: JsonRecord): string | null {
  return identifierOf(fields['msgId'] ?? fields['message_id'] ?? fields['messageId']);
}

function wordOf(value: unknown): string {
  return (textOf(value, 50) ?? '').toLowerCase().replaceAll(/[\s_-]+/g, ' ');
}

function phoneNumberOf(value: unknown): string | null {
  const bare = (textOf(value, 40) ?? '').replaceAll(/[\s().-]/g, '');
  const digits = /^(?:\+|00)?(\d{4,15})$/.exec(bare)?.[1];
  if (digits === undefined) return null;
  const national = digits.startsWith('0');
  if (national && bare !== digits) return null;
  return national ? digits : `+${digits}`;
}

/** Unix seconds, up to the year 5138. */
function dateOf(value: unknown): Date | null {
  const seconds = wholeNumberOf(value);
  return seconds !== null && seconds > 0 && seconds < 1e11 ? new Date(seconds * 1_000) : null;
}

function unreadable(reason: string): Unreadable {
  return { ok: false, reason };
}
