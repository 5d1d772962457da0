import { Injectable } from '@nestjs/common';
import { Clock, hashSecret, Ids, Transactions } from '../kernel/index.js';
import { OptOuts, readPhoneNumber } from '../messaging/index.js';
import { readSmsPartnerReply } from '../providers/index.js';
import { ReceiptStore } from './receipt.store.js';
import { ReplyStore } from './reply.store.js';

/** Keeps an answer from a handset; one that the provider calls a STOP opts out at once, in the same transaction. */
@Injectable()
export class ReceiveReply {
  constructor(
    private readonly transactions: Transactions,
    private readonly receipts: ReceiptStore,
    private readonly replies: ReplyStore,
    private readonly optOuts: OptOuts,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** False where the secret is nobody's or the body is no reply; then nothing is stored. */
  execute(secret: string, body: unknown): Promise<boolean> {
    return this.transactions.run([], async tx => {
      const attempt = await this.receipts.attemptBySecret(tx, hashSecret(secret));
      const reading = readSmsPartnerReply(body);
      if (attempt === null || !reading.ok) return false;
      const { tenantId, messageId } = attempt;
      const { kind, text } = reading.reply;
      const number = readPhoneNumber(reading.reply.phoneNumber);
      const phoneNumber = number.ok ? number.e164 : reading.reply.phoneNumber;
      await tx.admit([tenantId]);
      await this.replies.insert(tx, tenantId, {
        id: this.ids.uuid(),
        messageId,
        kind,
        phoneNumber,
        text,
        receivedAt: this.clock.now(),
      });
      if (kind === 'stop') await this.optOuts.record(tx, tenantId, { phoneNumber, source: 'reply' });
      return true;
    });
  }
}
