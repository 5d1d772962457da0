import { DomainError } from './domain-error.js';

/** An argument that cannot be: names it, and says how to mend it. */
export class InvalidArgument extends DomainError {
  readonly code = 'BAD_USER_INPUT';
  readonly kind = 'invalid';

  constructor(
    readonly argument: string,
    mend: string,
  ) {
    super(`${argument} ${mend}`);
  }
}

/** Missing and another tenant's look the same. */
export class NotFound extends DomainError {
  readonly code = 'NOT_FOUND';
  readonly kind = 'not-found';

  constructor(what: string) {
    super(`There is no such ${what}.`);
  }
}

/** Too much in too short a time. Nothing was done; the same request may come again after the wait. */
export class RateLimited extends DomainError {
  readonly code = 'RATE_LIMITED';
  readonly kind = 'rate-limited';
  /** Whole seconds, at least one: for Retry-After. */
  readonly retryAfterSeconds: number;

  constructor(what: string, waitMs: number) {
    const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
    super(`${what} Nothing was done; try again in ${seconds} s.`);
    this.retryAfterSeconds = seconds;
  }
}
