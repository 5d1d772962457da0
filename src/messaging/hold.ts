import type { HoldReason } from '../scheduling/index.js';

/** A hold as a submission keeps it, in JSON; its territory and release time stand in the submission's own columns. */
export type StoredHold = Omit<HoldReason, 'territory' | 'releaseAt'>;
