import { Injectable } from '@nestjs/common';
import { Clock, NotFound, type TenantId } from '../../kernel/index.js';
import { CancelBatch, CancelMessage, type NumberedSms, ReadByNumber, TooLate } from '../../messaging/index.js';
import { type Asked, Endpoint } from '../endpoint.js';
import * as texts from '../texts.js';
import { type Answer, refusal, success } from '../wire/answer.js';
import { isMissing, publicNumberOf } from '../wire/read-keys.js';

/** The vendor's rule, kept although Relais could cancel later: clients rely on its code 6. */
const NOTICE_MS = 5 * 60 * 1_000;

/** GET /v1/message-cancel: stops what waits for its time. */
@Injectable()
export class MessageCancel extends Endpoint {
  readonly method = 'GET';
  readonly path = '/v1/message-cancel';
  readonly scopes = ['SEND'] as const;

  constructor(
    private readonly messages: ReadByNumber,
    private readonly cancelMessage: CancelMessage,
    private readonly cancelBatch: CancelBatch,
    private readonly clock: Clock,
  ) {
    super();
  }

  async execute({ tenantId, values }: Asked): Promise<Answer> {
    if (isMissing(values['messageId'])) return refusal(3, texts.MESSAGE_ID_REQUIRED);
    const number = publicNumberOf(values['messageId']);
    const found = number === null ? null : await this.messages.find(tenantId, number);
    if (found === null) return refusal(4, texts.MESSAGE_UNKNOWN);
    return whyNotCancelled(found, this.clock.now()) ?? (await this.cancel(tenantId, found));
  }

  private async cancel(tenantId: TenantId, { kind, id }: NumberedSms): Promise<Answer> {
    try {
      await (kind === 'batch' ? this.cancelBatch : this.cancelMessage).execute(tenantId, id);
    } catch (error) {
      // It left, or was cancelled, since we looked.
      if (error instanceof TooLate)
        return error.status === 'CANCELLED' ? refusal(5, texts.CANCELLED_BEFORE) : refusal(7, texts.SENT_ALREADY);
      if (error instanceof NotFound) return refusal(4, texts.MESSAGE_UNKNOWN);
      throw error;
    }
    return success({ message: texts.CANCELLED });
  }
}

/** Null: it may be cancelled. */
export function whyNotCancelled(
  { status, nextDeparture }: Pick<NumberedSms, 'status' | 'nextDeparture'>,
  now: Date,
): Answer | null {
  if (status === 'CANCELLED') return refusal(5, texts.CANCELLED_BEFORE);
  // The provider may still keep it: it is asked.
  if (nextDeparture === null) return status === 'SENT' ? null : refusal(7, texts.SENT_ALREADY);
  return nextDeparture.getTime() - now.getTime() < NOTICE_MS ? refusal(6, texts.CANCELLED_TOO_LATE) : null;
}
