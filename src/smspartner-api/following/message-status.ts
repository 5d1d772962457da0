import { Injectable } from '@nestjs/common';
import { countryOf, type NumberedDelivery, ReadByNumber, readPhoneNumber } from '../../messaging/index.js';
import { type Asked, Endpoint } from '../endpoint.js';
import { writeParisTime } from '../paris-time.js';
import * as texts from '../texts.js';
import { type Answer, refusal, success } from '../wire/answer.js';
import { isMissing, nameOf, publicNumberOf } from '../wire/read-keys.js';
import { statusWordOf } from './status-words.js';

/** GET /v1/message-status: one recipient of a message. */
@Injectable()
export class MessageStatus extends Endpoint {
  readonly method = 'GET';
  readonly path = '/v1/message-status';
  readonly scopes = ['READ'] as const;

  constructor(private readonly messages: ReadByNumber) {
    super();
  }

  async execute({ tenantId, values }: Asked): Promise<Answer> {
    if (isMissing(values['phoneNumber'])) return refusal(2, texts.NUMBER_REQUIRED);
    if (isMissing(values['messageId'])) return refusal(3, texts.MESSAGE_ID_REQUIRED);
    const asked = nameOf(values['phoneNumber']);
    const reading = readPhoneNumber(asked);
    const number = publicNumberOf(values['messageId']);
    if (!reading.ok || number === null) return refusal(4, texts.MESSAGE_UNKNOWN);
    const [delivery] = await this.messages.deliveriesOf(tenantId, [{ number, phoneNumber: reading.e164 }]);
    return delivery ? answerStatus(delivery, { asked, e164: reading.e164 }) : refusal(4, texts.MESSAGE_UNKNOWN);
  }
}

export const answerStatus = (
  delivery: NumberedDelivery,
  phoneNumber: { readonly asked: string; readonly e164: string },
): Answer =>
  success({
    number: phoneNumber.asked,
    messageId: String(delivery.number),
    stopSms: delivery.optedOut,
    date: writeParisTime(delivery.updatedAt),
    // The vendor's key; the other calls say "status".
    statut: statusWordOf(delivery.status),
    cost: Number(delivery.cost),
    countryCode: countryOf(phoneNumber.e164) ?? '',
    currency: delivery.currency,
  });
