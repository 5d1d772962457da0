import { type JsonRecord, recordOf, textOf, wholeNumberOf, wholeTextOf } from './loose-json.js';
import { messageIdOf, phoneNumberOf, wordOf } from './report-fields.js';

/** What is posted for an answer from a handset, or for one part of it. */
export interface ProviderReply {
  readonly kind: 'stop' | 'response';
  /** E.164 where it can be told; a national number (0…) stays as it came, in digits. */
  readonly phoneNumber: string;
  /** As it came, blanks at its ends included: a part may end between two words. */
  readonly text: string | null;
  /** Where it was answered to a long number, that number's form; null: the short code's. */
  readonly long: LongNumberReply | null;
  /** Of the SMS that is answered; with a long number, the answer's own. */
  readonly providerMessageId: string | null;
  /** Null: it is whole. */
  readonly part: ReplyPart | null;
}

export interface LongNumberReply {
  /** Which long number; as it came. */
  readonly to: string | null;
  readonly keyword: string | null;
  /** As it came: by which clock it is, nobody has documented. */
  readonly timestamp: string | null;
}

export interface ReplyPart {
  /** The handset's mark of what belongs together; it comes round again after a while. */
  readonly ref: string;
  readonly total: number;
  /** From 1 to `total`. */
  readonly number: number;
}

/** 255 parts of 153 characters are the most that handsets can send. */
const LONGEST_TEXT = 255 * 160;
const MOST_PARTS = 255;

/**
 * Reads what SMS Partner posts to `urlResponse`, in the short code's form or in the long number's. Never throws; `reason`
 * carries no number and no text.
 */
export function readSmsPartnerReply(
  body: unknown,
): { readonly ok: true; readonly reply: ProviderReply } | { readonly ok: false; readonly reason: string } {
  const fields = recordOf(body);
  if (fields === null) return unreadable('the reply is not a JSON object');
  const long = longNumberOf(fields);
  const text = wholeTextOf(fields['text'], LONGEST_TEXT);
  const kind = long === null ? shortCodeKind(fields, text) : longNumberKind(fields);
  if (kind === null) return unreadable('the reply is neither a response nor a stop');
  const phoneNumber = phoneNumberOf(
    fields['phone_number'] ?? fields['phoneNumber'] ?? fields['phone'] ?? fields['msisdn'],
  );
  if (phoneNumber === null) return unreadable('the reply names no phone number');
  const providerMessageId = long === null ? messageIdOf(fields) : textOf(fields['messageId'], 100);
  return { ok: true, reply: { kind, phoneNumber, text, long, providerMessageId, part: partOf(fields) } };
}

function longNumberOf(fields: JsonRecord): LongNumberReply | null {
  if (fields['msisdn'] === undefined || fields['phone_number'] !== undefined) return null;
  return {
    to: textOf(fields['to'], 40),
    keyword: textOf(fields['keyword'], 200),
    timestamp: textOf(fields['message-timestamp'], 100),
  };
}

/** A text without a type is an answer all the same: it may be a STOP. */
function shortCodeKind(fields: JsonRecord, text: string | null): ProviderReply['kind'] | null {
  const type = wordOf(fields['type']);
  if (type === 'stop' || type === 'response') return type;
  return fields['type'] == null && text !== null ? 'response' : null;
}

/** Its `type` tells of the text ("text", "unicode"), where it is not the short code's word. */
const longNumberKind = (fields: JsonRecord): ProviderReply['kind'] =>
  wordOf(fields['type']) === 'stop' ? 'stop' : 'response';

/** What says of itself that it is a part, but not which, is taken as whole: better in pieces than not at all. */
function partOf(fields: JsonRecord): ReplyPart | null {
  const concat = fields['concat'];
  if (concat === false || wordOf(concat) === 'false' || wordOf(concat) === '0') return null;
  const ref = textOf(fields['concat-ref'], 40);
  const total = wholeNumberOf(fields['concat-total']);
  const number = wholeNumberOf(fields['concat-part']);
  if (ref === null || total === null || number === null) return null;
  return total > 1 && total <= MOST_PARTS && number >= 1 && number <= total ? { ref, total, number } : null;
}

const unreadable = (reason: string) => ({ ok: false, reason }) as const;
