import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/index.js';
import { InvalidSms, SendSms } from '../../messaging/index.js';
import { type Asked, Endpoint } from '../endpoint.js';
import * as texts from '../texts.js';
import { type Answer, refusal } from '../wire/answer.js';
import { answerAccepted } from './accepted-answers.js';
import { isNumberMissing, readSend } from './read-send.js';
import { answerSendRefusal } from './send-refusals.js';

/** POST /v1/send, page "Envoi unitaire". */
@Injectable()
export class Send extends Endpoint {
  readonly method = 'POST';
  readonly path = '/v1/send';
  readonly scopes = ['SEND'] as const;

  constructor(
    private readonly sms: SendSms,
    private readonly clock: Clock,
  ) {
    super();
  }

  async execute(asked: Asked): Promise<Answer> {
    const { order, problems, moment } = readSend(asked, this.clock.now());
    try {
      return answerAccepted(await this.sms.execute(asked.tenantId, order));
    } catch (error) {
      // Told alone, whatever else is wrong; but asked like any other, because a suspended tenant hears of that first.
      if (error instanceof InvalidSms && isNumberMissing(asked.values['phoneNumbers']))
        return refusal(2, texts.NUMBER_REQUIRED);
      const { to, text, sender } = order.request;
      const entries = to.length === 0 ? [{ to: '', text }] : to.map(number => ({ to: number, text }));
      return answerSendRefusal(error, { listKey: 'errors', entries, sender, moment }, problems);
    }
  }
}
