import type { ApolloServerPlugin } from '@apollo/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RefusedRequest } from '../http/refused-request.js';
import type { GraphqlContext } from './context.js';
import { letGraphiqlRun } from './graphiql.js';
import { problemOfSource } from './operation-source.js';

const NO_JSON = 'Send the operation as JSON, with the header "Content-Type: application/json".';
const NO_BATCHES =
  'One operation a request: lists of operations are not taken. Send each by itself, or as fields of one operation.';

const isGraphql = ({ routeOptions }: FastifyRequest): boolean => routeOptions.url === '/graphql';
const essenceOf = (type: string | undefined): string => (type ?? '').replace(/;.*$/s, '').trim().toLowerCase();

/** Well-formed requests whose operation is not: the status depends on the media type, which is chosen last. */
const operationAtFault = new WeakSet<FastifyRequest>();

/**
 * What GraphQL over HTTP asks of the door: JSON and nothing else, whatever parsers the other routes have, since a form of
 * another site can post any other type; one operation a request; and statuses by the specification.
 */
export function guardGraphqlDoor(fastify: FastifyInstance): void {
  letGraphiqlRun(fastify);
  fastify.addHook('onRequest', async request => {
    if (!isGraphql(request) || request.method !== 'POST') return;
    if (essenceOf(request.headers['content-type']) === 'application/json') return;
    throw new RefusedRequest(415, 'UNSUPPORTED_MEDIA_TYPE', NO_JSON);
  });
  fastify.addHook('preHandler', async request => {
    if (!isGraphql(request)) return;
    if (Array.isArray(request.body)) throw new RefusedRequest(400, 'BATCHING', NO_BATCHES);
    const source = sourceIn(request.body) ?? sourceIn(request.query);
    const problem = source === null ? null : problemOfSource(source);
    if (problem !== null) {
      throw new RefusedRequest(400, 'OPERATION_TOO_LARGE', `This operation is too large: ${problem}.`);
    }
  });
  fastify.addHook('onSend', async (request, reply) => {
    if (!isGraphql(request)) return;
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    // GraphQL over HTTP, 6.4.1: to application/json, a 400 would say that a proxy on the way refused, and not the server.
    if (operationAtFault.has(request) && essenceOf(typeOf(reply)) === 'application/json') void reply.code(200);
  });
}

function sourceIn(given: unknown): string | null {
  if (typeof given !== 'object' || given === null || !('query' in given)) return null;
  return typeof given.query === 'string' ? given.query : null;
}

function typeOf(reply: FastifyReply): string {
  const type = reply.getHeader('content-type');
  return typeof type === 'string' ? type : '';
}

/** Faults of the document or the variables, found before anything ran: by the reason that error-answers gives them. */
const OF_THE_OPERATION = new Set<unknown>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
]);

export const statusCodesPlugin: ApolloServerPlugin<GraphqlContext> = {
  requestDidStart: () =>
    Promise.resolve({
      willSendResponse: ({ response, contextValue }) => {
        if (response.http.status !== 400 || response.body.kind !== 'single') return Promise.resolve();
        const errors = response.body.singleResult.errors ?? [];
        if (contextValue.request !== null && errors.every(isOfOperation)) operationAtFault.add(contextValue.request);
        return Promise.resolve();
      },
    }),
};

/** A variable of the wrong type has the plain code, without a reason. */
const isOfOperation = ({ extensions }: { readonly extensions?: Readonly<Record<string, unknown>> }): boolean =>
  extensions?.['reason'] === undefined
    ? extensions?.['code'] === 'BAD_USER_INPUT'
    : OF_THE_OPERATION.has(extensions['reason']);
