import { setTimeout } from 'node:timers/promises';

const LOOK_MS = 25;

/** Looks until it is so, for so many seconds at most; tells whether it was. */
export async function waitUntil(so: () => Promise<boolean>, seconds: number): Promise<boolean> {
  const began = performance.now();
  while (!(await so())) {
    if (performance.now() - began > seconds * 1_000) return false;
    await setTimeout(LOOK_MS);
  }
  return true;
}
