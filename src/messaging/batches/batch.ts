import type { MessageStatus } from '../message-status.js';
import type { BatchRow } from './batch.entity.js';

/** A batch as its row has it; the rest of it stands in its messages. */
export type Batch = Omit<BatchRow, 'number'> & { readonly number: number };

/** What became of a batch as a whole: of all its messages together. */
export interface BatchProgress {
  /** Derived as a message's is from its submissions. */
  readonly status: MessageStatus;
  readonly cost: string;
  readonly currency: string;
  readonly counts: {
    readonly waiting: number;
    readonly sent: number;
    readonly delivered: number;
    readonly undelivered: number;
    readonly expired: number;
    readonly refused: number;
    readonly optedOut: number;
    readonly cancelled: number;
    readonly unconfirmed: number;
  };
  readonly scheduledFor: Date | null;
  /** The earliest of what the law holds back; null: nothing is held. */
  readonly heldUntil: Date | null;
}
