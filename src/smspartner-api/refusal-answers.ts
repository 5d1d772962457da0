import { AddressNotAllowed, TenantSuspended } from '../accounts/index.js';
import { InsufficientCredit } from '../billing/index.js';
import { DomainError, RateLimited } from '../kernel/index.js';
import { type Answer, refusal } from './wire/answer.js';
import * as texts from './texts.js';

/**
 * A refusal that no endpoint answers in a way of its own, in the vendor's codes (page "Envoi unitaire", "Code de contrôle",
 * and the table of later editions). Null: not a refusal but a fault of ours.
 */
export function answerRefusal(error: unknown): Answer | null {
  if (error instanceof AddressNotAllowed) return refusal(96, texts.ADDRESS_REFUSED);
  if (error instanceof TenantSuspended) return refusal(20, texts.ACCOUNT_DISABLED);
  if (error instanceof RateLimited) return tooMany(error);
  if (error instanceof InsufficientCredit) return refusal(11, texts.NO_CREDIT);
  return error instanceof DomainError ? answerByKind(error) : null;
}

function answerByKind({ kind }: DomainError): Answer | null {
  switch (kind) {
    case 'unauthenticated':
      return refusal(10, texts.KEY_WRONG);
    case 'forbidden':
      return refusal(40, texts.ACCESS_REFUSED);
    case 'not-found':
      return refusal(4, texts.MESSAGE_UNKNOWN);
    case 'rate-limited':
      return refusal(429, texts.TOO_MANY_REQUESTS, 429);
    case 'unavailable':
      return refusal(500, texts.UNAVAILABLE, 503);
    case 'invalid':
      return null;
  }
}

const tooMany = ({ retryAfterSeconds }: RateLimited): Answer => ({
  ...refusal(429, texts.TOO_MANY_REQUESTS, 429),
  headers: { 'retry-after': String(retryAfterSeconds) },
});

export const internalFailure = (): Answer => refusal(500, texts.INTERNAL_FAILURE, 500);

export const wrongMethod = (...allowed: readonly string[]): Answer => ({
  ...refusal(405, texts.wrongMethod(allowed.join(' ou ')), 405),
  headers: { allow: allowed.join(', ') },
});
