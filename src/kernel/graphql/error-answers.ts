import type { ApolloServerPlugin, BaseContext, GraphQLServerListener } from '@apollo/server';
import { unwrapResolverError } from '@apollo/server/errors';
import type { Logger } from '@nestjs/common';
import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { isDatabaseUnavailable, DatabaseUnavailable } from '../database/database-unavailable.js';
import { DomainError, type ErrorKind } from '../domain-error.js';
import { OPAQUE } from '../http/http-refusal.js';
import { scrubKeys } from '../logging/scrub.js';
import { RateLimited } from '../refusals.js';
import type { GraphqlContext } from './context.js';

/** One place turns a kind of refusal into the contract's code; a new kind does not compile until it has one. */
const GRAPHQL_CODE = {
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'FORBIDDEN',
  'not-found': 'NOT_FOUND',
  invalid: 'BAD_USER_INPUT',
  'rate-limited': 'RATE_LIMITED',
  unavailable: 'SERVICE_UNAVAILABLE',
} satisfies Record<ErrorKind, string>;

const RETRY_AFTER = 'retryAfterSeconds';
const MASKED = 'INTERNAL_SERVER_ERROR';
const REQUEST_FAULTS = new Set<unknown>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
]);

/** GraphQL's own words where they say nothing to a caller. */
const CLEARER: ReadonlyMap<string, string> = new Map([
  ['Validation aborted.', 'This operation is too large to be validated: ask for each field once.'],
  ['Maximum call stack size exceeded', 'This operation is nested too deeply: flatten it.'],
]);

/**
 * What an error looks like outside. A DomainError is told as it is; errors of the request itself (syntax, validation,
 * variables) are Apollo's; everything else leaves as one opaque sentence. Decides by code, never by GraphQLError's class:
 * two copies of `graphql` may be loaded.
 */
export function answerError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const answer = answerOf(formatted, error);
  // Apollo repeats a value that it cannot read, a path has the client's own names, and somebody may have put a key there.
  return { ...answer, message: scrubKeys(answer.message), ...(answer.path && { path: scrubbedPath(answer.path) }) };
}

const scrubbedPath = (path: readonly (string | number)[]): (string | number)[] =>
  path.map(step => (typeof step === 'string' ? scrubKeys(step) : step));

function answerOf(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const refusal = refusalIn(error);
  if (refusal !== null) {
    return {
      message: refusal.message,
      ...(formatted.locations && { locations: formatted.locations }),
      ...(formatted.path && { path: formatted.path }),
      extensions: {
        code: GRAPHQL_CODE[refusal.kind],
        ...(refusal.code !== GRAPHQL_CODE[refusal.kind] && { reason: refusal.code }),
        ...(refusal instanceof RateLimited && { [RETRY_AFTER]: refusal.retryAfterSeconds }),
      },
    };
  }
  const code = scalarsOwnCode(error) ?? formatted.extensions?.['code'];
  if (code === MASKED || code === undefined) {
    return { message: OPAQUE, ...(formatted.path && { path: formatted.path }), extensions: { code: MASKED } };
  }
  // Apollo's own codes for a document that cannot be run are one code in the contract; which it was stands beside it.
  const reason = formatted.extensions?.['reason'];
  const told = REQUEST_FAULTS.has(code)
    ? { code: GRAPHQL_CODE.invalid, reason: code }
    : { code, ...(typeof reason === 'string' && { reason }) };
  return { ...formatted, message: CLEARER.get(formatted.message) ?? formatted.message, extensions: told };
}

/** A scalar that refuses a value written into the document does so while Apollo validates; the code is still the scalar's. */
function scalarsOwnCode(error: unknown): string | null {
  const original = error instanceof Error && 'originalError' in error ? error.originalError : null;
  const own = original instanceof Error && 'extensions' in original ? original.extensions : null;
  return typeof own === 'object' && own !== null && 'code' in own && own.code === GRAPHQL_CODE.invalid
    ? GRAPHQL_CODE.invalid
    : null;
}

function refusalIn(error: unknown): DomainError | null {
  const original = unwrapResolverError(error);
  if (original instanceof DomainError) return original;
  return isDatabaseUnavailable(original) ? new DatabaseUnavailable(original) : null;
}

interface Asked {
  readonly requestId: string;
  readonly operationName: string | null;
}

/** What errors look like outside, each with the request id to quote; those that are masked are logged, in full. */
export function answerErrors(errors: readonly GraphQLError[], log: Logger, asked: Asked): GraphQLFormattedError[] {
  logMasked(errors, log, asked);
  return errors.map(error => {
    const answer = answerError(error.toJSON(), error);
    return { ...answer, extensions: { ...answer.extensions, requestId: asked.requestId } };
  });
}

function logMasked(errors: readonly GraphQLError[], log: Logger, { requestId, operationName }: Asked): void {
  for (const error of errors) {
    if (answerError(error.toJSON(), error).extensions?.['code'] !== MASKED) continue;
    log.error({
      message: 'an unexpected error was answered opaquely',
      requestId,
      operationName: operationName && scrubKeys(operationName),
      path: error.path && scrubbedPath(error.path),
      err: unwrapResolverError(error),
    });
  }
}

/** The same over HTTP, where Apollo asks `answerError` by itself. */
export function errorAnswersPlugin(log: Logger): ApolloServerPlugin<BaseContext & Partial<GraphqlContext>> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didEncounterErrors: ({ errors, contextValue, operationName }) => {
          logMasked(errors, log, { requestId: contextValue.requestId ?? '', operationName: operationName ?? null });
          return Promise.resolve();
        },
        willSendResponse: ({ response, contextValue }) => {
          if (response.body.kind === 'single') {
            for (const error of response.body.singleResult.errors ?? []) {
              if (error.extensions) error.extensions['requestId'] = contextValue.requestId;
              const wait = error.extensions?.[RETRY_AFTER];
              if (typeof wait === 'number') response.http.headers.set('retry-after', String(wait));
            }
          }
          return Promise.resolve();
        },
      }),
    serverWillStart: (): Promise<GraphQLServerListener> => Promise.resolve({}),
  };
}
