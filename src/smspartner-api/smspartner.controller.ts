import { All, Controller, Inject, Logger, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticate, requireKey, requireScope, tenantOf } from '../accounts/index.js';
import { Endpoint, ENDPOINTS } from './endpoint.js';
import { answerRefusal, internalFailure, wrongMethod } from './refusal-answers.js';
import * as texts from './texts.js';
import { type Answer, refusal } from './wire/answer.js';
import { wordOf } from './wire/loose-values.js';
import { readBody } from './wire/read-body.js';
import { readJsonBody, readPath, readQuery, type Values } from './wire/read-values.js';
import { formatOf, sendAnswer } from './wire/send-answer.js';

/** A call, or why it is none. */
type Call =
  { readonly endpoint: Endpoint; readonly values: Values; readonly query: Values } | { readonly refused: Answer };

/**
 * SMS Partner's HTTP API (page "Envoi unitaire" and those beside it) under its own paths. One route for all of them, so
 * that whatever is wrong with a call, an unknown path included, is told in the shape that its clients read.
 */
@Controller()
export class SmsPartnerController {
  private readonly log = new Logger(SmsPartnerController.name);

  constructor(
    @Inject(ENDPOINTS) private readonly endpoints: readonly Endpoint[],
    private readonly authenticate: Authenticate,
  ) {}

  @All(['v1', 'v1/*'])
  async answer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = readQuery(request.raw.url ?? '');
    const call = await this.read(request, query);
    const format = formatOf('refused' in call ? {} : call.values, query);
    sendAnswer(reply, 'refused' in call ? call.refused : await this.ask(call, request), format);
  }

  private async read(request: FastifyRequest, query: Values): Promise<Call> {
    const path = readPath(request.raw.url ?? '');
    const endpoint = this.endpoints.find(known => known.path === path);
    if (endpoint === undefined) return { refused: refusal(404, texts.UNKNOWN_PATH, 404) };
    const { method } = endpoint;
    if (method !== request.method) return { refused: wrongMethod(method) };
    if (method === 'GET') return { endpoint, values: query, query };
    const values = await readPosted(request);
    return 'refused' in values ? values : { endpoint, values: values.values, query };
  }

  private async ask({ endpoint, values, query }: Extract<Call, { endpoint: Endpoint }>, request: FastifyRequest) {
    try {
      const secret = wordOf(values['apiKey']) ?? wordOf(query['apiKey']);
      if (secret === null) return refusal(1, texts.KEY_REQUIRED);
      const presented = { secret: typeof secret === 'string' ? secret : null, address: request.ip };
      const caller = await this.authenticate.execute(presented);
      requireKey(caller);
      if (endpoint.scopes !== 'any') requireScope(caller, ...endpoint.scopes);
      return await endpoint.execute({ caller, tenantId: tenantOf(caller), values, headers: request.headers });
    } catch (error) {
      const refused = answerRefusal(error);
      if (refused !== null) return refused;
      this.log.error({ message: 'a call failed', call: endpoint.path, requestId: request.id, err: error });
      return internalFailure();
    }
  }
}

async function readPosted({ raw }: FastifyRequest): Promise<{ values: Values } | { refused: Answer }> {
  const body = await readBody(raw);
  switch (body.kind) {
    case 'cut-short':
      return { refused: refusal(90, texts.BROKEN_REQUEST) };
    case 'too-large':
      // What is left of it is not read, so the connection cannot carry another request.
      return { refused: { ...refusal(90, texts.BODY_TOO_LARGE, 413), headers: { connection: 'close' } } };
    case 'whole': {
      const values = readJsonBody(body.bytes);
      return values === null ? { refused: refusal(90, texts.MALFORMED_BODY) } : { values };
    }
  }
}
