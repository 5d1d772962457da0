import type { SubmissionState } from './submission-state.js';

/** Nothing of these submissions can have gone: no call is under way or in doubt. */
export const NOT_YET_GONE: readonly SubmissionState[] = ['SCHEDULED', 'HELD', 'QUEUED'];
