import { IntrinsicException } from '@nestjs/common';

/** What kind of refusal it is; each edge turns a kind into its own code, and a new kind does not compile until all have. */
export type ErrorKind = 'unauthenticated' | 'forbidden' | 'not-found' | 'invalid' | 'rate-limited' | 'unavailable';

/**
 * A refusal the business can name. `message` is written for the caller (what, where, how to mend it) and never carries
 * a text, a key or another tenant's data. Everything that is not a DomainError is a bug or a fault: logged, masked.
 *
 * Intrinsic: Nest logs whatever else a handler throws as an error with its stack, and a refusal is no fault of ours.
 */
export abstract class DomainError extends IntrinsicException {
  abstract readonly code: string;
  abstract readonly kind: ErrorKind;

  override get name(): string {
    return this.constructor.name;
  }
}

/** Nobody's fault who asked: it may go well a moment later. */
export const isUnavailable = (error: unknown): boolean => error instanceof DomainError && error.kind === 'unavailable';
