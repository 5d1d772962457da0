import type { RefusedRecipient, SendOutcome } from '../sms-provider.js';

/**
 * The last four digits of a recipient choose what the simulator does; every other number is delivered. Any number will
 * do: +336 1234 0001 is a valid French mobile. When recipients of one call disagree, the row that stands higher wins,
 * which is the order in which a real call would meet the obstacles; receipts are each recipient's own.
 */
const MAGIC = {
  '0005': 'the provider cannot be reached: not-sent',
  '0006': 'the account is blocked',
  '0007': 'the provider refuses at this hour: outside-hours',
  '0001': 'this recipient is refused; the whole call, when all are',
  '0004': 'unknown, and nothing was sent',
  '0009': 'unknown, but it was sent: receipts arrive',
  '0002': 'accepted, then a receipt "not delivered"',
  '0003': 'accepted, then silence',
  '0008': 'accepted, then a receipt "ko"',
  '0010': 'delivered, then the handset answers "Oui"',
  '0011': 'delivered, then the handset answers "STOP"',
} as const;

type Magic = keyof typeof MAGIC;

const RECEIPTS = { '0002': 'not delivered', '0003': null, '0008': 'ko' } as const;

const ANSWERS: ReadonlyMap<string, string> = new Map<Magic, string>([
  ['0010', 'Oui'],
  ['0011', 'STOP'],
]);

type Forced = Exclude<SendOutcome, { status: 'accepted' }>;

/** The answer that a magic number forces on a call with one text; null: the call is accepted. */
export function forcedOutcome(recipients: readonly string[]): Forced | null {
  return turnedAway(recipients) ?? refusal(recipients) ?? leftOpen(recipients);
}

/** As for one text, but what is refused of a bulk call keeps the rest from nothing. */
export function forcedBulkOutcome(recipients: readonly string[]): Forced | null {
  const refused = refusal(recipients);
  return turnedAway(recipients) ?? (refused?.recipients === null ? refused : null) ?? leftOpen(recipients);
}

/** Whether the SMS goes out although the answer says unknown. */
export function goesOutAnyway(recipients: readonly string[], outcome: SendOutcome): boolean {
  return outcome.status === 'unknown' && !met(recipients, '0004');
}

export function refusedAmong(recipients: readonly string[]): readonly RefusedRecipient[] {
  return recipients
    .filter(recipient => recipient.endsWith('0001'))
    .map(phoneNumber => ({ phoneNumber, code: '9', reason: MAGIC['0001'] }));
}

/** The status word of the recipient's receipt; null: none ever comes. */
export function receiptStatusFor(recipient: string): 'delivered' | 'not delivered' | 'ko' | null {
  const magic = recipient.slice(-4);
  return isReceiptMagic(magic) ? RECEIPTS[magic] : 'delivered';
}

/** What the recipient's handset answers; null: nothing. */
export const answerOf = (recipient: string): string | null => ANSWERS.get(recipient.slice(-4)) ?? null;

function isReceiptMagic(magic: string): magic is keyof typeof RECEIPTS {
  return Object.hasOwn(RECEIPTS, magic);
}

function turnedAway(recipients: readonly string[]): Forced | null {
  if (met(recipients, '0005')) {
    return { status: 'not-sent', cause: 'unreachable', reason: MAGIC['0005'], retryAfterMs: null };
  }
  if (met(recipients, '0006')) return { status: 'blocked', code: '30', reason: MAGIC['0006'] };
  if (met(recipients, '0007')) return { status: 'outside-hours', code: '22', reason: MAGIC['0007'] };
  return null;
}

function refusal(recipients: readonly string[]): Extract<Forced, { status: 'refused' }> | null {
  const refused = refusedAmong(recipients);
  if (refused.length === 0) return null;
  const all = refused.length === recipients.length;
  return { status: 'refused', code: '9', reason: MAGIC['0001'], recipients: all ? null : refused };
}

function leftOpen(recipients: readonly string[]): Forced | null {
  if (met(recipients, '0004')) return { status: 'unknown', reason: MAGIC['0004'] };
  if (met(recipients, '0009')) return { status: 'unknown', reason: MAGIC['0009'] };
  return null;
}

function met(recipients: readonly string[], magic: Magic): boolean {
  return recipients.some(recipient => recipient.endsWith(magic));
}
