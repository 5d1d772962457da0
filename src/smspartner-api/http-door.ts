import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerRefusal, BAD_REQUEST } from '../kernel/index.js';
import { wrongMethod } from './refusal-answers.js';
import { UNKNOWN_PATH } from './texts.js';
import { refusal } from './wire/answer.js';
import { readQuery } from './wire/read-values.js';
import { formatOf, sendAnswer } from './wire/send-answer.js';

const UNREAD = 'application/x-relais-unread';

const isDropIn = (url: string | undefined): boolean => /^\/v1(?:[/?]|$)/.test(url ?? '');
const formatAsked = ({ raw }: FastifyRequest) => formatOf({}, readQuery(raw.url ?? ''));

/**
 * Clients of SMS Partner send JSON under any Content-Type or none. The controller reads these bodies itself: then a body
 * that is too large or cut short is answered in the vendor's shape like any other fault.
 */
export function leaveDropInBodiesUnread(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async (request, reply) => {
    if (!isDropIn(request.raw.url)) return;
    request.raw.headers['content-type'] = UNREAD;
    // The controller has a route for every path, but not for methods such as LINK or PURGE, which Fastify does not route.
    if (request.is404) {
      sendAnswer(reply, wrongMethod('GET', 'POST'), formatAsked(request));
      return reply;
    }
  });
  fastify.addContentTypeParser(UNREAD, (_request, _payload, done) => done(null));
}

/** For Fastify's `frameworkErrors`: a path that cannot be decoded never comes to a route. */
export function answerBadUrl(_error: Error, request: FastifyRequest, reply: FastifyReply): void {
  if (isDropIn(request.raw.url)) sendAnswer(reply, refusal(404, UNKNOWN_PATH, 404), formatAsked(request));
  else answerRefusal(request, reply, BAD_REQUEST);
}
