import type { FastifyHelmetOptions } from '@fastify/helmet';

const NOBODY = ["'none'"];
/** Nothing that is answered here is a page, except GraphiQL, which brings a policy of its own (graphiql.ts). */
const directives = { defaultSrc: NOBODY, baseUri: NOBODY, formAction: NOBODY, frameAncestors: NOBODY };
const YEAR_S = 365 * 24 * 60 * 60;

/** `publicUrl`: only where the world comes by https may browsers be told never to come otherwise. */
export const securityHeaders = (publicUrl: string): FastifyHelmetOptions => ({
  contentSecurityPolicy: { useDefaults: false, directives },
  frameguard: { action: 'deny' },
  hsts: publicUrl.startsWith('https://') ? { maxAge: YEAR_S, includeSubDomains: false } : false,
});
