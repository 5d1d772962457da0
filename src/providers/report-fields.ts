import { identifierOf, textOf, wholeNumberOf } from './loose-json.js';
import type { JsonRecord } from './loose-json.js';

/** What a delivery report says has become of one recipient's SMS. */
export interface ReportedStatus {
  readonly status: 'delivered' | 'undelivered' | 'waiting';
  readonly errorCode: string | null;
}

/** Polling capitalises the words ("Not delivered"), callbacks do not: both are read here. */
const STATUSES = new Map<string, ReportedStatus>([
  ['delivered', { status: 'delivered', errorCode: null }],
  ['not delivered', { status: 'undelivered', errorCode: null }],
  ['ko', { status: 'undelivered', errorCode: 'ko' }],
  ['waiting', { status: 'waiting', errorCode: null }],
]);

/** Null: a word that nobody has documented. */
export function reportedStatusOf(value: unknown): ReportedStatus | null {
  return STATUSES.get(wordOf(value)) ?? null;
}

/** In lower case, "NOT_DELIVERED" as "not delivered"; empty when it is no word. */
export function wordOf(value: unknown): string {
  return (textOf(value, 50) ?? '').toLowerCase().replaceAll(/[\s_-]+/g, ' ');
}

/** E.164 where it can be told; a national number (0…) stays as it came, in digits. Null: no phone number. */
export function phoneNumberOf(value: unknown): string | null {
  const bare = (textOf(value, 40) ?? '').replaceAll(/[\s().-]/g, '');
  const digits = /^(?:\+|00)?(\d{4,15})$/.exec(bare)?.[1];
  if (digits === undefined) return null;
  const national = digits.startsWith('0');
  if (national && bare !== digits) return null;
  return national ? digits : `+${digits}`;
}

/** Receipts say `msgId`, replies `message_id`, status answers `messageId`. */
export function messageIdOf(fields: JsonRecord): string | null {
  return identifierOf(fields['msgId'] ?? fields['message_id'] ?? fields['messageId']);
}

/** Unix seconds, up to the year 5138. */
export function unixTimeOf(value: unknown): Date | null {
  const seconds = wholeNumberOf(value);
  return seconds !== null && seconds > 0 && seconds < 1e11 ? new Date(seconds * 1_000) : null;
}
