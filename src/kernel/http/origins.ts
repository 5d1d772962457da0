import type { FastifyRequest } from 'fastify';

/** Whether a page of this origin may call: exactly those listed, "null" never. What sends no Origin is no page. */
export const isAllowedOrigin = (origin: string | undefined, allowed: readonly string[]): boolean =>
  origin === undefined || allowed.includes(origin);

/** Browsers keep a preflight's answer no longer than this. */
const PREFLIGHT_SECONDS = 7_200;

interface CorsOptions {
  readonly origin: string[] | false;
  readonly methods?: string[];
  readonly allowedHeaders?: string[];
  readonly exposedHeaders?: string[];
  readonly maxAge?: number;
}

/**
 * For front ends of the origins listed, at /graphql alone; without credentials, since keys travel in a header that a page
 * sets itself and no cookie is ever set.
 */
export const corsFor =
  (allowed: readonly string[]) =>
  (request: FastifyRequest, told: (error: null, options: CorsOptions) => void): void => {
    if (!/^\/graphql(?:\?|$)/.test(request.raw.url ?? '')) return told(null, { origin: false });
    told(null, {
      origin: [...allowed],
      methods: ['GET', 'POST'],
      allowedHeaders: ['content-type', 'authorization', 'apollo-require-preflight', 'x-apollo-operation-name'],
      exposedHeaders: ['x-request-id', 'retry-after'],
      maxAge: PREFLIGHT_SECONDS,
    });
  };
