import { Injectable } from '@nestjs/common';
import { ReadByNumber } from '../../messaging/index.js';
import { type Asked, Endpoint } from '../endpoint.js';
import * as texts from '../texts.js';
import { type Answer, refusal, success } from '../wire/answer.js';
import { isMissing, publicNumberOf } from '../wire/read-keys.js';
import { statusEntryOf } from './status-list.js';

/** GET /v1/bulk-status: every recipient of a message, or of what was sent as one by bulk-send. */
@Injectable()
export class BulkStatus extends Endpoint {
  readonly method = 'GET';
  readonly path = '/v1/bulk-status';
  readonly scopes = ['READ'] as const;

  constructor(private readonly messages: ReadByNumber) {
    super();
  }

  async execute({ tenantId, values }: Asked): Promise<Answer> {
    if (isMissing(values['messageId'])) return refusal(3, texts.MESSAGE_ID_REQUIRED);
    const number = publicNumberOf(values['messageId']);
    const found = number === null ? null : await this.messages.find(tenantId, number);
    if (found === null) return refusal(4, texts.MESSAGE_UNKNOWN);
    const deliveries = await this.messages.deliveries(tenantId, found);
    return success({ message_id: String(found.number), StatutResponse_List: deliveries.map(statusEntryOf) });
  }
}
