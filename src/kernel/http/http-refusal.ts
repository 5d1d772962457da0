import { HttpException } from '@nestjs/common';
import { DatabaseUnavailable, isDatabaseUnavailable } from '../database/database-unavailable.js';
import { DomainError, type ErrorKind } from '../domain-error.js';
import { RefusedRequest } from './refused-request.js';

export interface HttpRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const STATUS: Readonly<Record<ErrorKind, number>> = {
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  invalid: 400,
  'rate-limited': 429,
  unavailable: 503,
};

export const BAD_REQUEST: HttpRefusal = {
  status: 400,
  code: 'BAD_REQUEST',
  message: 'This request cannot be read: its address and its body must be whole and well-formed.',
};
/** What a framework says of a fault may name files, parsers and what was sent; these sentences stand in for it. */
const BY_STATUS: ReadonlyMap<number, readonly [code: string, message: string]> = new Map([
  [404, ['NOT_FOUND', 'There is nothing at this address.']],
  [405, ['METHOD_NOT_ALLOWED', 'This address does not answer this method.']],
  [408, ['REQUEST_TIMEOUT', 'The request did not arrive in time.']],
  [413, ['PAYLOAD_TOO_LARGE', 'The body is too large: send less at a time.']],
  [415, ['UNSUPPORTED_MEDIA_TYPE', 'The Content-Type is missing or not one that is read here.']],
  [503, ['SERVICE_UNAVAILABLE', 'Relais is stopping or not ready. Try again shortly.']],
]);

export const OPAQUE = 'Something went wrong on our side; it is logged. Quote the request id when you ask about it.';

/** What anything thrown on the way of an HTTP request looks like outside. Null: a fault of ours, to be logged and masked. */
export function httpRefusalOf(error: unknown): HttpRefusal | null {
  if (error instanceof RefusedRequest) {
    return { status: error.getStatus(), code: error.code, message: error.told, headers: error.headers };
  }
  if (error instanceof DomainError) return ofDomain(error);
  if (isDatabaseUnavailable(error)) return ofDomain(new DatabaseUnavailable(error));
  if (!(error instanceof HttpException)) return null;
  const status = error.getStatus();
  const known = BY_STATUS.get(status);
  if (known !== undefined) return { status, code: known[0], message: known[1] };
  return status < 500 ? { ...BAD_REQUEST, status } : null;
}

const ofDomain = ({ kind, code, message }: DomainError): HttpRefusal => ({ status: STATUS[kind], code, message });
