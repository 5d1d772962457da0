import type {
  DeliveryNewsItem,
  DeliveryStatus,
  LockedMessage,
  Message,
  MessageAsItStands,
  OptOutNewsItem,
} from '../../messaging/index.js';
import type { MessageEventType, WebhookEventType } from './event-types.js';

/** As the Standard Webhooks specification has it. */
export const bodyOf = (type: WebhookEventType, at: Date, data: unknown): string =>
  JSON.stringify({ type, timestamp: at.toISOString(), data });

/** The message as it is once the change is committed. Its text is not told: whoever listens may not be meant to read it. */
export function messageData(type: MessageEventType, { message, counts, releaseAt, holds }: MessageAsItStands): object {
  return {
    ...nameOf(message),
    status: message.status,
    category: message.category,
    sandbox: message.sandbox,
    recipientCount: message.recipientCount,
    counts,
    parts: message.parts,
    cost: message.cost,
    currency: message.currency,
    scheduledFor: message.scheduledFor,
    createdAt: message.createdAt,
    ...(type === 'message.held' && { releaseAt, holds: holds.map(toldHold) }),
  };
}

type DeliveryNewsOf = DeliveryNewsItem['deliveries'][number];

/** What becomes of a recipient is told where it is final, or as good as. */
const TOLD: ReadonlySet<DeliveryStatus> = new Set([
  'DELIVERED',
  'UNDELIVERED',
  'EXPIRED',
  'REFUSED',
  'OPTED_OUT',
  'CANCELLED',
]);

export const isToldOf = ({ status }: DeliveryNewsOf): boolean => TOLD.has(status);

export const deliveryData = (
  message: LockedMessage,
  { id, phoneNumber, status, errorCode, cost }: DeliveryNewsOf,
): object => ({
  id,
  phoneNumber,
  status,
  errorCode,
  cost,
  currency: message.currency,
  message: nameOf(message),
});

export const optOutData = ({ id, phoneNumber, source, createdAt }: OptOutNewsItem['optOuts'][number]): object => ({
  id,
  phoneNumber,
  source,
  createdAt,
});

/** An answer from a handset, as it is kept. */
export interface ReplyNews {
  readonly id: string;
  /** "stop": it opts out. */
  readonly kind: 'response' | 'stop';
  /** Null: it is not known which one it answers. */
  readonly message: Message | null;
  /** E.164. */
  readonly phoneNumber: string;
  readonly text: string | null;
  readonly receivedAt: Date;
}

export const replyData = ({ id, kind, message, phoneNumber, text, receivedAt }: ReplyNews): object => ({
  id,
  stop: kind === 'stop',
  from: phoneNumber,
  text,
  message: message === null ? null : nameOf(message),
  receivedAt,
});

/** What the tenant's application finds it by. */
const nameOf = ({ id, number, batchId, batchNumber, tag }: LockedMessage): object => ({
  id,
  number,
  batchId,
  batchNumber,
  tag,
});

const toldHold = ({
  rule,
  policy,
  territory,
  timeZone,
  localTime,
  holiday,
  recipients,
  releaseAt,
  explanation,
}: MessageAsItStands['holds'][number]): object => ({
  rule,
  policy,
  territory,
  timeZone,
  localTime,
  holiday,
  recipients,
  releaseAt,
  explanation,
});
