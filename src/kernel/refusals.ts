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
