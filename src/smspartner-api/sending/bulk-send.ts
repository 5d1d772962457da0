import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/index.js';
import { SendBatch } from '../../messaging/index.js';
import { type Asked, Endpoint } from '../endpoint.js';
import type { Answer } from '../wire/answer.js';
import { answerAcceptedBatch } from './accepted-answers.js';
import { readBulkSend } from './read-bulk-send.js';
import { answerSendRefusal } from './send-refusals.js';

/** POST /v1/bulk-send: a text of its own for each number. */
@Injectable()
export class BulkSend extends Endpoint {
  readonly method = 'POST';
  readonly path = '/v1/bulk-send';
  readonly scopes = ['SEND'] as const;

  constructor(
    private readonly batches: SendBatch,
    private readonly clock: Clock,
  ) {
    super();
  }

  async execute(asked: Asked): Promise<Answer> {
    const { order, problems, moment } = readBulkSend(asked, this.clock.now());
    try {
      return answerAcceptedBatch(await this.batches.execute(asked.tenantId, order));
    } catch (error) {
      const { messages: entries, sender } = order.request;
      return answerSendRefusal(error, { listKey: 'error', entries, sender, moment }, problems);
    }
  }
}
