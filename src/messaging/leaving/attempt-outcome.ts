import type { BulkOutcome, SendOutcome } from '../../providers/index.js';

/** How an attempt ended. Abandoned: it could not start in time, so nothing was called. Absent: the provider proved not to know it. */
export type AttemptOutcome = SendOutcome['status'] | 'abandoned' | 'absent';

/** The call could not start soon enough after its attempt was committed, so it was not made. */
export interface Abandoned {
  readonly status: 'abandoned';
  readonly reason: string;
}

/** What came of a call, whichever kind it was. */
export type CallOutcome = BulkOutcome | SendOutcome | Abandoned;
