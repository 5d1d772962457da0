import { DomainError } from '../kernel/index.js';
import type { MessageStatus } from './message-status.js';

/** One thing wrong with an input; `path` points into it: ["to", "3"]. */
export interface Problem {
  readonly path: readonly string[];
  readonly code: string;
  readonly message: string;
}

/** The SMS cannot be as asked; all that is wrong with it is told at once. Nothing was accepted. */
export class InvalidSms extends DomainError {
  readonly code = 'INVALID_SMS';
  readonly kind = 'invalid';

  constructor(readonly problems: readonly Problem[]) {
    super(
      problems.length === 1
        ? `Nothing was sent: ${problems[0]?.message}`
        : `Nothing was sent: ${problems.length} things are wrong with it; each is listed with its path.`,
    );
  }
}

/** Every recipient has opted out of this tenant's commercial SMS. */
export class NoRecipient extends DomainError {
  readonly code = 'NO_RECIPIENT';
  readonly kind = 'invalid';

  constructor() {
    super('Every recipient has opted out (STOP) of your commercial SMS. Nothing was sent and nothing was charged.');
  }
}

/** The key was used before for something else. */
export class IdempotencyConflict extends DomainError {
  readonly code = 'IDEMPOTENCY_CONFLICT';
  readonly kind = 'invalid';

  constructor() {
    super(
      'idempotencyKey was already used with another operation or input. Nothing was sent; use a new key for a new message.',
    );
  }
}

/** Nothing of the message is left to cancel or reschedule. */
export class TooLate extends DomainError {
  readonly code = 'TOO_LATE';
  readonly kind = 'invalid';

  constructor(readonly status: MessageStatus) {
    super(`Nothing of this message waits any more: it is ${status}.`);
  }
}
