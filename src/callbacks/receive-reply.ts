import { Injectable } from '@nestjs/common';
import { Clock, hashSecret, Ids, Transactions } from '../kernel/index.js';
import { OptOuts, readPhoneNumber } from '../messaging/index.js';
import { readSmsPartnerReply } from '../providers/index.js';
import { parseBody, storable } from './callback-body.js';
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

  /** False where the secret is nobody's; then nothing is stored. What cannot be read is kept as it came. */
  execute(secret: string, raw: string): Promise<boolean> {
    return this.transactions.run([], async tx => {
      const attempt = await this.receipts.attemptBySecret(tx, hashSecret(secret));
      if (attempt === null) return false;
      const { tenantId, messageId } = attempt;
      const reply = read(raw);
      await tx.admit([tenantId]);
      await this.replies.insert(tx, tenantId, {
        ...reply,
        id: this.ids.uuid(),
        messageId,
        receivedAt: this.clock.now(),
      });
      if (reply.kind === 'stop')
        await this.optOuts.record(tx, tenantId, { phoneNumber: reply.phoneNumber, source: 'reply' });
      return true;
    });
  }
}

type Read =
  | {
      readonly kind: 'response' | 'stop';
      readonly phoneNumber: string;
      readonly text: string | null;
      readonly raw: null;
    }
  | { readonly kind: 'unreadable'; readonly phoneNumber: null; readonly text: null; readonly raw: string };

function read(raw: string): Read {
  const reading = readSmsPartnerReply(parseBody(raw));
  if (!reading.ok) return { kind: 'unreadable', phoneNumber: null, text: null, raw: storable(raw) };
  const { kind, phoneNumber: given, text } = reading.reply;
  const number = readPhoneNumber(given);
  return { kind, phoneNumber: number.ok ? number.e164 : given, text, raw: null };
}
