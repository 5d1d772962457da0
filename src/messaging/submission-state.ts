/** Where a submission is. DONE: nothing of it waits or is in doubt any more; its deliveries tell the rest. */
export type SubmissionState = 'SCHEDULED' | 'HELD' | 'QUEUED' | 'SENDING' | 'UNCONFIRMED' | 'DONE';
