import { Injectable } from '@nestjs/common';
import { OptOuts, readPhoneNumber } from '../../messaging/index.js';
import { type Asked, Endpoint } from '../endpoint.js';
import * as texts from '../texts.js';
import { type Answer, refusal, success } from '../wire/answer.js';
import { isMissing, nameOf } from '../wire/read-keys.js';

/** POST /v1/stop-sms/add: a STOP heard elsewhere. */
@Injectable()
export class AddStop extends Endpoint {
  readonly method = 'POST';
  readonly path = '/v1/stop-sms/add';
  readonly scopes = ['SEND'] as const;

  constructor(private readonly optOuts: OptOuts) {
    super();
  }

  async execute({ caller, tenantId, values }: Asked): Promise<Answer> {
    if (isMissing(values['phoneNumber'])) return refusal(2, texts.NUMBER_REQUIRED);
    const reading = readPhoneNumber(nameOf(values['phoneNumber']));
    if (!reading.ok) return refusal(9, texts.STOP_NUMBER_INVALID);
    const { number, isNew } = await this.optOuts.add(tenantId, reading.e164, caller.keyId);
    return isNew ? success({ stopId: number }) : refusal(15, texts.STOP_ALREADY_THERE);
  }
}
