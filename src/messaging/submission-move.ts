import type { StoredHold } from './hold.js';
import type { SubmissionState } from './submission-state.js';
import type { WaitKind } from './wait-kind.js';

/** Where a submission goes from here. Whoever moves it has done with it: the lease ends. */
export interface SubmissionMove {
  readonly state: SubmissionState;
  readonly now: Date;
  /** When a worker looks at it next; null: nobody needs to. */
  readonly dueAt: Date | null;
  readonly releaseAt?: Date | null;
  readonly expiresAt?: Date;
  readonly hold?: StoredHold | null;
  readonly waitKind?: WaitKind | null;
  readonly waitDetail?: string | null;
  /** Not given: as it was. */
  readonly together?: number;
}
