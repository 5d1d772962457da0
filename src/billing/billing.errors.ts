import { DomainError } from '../kernel/index.js';

/** The credit does not cover what was asked. Nothing was accepted. */
export class InsufficientCredit extends DomainError {
  readonly code = 'INSUFFICIENT_CREDIT';
  readonly kind = 'invalid';

  constructor(
    readonly required: string,
    readonly balance: string,
    readonly currency: string,
  ) {
    super(
      `This costs ${required} ${currency} and the credit is ${balance} ${currency}. Nothing was sent; ask an administrator for credit.`,
    );
  }
}

/** A negative adjustment would take the balance below zero. */
export class BelowZero extends DomainError {
  readonly code = 'BELOW_ZERO';
  readonly kind = 'invalid';

  constructor(balance: string, currency: string) {
    super(
      `amount would take the balance below zero. It is ${balance} ${currency}: take back at most that; what messages have set aside comes back only when they do not go.`,
    );
  }
}

/** The same idempotency key was used for another amount or reason. */
export class CreditKeyReused extends DomainError {
  readonly code = 'IDEMPOTENCY_CONFLICT';
  readonly kind = 'invalid';

  constructor() {
    super(
      'idempotencyKey was already used for this tenant with another amount or reason. Use a new key for a new credit.',
    );
  }
}
