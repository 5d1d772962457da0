/** Where a process may be made to die, in the order of a message's life. */
export const CRASH_POINTS = [
  'accept.before-commit',
  'accept.after-commit',
  'release.before-commit',
  'release.after-commit',
  'dispatch.after-claim',
  'dispatch.before-attempt-commit',
  'dispatch.after-attempt',
  'dispatch.after-call',
  'dispatch.before-record-commit',
  'dispatch.after-record',
  'receipt.before-commit',
  'receipt.after-commit',
  'receipts.before-apply-commit',
  'receipts.after-apply',
  'callback.after-post',
] as const;
export type CrashPointName = (typeof CRASH_POINTS)[number];

let deadly: CrashPointName | 'never' = 'never';

/** By the configuration, once at start. */
export function dieAt(name: CrashPointName | 'never'): void {
  deadly = name;
}

/**
 * That a process killed at any instruction loses nothing and sends nothing twice is a promise about instants too short to
 * hit from outside. So the instants between which something changes for good have names, and a test starts a real process
 * that kills itself at one of them, as a power cut would: no handler runs, nothing is flushed, no transaction ends. In any
 * other process this is one comparison.
 */
export function crashPoint(name: CrashPointName): void {
  if (name === deadly) process.kill(process.pid, 'SIGKILL');
}
