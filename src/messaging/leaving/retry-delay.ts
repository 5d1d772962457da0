export interface RetryPolicy {
  readonly firstMs: number;
  readonly capMs: number;
}

/** Provably unsent calls: half a minute at first, doubled up to ten minutes. */
export const NOT_SENT_RETRY: RetryPolicy = { firstMs: 30_000, capMs: 600_000 };

/** While an account is blocked, its submissions ask again this often. */
export const BLOCKED_RETRY_MS = 60_000;

/** A doubtful call is asked about a little later: with the lease, a crash is healed within a minute where the provider knows it. */
export const FIRST_LOOKUP_MS = 20_000;

/** A lookup without an answer. */
export const LOOKUP_RETRY: RetryPolicy = { firstMs: 60_000, capMs: 600_000 };

/** The provider keeps other hours than we do: ten minutes at first, then longer each time. */
export const PROVIDER_HOURS_RETRY: RetryPolicy = { firstMs: 600_000, capMs: 86_400_000 };

/**
 * Exponential back-off with equal jitter: between half and all of the ceiling, and never before the provider's Retry-After.
 * `attempts` counts those made, from 1; `jitter` is from 0 up to 1.
 */
export function retryDelayMs(
  attempts: number,
  jitter: number,
  retryAfterMs: number | null,
  policy: RetryPolicy,
): number {
  const ceiling = Math.min(policy.capMs, policy.firstMs * 2 ** Math.min(attempts - 1, 30));
  const delay = ceiling / 2 + (jitter * ceiling) / 2;
  return Math.round(Math.max(delay, retryAfterMs ?? 0));
}
