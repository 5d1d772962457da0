import type { OutgoingSms, RefusedRecipient, SendOutcome } from '../sms-provider.js';

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
} as const;

type Magic = keyof typeof MAGIC;

const RECEIPTS = { '0002': 'not delivered', '0003': null, '0008': 'ko' } as const;

/** The answer that a magic number forces on the call; null: the call is accepted. */
export function forcedOutcome(sms: OutgoingSms): SendOutcome | null {
  const met = (magic: Magic): boolean => sms.recipients.some(recipient => recipient.endsWith(magic));
  if (met('0005')) {
    return { status: 'not-sent', cause: 'unreachable', reason: MAGIC['0005'], retryAfterMs: null };
  }
  if (met('0006')) return { status: 'blocked', code: '30', reason: MAGIC['0006'] };
  if (met('0007')) return { status: 'outside-hours', code: '22', reason: MAGIC['0007'] };
  if (met('0001')) return refusal(sms.recipients);
  if (met('0004')) return { status: 'unknown', reason: MAGIC['0004'] };
  if (met('0009')) return { status: 'unknown', reason: MAGIC['0009'] };
  return null;
}

/** Whether the SMS goes out although the answer says unknown. */
export function goesOutAnyway(sms: OutgoingSms, outcome: SendOutcome): boolean {
  return outcome.status === 'unknown' && !sms.recipients.some(recipient => recipient.endsWith('0004'));
}

/** The status word of the recipient's receipt; null: none ever comes. */
export function receiptStatusFor(recipient: string): 'delivered' | 'not delivered' | 'ko' | null {
  const magic = recipient.slice(-4);
  return isReceiptMagic(magic) ? RECEIPTS[magic] : 'delivered';
}

function isReceiptMagic(magic: string): magic is keyof typeof RECEIPTS {
  return Object.hasOwn(RECEIPTS, magic);
}

function refusal(recipients: readonly string[]): SendOutcome {
  const reason = MAGIC['0001'];
  const refused = recipients
    .filter(recipient => recipient.endsWith('0001'))
    .map((phoneNumber): RefusedRecipient => ({ phoneNumber, code: '9', reason }));
  return { status: 'refused', code: '9', reason, recipients: refused.length === recipients.length ? null : refused };
}
