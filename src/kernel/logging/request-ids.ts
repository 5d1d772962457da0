import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance } from 'fastify';

const current = new AsyncLocalStorage<string | null>();

/** Of the request that is being answered here; null outside of one. */
export const requestIdHere = (): string | null => current.getStore() ?? null;

/**
 * Lets whatever is logged on the way of a request carry its id. After the body has come in: what a body's last piece wakes
 * up runs in the connection's own context and has forgotten what was set before.
 */
export function carryRequestIds(fastify: FastifyInstance): void {
  fastify.addHook('preHandler', (request, _reply, done) => current.run(request.id, done));
}

/** For work that a request only wakes: it goes on for others, and long after. */
export const outsideRequests = <T>(work: () => T): T => current.run(null, work);
