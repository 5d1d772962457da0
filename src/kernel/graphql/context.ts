import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** What a GraphQL operation carries along. Modules hang their own per-operation things on `memo`, by a key of their own. */
export interface GraphqlContext {
  readonly presented: Presented;
  /** Null: it came over a socket. */
  readonly request: FastifyRequest | null;
  readonly requestId: string;
  readonly memo: Map<symbol, unknown>;
}

/** How a caller shows who he is. */
export interface Presented {
  /** As a header of that name has it: "Bearer rk_…". */
  readonly authorization: string | undefined;
  /** Where it comes from, as told by the proxies that are trusted. */
  readonly address: string;
}

export const contextOf = (request: FastifyRequest): GraphqlContext => ({
  presented: { authorization: request.headers.authorization, address: request.ip },
  request,
  requestId: request.id,
  memo: new Map(),
});

/** Of an operation that came over a socket; `memo` is copied, so that what an operation remembers ends with it. */
export const socketContext = (presented: Presented, memo: ReadonlyMap<symbol, unknown>): GraphqlContext => ({
  presented,
  request: null,
  requestId: randomUUID(),
  memo: new Map(memo),
});

/** The value kept under `key` for this operation, made on first use. */
export function remember<T>(context: GraphqlContext, key: symbol, make: () => T): T {
  if (!context.memo.has(key)) context.memo.set(key, make());
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a key is private to whoever made it
  return context.memo.get(key) as T;
}
