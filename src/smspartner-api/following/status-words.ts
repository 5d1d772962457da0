import type { DeliveryStatus } from '../../messaging/index.js';

/** The vendor's polling statuses are capitalised, and there are three of them. */
const STATUS_WORDS = {
  WAITING: 'Waiting',
  SENT: 'Waiting',
  UNCONFIRMED: 'Waiting',
  DELIVERED: 'Delivered',
  UNDELIVERED: 'Not delivered',
  EXPIRED: 'Not delivered',
  REFUSED: 'Not delivered',
  OPTED_OUT: 'Not delivered',
  CANCELLED: 'Not delivered',
} as const satisfies Record<DeliveryStatus, string>;

export const statusWordOf = (status: DeliveryStatus): string => STATUS_WORDS[status];
