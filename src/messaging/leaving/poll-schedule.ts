const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Receipts come within seconds, up to 48 h (protocol, section 3): after that a delivery is EXPIRED. */
export const SILENCE_MS = 48 * HOUR;

/** When silent deliveries are asked about, since they were sent. */
const POLLS_MS = [30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 36 * HOUR, SILENCE_MS];

/** The next look at something sent at `sentAt`; the last one is at the end of the silence. */
export function nextPollAt(sentAt: Date, now: Date): Date {
  const elapsed = now.getTime() - sentAt.getTime();
  const next = POLLS_MS.find(poll => poll > elapsed) ?? SILENCE_MS;
  return new Date(sentAt.getTime() + next);
}
