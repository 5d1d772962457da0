import type { BulkOutcome, SendOutcome } from '../../providers/index.js';

/** How an attempt ended. Abandoned: it could not start within its few seconds, so nothing was called. */
export type AttemptOutcome = SendOutcome['status'] | 'abandoned';

/** The call could not start soon enough after its attempt was committed, so it was not made. */
export interface Abandoned {
  readonly status: 'abandoned';
  readonly reason: string;
}

/** What came of a call, whichever kind it was. */
export type CallOutcome = BulkOutcome | SendOutcome | Abandoned;
