import { canMove, type DeliveryStatus } from '../delivery-status.js';

/** What the provider says of one recipient of an attempt. */
export interface DeliveryReport {
  /** E.164. */
  readonly phoneNumber: string;
  readonly status: 'delivered' | 'undelivered' | 'waiting';
  readonly errorCode: string | null;
  readonly providerMessageId: string | null;
}

export interface StatusAfter {
  readonly status: DeliveryStatus;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

/** Where a report takes a delivery from where it stands, only forward; null: it tells nothing new. */
export function moveBy(report: DeliveryReport, from: DeliveryStatus): StatusAfter | null {
  const after = statusAfter(report);
  return after !== null && canMove(from, after.status) ? after : null;
}

function statusAfter({ status, errorCode }: DeliveryReport): StatusAfter | null {
  switch (status) {
    case 'waiting':
      return null;
    case 'delivered':
      return { status: 'DELIVERED', errorCode: null, errorMessage: null };
    case 'undelivered': {
      const errorMessage = 'The operator could not deliver it.';
      return { status: 'UNDELIVERED', errorCode: errorCode ?? 'NOT_DELIVERED', errorMessage };
    }
  }
}
