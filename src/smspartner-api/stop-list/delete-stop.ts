import { Injectable } from '@nestjs/common';
import { OptOuts } from '../../messaging/index.js';
import { type Asked, Endpoint } from '../endpoint.js';
import * as texts from '../texts.js';
import { type Answer, refusal, success } from '../wire/answer.js';
import { isMissing, publicNumberOf } from '../wire/read-keys.js';

/** GET /v1/stop-sms/delete: lifts a STOP, by the id that add and list tell. */
@Injectable()
export class DeleteStop extends Endpoint {
  readonly method = 'GET';
  readonly path = '/v1/stop-sms/delete';
  /** As lifting a STOP needs over GraphQL: it is final otherwise. */
  readonly scopes = ['MANAGE'] as const;

  constructor(private readonly optOuts: OptOuts) {
    super();
  }

  async execute({ tenantId, caller, values }: Asked): Promise<Answer> {
    if (isMissing(values['id'])) return refusal(3, texts.STOP_ID_REQUIRED);
    const number = publicNumberOf(values['id']);
    const removed = number !== null && (await this.optOuts.removeByNumber(tenantId, number, caller.keyId));
    return removed ? success({}) : refusal(4, texts.STOP_UNKNOWN);
  }
}
