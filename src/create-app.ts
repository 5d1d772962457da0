import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomUUID } from 'node:crypto';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import type { AppConfig } from './kernel/index.js';

const MiB = 1024 * 1024;
/** Ten thousand recipients with a long text stay far below. */
const BODY_LIMIT = 2 * MiB;

export function httpAdapter(): FastifyAdapter {
  const adapter = new FastifyAdapter({ bodyLimit: BODY_LIMIT, genReqId: () => randomUUID(), requestIdHeader: false });
  const fastify = adapter.getInstance();
  fastify.addHook('onSend', async (request, reply) => {
    void reply.header('x-request-id', request.id);
  });
  // Providers call back under any Content-Type or none: what they post is taken as text, kept as it came and read by us.
  fastify.addHook('onRequest', async ({ raw }) => {
    if (raw.url?.startsWith('/callbacks/') === true) raw.headers['content-type'] = 'text/plain';
  });
  fastify.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  return adapter;
}

/** The application, ready to listen. Shutting down is the caller's: close() drains and then lets go of the database. */
export async function createApp(config: AppConfig): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(config), httpAdapter(), {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(quietAtStart(app.get(Logger)));
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
