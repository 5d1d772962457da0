import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type HttpRefusal, httpRefusalOf, OPAQUE } from './http-refusal.js';

const FAULT: HttpRefusal = { status: 500, code: 'INTERNAL_SERVER_ERROR', message: OPAQUE };

/**
 * The last word on whatever a request ends with that is no answer: one small JSON, with the request id and never a stack, an
 * address inside or words of a library. At /graphql it has the shape that GraphQL clients read. Resolvers' errors are
 * GraphQL's own affair (error-answers).
 */
@Catch()
export class HttpAnswers implements ExceptionFilter {
  private readonly log = new Logger(HttpAnswers.name);

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const refusal = httpRefusalOf(error);
    if (refusal === null) {
      this.log.error({ message: 'a request failed', method: request.method, requestId: request.id, err: error });
    }
    if (!reply.sent) answerRefusal(request, reply, refusal ?? FAULT);
  }
}

/** Also for what never comes to Nest. */
export function answerRefusal(request: FastifyRequest, reply: FastifyReply, refusal: HttpRefusal): void {
  const graphql = /^\/graphql(?:\?|$)/.test(request.url);
  const told = graphql && refusal.status === 404 ? WRONG_METHOD : refusal;
  const { status, code, message, headers } = told;
  const requestId = request.id;
  const type =
    /graphql-response\+json/.test(request.headers.accept ?? '') && graphql ? 'graphql-response+json' : 'json';
  void reply
    .code(status)
    .headers({ ...headers, 'content-type': `application/${type}; charset=utf-8`, 'x-request-id': requestId })
    .send(
      JSON.stringify(
        graphql
          ? { errors: [{ message, extensions: { ...codesOf(told), requestId } }] }
          : { error: { code, message, requestId } },
      ),
    );
}

const WRONG_METHOD: HttpRefusal = {
  status: 405,
  code: 'METHOD_NOT_ALLOWED',
  message: 'GraphQL is asked by POST, or by GET for queries.',
  headers: { allow: 'GET, POST' },
};

const OWN_CODES = new Set(['INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE']);

/** The contract's codes; what it was in HTTP's words stands beside. */
const codesOf = ({ code }: HttpRefusal): { readonly code: string; readonly reason?: string } =>
  OWN_CODES.has(code) ? { code } : { code: 'BAD_USER_INPUT', reason: code };
