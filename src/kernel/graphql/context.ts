import type { FastifyRequest } from 'fastify';

/** What a GraphQL operation carries along. Modules hang their own per-request things on `memo`, by a key of their own. */
export interface GraphqlContext {
  readonly request: FastifyRequest;
  readonly requestId: string;
  readonly memo: Map<symbol, unknown>;
}

export const contextOf = (request: FastifyRequest): GraphqlContext => ({
  request,
  requestId: request.id,
  memo: new Map(),
});

/** The value kept under `key` for this request, made on first use. */
export function remember<T>(context: GraphqlContext, key: symbol, make: () => T): T {
  if (!context.memo.has(key)) context.memo.set(key, make());
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a key is private to whoever made it
  return context.memo.get(key) as T;
}
