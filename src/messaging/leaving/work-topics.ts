/** What wakes which worker (WakeUps); sweeps find the same work a little later. */
export const WORK = { dispatch: 'dispatch' } as const;

/** How long a worker holds what it claimed: longer than a call may take (start within 5 s, at most 20 s of time-out). */
export const LEASE_MS = 30_000;
