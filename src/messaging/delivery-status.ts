export const DELIVERY_STATUSES = [
  'WAITING',
  'SENT',
  'DELIVERED',
  'UNDELIVERED',
  'EXPIRED',
  'REFUSED',
  'OPTED_OUT',
  'CANCELLED',
  'UNCONFIRMED',
] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/**
 * The permitted moves: only forward, except out of doubt by proof of absence (UNCONFIRMED to WAITING). A late receipt may
 * still turn EXPIRED or UNDELIVERED into DELIVERED, once. What is SENT is CANCELLED only where the provider itself calls it
 * back.
 */
const NEXT: Readonly<Record<DeliveryStatus, readonly DeliveryStatus[]>> = {
  WAITING: ['SENT', 'REFUSED', 'OPTED_OUT', 'CANCELLED', 'UNCONFIRMED'],
  UNCONFIRMED: ['WAITING', 'SENT', 'DELIVERED', 'UNDELIVERED', 'REFUSED'],
  SENT: ['DELIVERED', 'UNDELIVERED', 'EXPIRED', 'CANCELLED'],
  UNDELIVERED: ['DELIVERED'],
  EXPIRED: ['DELIVERED'],
  DELIVERED: [],
  REFUSED: [],
  OPTED_OUT: [],
  CANCELLED: [],
};

export const canMove = (from: DeliveryStatus, to: DeliveryStatus): boolean => NEXT[from].includes(to);

/** The statuses from which a delivery may move to `to`: for the WHERE of the write, so that the database agrees. */
export const statusesBefore = (to: DeliveryStatus): readonly DeliveryStatus[] =>
  DELIVERY_STATUSES.filter(from => canMove(from, to));
