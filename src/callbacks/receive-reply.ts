import { Injectable } from '@nestjs/common';
import { Clock, hashSecret, Ids, Transactions, type Tx } from '../kernel/index.js';
import { FindMessage, type Message, OptOuts, readPhoneNumber } from '../messaging/index.js';
import { readSmsPartnerReply } from '../providers/index.js';
import { parseBody, storable } from './callback-body.js';
import { EnqueueCallbacks } from './outgoing/enqueue-callbacks.js';
import { type CalledAttempt, ReceiptStore } from './receipt.store.js';
import { ReplyStore } from './reply.store.js';

/**
 * Keeps an answer from a handset and passes it on to the message's replyUrl; one that the provider calls a STOP opts out at
 * once. All in one transaction.
 */
@Injectable()
export class ReceiveReply {
  constructor(
    private readonly transactions: Transactions,
    private readonly receipts: ReceiptStore,
    private readonly replies: ReplyStore,
    private readonly optOuts: OptOuts,
    private readonly messages: FindMessage,
    private readonly callbacks: EnqueueCallbacks,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** False where the secret is nobody's; then nothing is stored. What cannot be read is kept as it came. */
  execute(secret: string, raw: string): Promise<boolean> {
    return this.transactions.run([], async tx => {
      const attempt = await this.receipts.attemptBySecret(tx, hashSecret(secret));
      if (attempt === null) return false;
      const { tenantId } = attempt;
      const reply = read(raw);
      await tx.admit([tenantId]);
      const message = await this.messageAnswered(tx, attempt, reply.phoneNumber);
      await this.replies.insert(tx, tenantId, {
        ...reply,
        id: this.ids.uuid(),
        messageId: message?.id ?? attempt.messageId,
        receivedAt: this.clock.now(),
      });
      if (reply.kind === 'unreadable') return true;
      if (reply.kind === 'stop')
        await this.optOuts.record(tx, tenantId, { phoneNumber: reply.phoneNumber, source: 'reply' });
      if (message !== null) await this.callbacks.reply(tx, message, reply);
      return true;
    });
  }

  /** A call to the provider may have carried many messages: the one that went to this number, else the call's first. */
  private async messageAnswered(tx: Tx, attempt: CalledAttempt, phoneNumber: string | null): Promise<Message | null> {
    const { tenantId, attemptId, messageId } = attempt;
    const carried = phoneNumber === null ? null : await this.messages.carriedTo(tx, tenantId, attemptId, phoneNumber);
    return carried ?? (await this.messages.find(tx, tenantId, messageId));
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
