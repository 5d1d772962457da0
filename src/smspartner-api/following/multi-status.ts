import { Injectable } from '@nestjs/common';
import { type NumberedDelivery, ReadByNumber, readPhoneNumber } from '../../messaging/index.js';
import { type Asked, Endpoint } from '../endpoint.js';
import { writeUnixTime } from '../paris-time.js';
import { elementIdOf } from '../sending/field-names.js';
import { answerFaults } from '../sending/problem-answers.js';
import * as texts from '../texts.js';
import { type Answer, refusal, success, type Value } from '../wire/answer.js';
import { nameOf, publicNumberOf } from '../wire/read-keys.js';
import { isValues } from '../wire/read-values.js';
import { statusWordOf } from './status-words.js';

const MOST_ENTRIES = 500;

interface Entry {
  /** As asked, to be told again. */
  readonly phoneNumber: string;
  readonly messageId: number | string;
  /** Null: such a recipient of such a message cannot be. */
  readonly pair: { readonly number: number; readonly phoneNumber: string } | null;
}

/** POST /v1/multi-status: several recipients, of one message or of several. */
@Injectable()
export class MultiStatus extends Endpoint {
  readonly method = 'POST';
  readonly path = '/v1/multi-status';
  readonly scopes = ['READ'] as const;

  constructor(private readonly messages: ReadByNumber) {
    super();
  }

  async execute({ tenantId, values }: Asked): Promise<Answer> {
    // The vendor's sample has the first name, its table of parameters the second.
    const list = values['SMSStatut_List'] ?? values['SMSStatus_List'];
    if (!Array.isArray(list) || list.length === 0)
      return answerFaults('errors', [{ elementId: elementIdOf('SMSStatut_List'), message: texts.LIST_REQUIRED }]);
    if (list.length > MOST_ENTRIES) return refusal(50, texts.TOO_MANY_NUMBERS);
    const entries = list.map(readEntry);
    const pairs = entries.flatMap(({ pair }) => (pair === null ? [] : [pair]));
    const found = (await this.messages.deliveriesOf(tenantId, pairs)).values();
    return success({
      StatutResponse_List: entries.map(entry => toldOf(entry, entry.pair && (found.next().value ?? null))),
    });
  }
}

function readEntry(given: unknown): Entry {
  const values = isValues(given) ? given : {};
  const phoneNumber = nameOf(values['phoneNumber']);
  const number = publicNumberOf(values['messageId']);
  const reading = readPhoneNumber(phoneNumber);
  return {
    phoneNumber,
    messageId: number ?? nameOf(values['messageId']),
    pair: reading.ok && number !== null ? { number, phoneNumber: reading.e164 } : null,
  };
}

export function toldOf(
  { phoneNumber, messageId }: Pick<Entry, 'phoneNumber' | 'messageId'>,
  found: NumberedDelivery | null,
): Value {
  if (found === null) return { success: false, code: 4, phoneNumber, messageId, status: texts.NUMBER_UNKNOWN };
  return {
    success: true,
    code: 200,
    phoneNumber,
    messageId,
    status: statusWordOf(found.status),
    date: writeUnixTime(found.updatedAt),
    stopSms: found.optedOut ? '1' : '0',
    isSpam: '0',
  };
}
