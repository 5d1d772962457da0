import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { randomUUID } from 'node:crypto';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { type AppConfig, carryRequestIds, liesIn, openEdge, scrubKeys } from './kernel/index.js';
import { guardGraphqlDoor } from './kernel/graphql/index.js';
import { answerBadUrl, BrokenRequests, leaveDropInBodiesUnread } from './smspartner-api/index.js';

const KiB = 1024;
const MiB = 1024 * KiB;
/** GraphQL: a batch of ten thousand texts. */
const BODY_LIMIT = 16 * MiB;
/** A receipt or a reply is a few hundred bytes; the provider may post several at once. */
const CALLBACK_LIMIT = 256 * KiB;
const FIRST_REFUSAL = 400;
/** Any type that no parser of its own takes. */
const CALLBACK = 'application/x-relais-callback';
/** For a request to have arrived in whole, and how often Node looks: one whose body never ends does not hang for ever. */
const REQUEST_TIMEOUT_MS = 30_000;
const TIMEOUT_CHECKED_EVERY_MS = 5_000;

/** `trustedProxies`: addresses and CIDRs whose X-Forwarded-For is believed; none, and who connects is who asks. */
export function httpAdapter(trustedProxies: readonly string[] = []): FastifyAdapter {
  const broken = new BrokenRequests();
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    trustProxy: trustedProxies.length > 0 && (address => liesIn(address, trustedProxies)),
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Node takes the longer of the two for the whole request, so the one for the headers must not stay at its 60 s.
    http: {
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECKED_EVERY_MS,
      // Node's own refusal has no body; nothing here asks for the name.
      requireHostHeader: false,
      // Other upgrades (HTTP/2, offered by some clients with each request) are declined by answering as if nobody had asked.
      shouldUpgradeCallback: ({ headers }) => /^websocket$/i.test(headers.upgrade ?? ''),
    },
    rewriteUrl: (request: { readonly url?: string | undefined }) => ownPath(request.url ?? '/'),
    clientErrorHandler: (error, socket) => broken.answer(error, socket),
    frameworkErrors: answerBadUrl,
  });
  const fastify = adapter.getInstance();
  // Else who ends its side after a whole request (a pipe into nc does) gets no answer, though the SMS is accepted.
  Object.assign(fastify.server, { httpAllowHalfOpen: true });
  fastify.addHook('onRequest', async ({ raw }, reply) => broken.note(raw, reply.raw));
  fastify.addHook('onSend', async (request, reply, payload: unknown) => {
    void reply.header('x-request-id', request.id);
    return reply.statusCode >= FIRST_REFUSAL ? withoutKeys(reply, payload) : payload;
  });
  carryRequestIds(fastify);
  leaveDropInBodiesUnread(fastify);
  guardGraphqlDoor(fastify);
  // Providers call back under any Content-Type or none: what they post is taken as text, kept as it came and read by us.
  fastify.addHook('onRequest', async ({ raw }) => {
    if (raw.url?.startsWith('/callbacks/') === true) raw.headers['content-type'] = CALLBACK;
  });
  fastify.addContentTypeParser('*', { parseAs: 'string', bodyLimit: CALLBACK_LIMIT }, (_request, body, done) =>
    done(null, body),
  );
  return adapter;
}

/** Refusals repeat paths and values of the request, and somebody may have put a key there. */
function withoutKeys(reply: FastifyReply, payload: unknown): unknown {
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
  const text = payload.toString();
  const scrubbed = scrubKeys(text);
  if (scrubbed === text) return payload;
  void reply.removeHeader('content-length');
  return scrubbed;
}

/** As a proxy's request line has it (RFC 9112, 3.2.2), or with a doubled slash after a base URL: the path is what counts. */
const ownPath = (url: string): string =>
  url
    .replace(/^https?:\/\/[^/?#]*/i, '')
    .replace(/^\/*/, '/')
    .replace(NO_SECRET, '$1none');

/** What cannot be a callback's secret at all goes the way of a wrong one: Fastify would repeat it in an answer of its own. */
const NO_SECRET = /^(\/callbacks\/[a-z]+\/)(?![\w-]{1,100}(?:[/?#]|$)).*/;

/** The application, ready to listen. Shutting down is the caller's: close() drains and then lets go of the database. */
export async function createApp(config: AppConfig): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config),
    httpAdapter(config.trustedProxies),
    {
      bufferLogs: true,
      abortOnError: false,
    },
  );
  app.useLogger(quietAtStart(app.get(Logger)));
  await openEdge(app, config);
  return app;
}

const NEST_AT_START = new Set<unknown>([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'GraphQLModule',
  'NestApplication',
]);

/** Nest tells every module and route at info; whoever starts Relais is to see its banner first. LOG_LEVEL=debug has them. */
function quietAtStart(logger: Logger): Logger {
  const log = logger.log.bind(logger);
  logger.log = (message: unknown, ...rest: unknown[]) => {
    if (NEST_AT_START.has(rest.at(-1))) logger.debug(message, ...rest);
    else log(message, ...rest);
  };
  return logger;
}
