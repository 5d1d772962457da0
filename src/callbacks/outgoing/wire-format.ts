import {
  type DeliveryNewsItem,
  type DeliveryStatus,
  type LockedMessage,
  type Message,
  publicNumberOf,
} from '../../messaging/index.js';

/** SMS Partner's words for what became of a recipient; what is not final, or the tenant's own doing, is not told. */
const WORDS: Readonly<Record<DeliveryStatus, 'delivered' | 'not delivered' | 'ko' | null>> = {
  WAITING: null,
  SENT: null,
  DELIVERED: 'delivered',
  UNDELIVERED: 'not delivered',
  EXPIRED: 'not delivered',
  REFUSED: 'ko',
  OPTED_OUT: 'ko',
  CANCELLED: null,
  UNCONFIRMED: null,
};

/** What SMS Partner posts to urlDlr for each recipient, as captured: these keys in this order. Null: nothing to tell. */
export function receiptBody(
  message: LockedMessage,
  at: Date,
  delivery: DeliveryNewsItem['deliveries'][number],
): string | null {
  const status = WORDS[delivery.status];
  if (status === null || delivery.phoneNumber === null) return null;
  return JSON.stringify({
    status,
    msgId: String(publicNumberOf(message)),
    date: Math.floor(at.getTime() / 1_000),
    phone: delivery.phoneNumber,
    cost: shortened(delivery.cost),
    currency: message.currency,
    ...(message.tag === null ? {} : { tag: message.tag }),
  });
}

/** What SMS Partner posts to urlResponse for an answer to its short code. */
export function replyBody(
  message: Message,
  reply: { readonly kind: 'response' | 'stop'; readonly phoneNumber: string; readonly text: string | null },
): string {
  return JSON.stringify({
    type: reply.kind,
    phone_number: reply.phoneNumber,
    text: reply.text ?? '',
    message_id: publicNumberOf(message),
  });
}

/** "0.0450" as "0.045", "1.0000" as "1.0". */
const shortened = (cost: string): string => cost.replace(/(\.\d+?)0+$/, '$1');
