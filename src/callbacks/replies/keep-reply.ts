import { Injectable } from '@nestjs/common';
import { Ids, type TenantId, type Tx } from '../../kernel/index.js';
import { FindMessage, type Message, OptOuts } from '../../messaging/index.js';
import { EnqueueCallbacks } from '../outgoing/enqueue-callbacks.js';
import type { ReplyNews } from '../webhooks/event-body.js';
import { TellTenant } from '../webhooks/tell-tenant.js';
import { asksToStop } from './asks-to-stop.js';
import type { AnsweredAttempt } from './reply-post.store.js';
import { ReplyStore } from './reply.store.js';
import type { ReadPost } from './whole-reply.js';

type WholeReply = ReadPost['reply'];

/** What an answer brings about, once it is read and whole: it is kept, a STOP opts out, and the tenant is told. */
@Injectable()
export class KeepReply {
  constructor(
    private readonly replies: ReplyStore,
    private readonly optOuts: OptOuts,
    private readonly messages: FindMessage,
    private readonly callbacks: EnqueueCallbacks,
    private readonly webhooks: TellTenant,
    private readonly ids: Ids,
  ) {}

  /** In the transaction of those who read it. */
  async execute(
    tx: Tx,
    attempt: AnsweredAttempt,
    reply: WholeReply,
    receivedAt: Date,
  ): Promise<{ readonly id: string; readonly kind: WholeReply['kind'] }> {
    const { tenantId } = attempt;
    const { phoneNumber, long, providerMessageId } = reply;
    const text = reply.text?.trim() || null;
    const kind = isStop(reply) ? 'stop' : 'response';
    const message = await this.messageAnswered(tx, attempt, phoneNumber);
    const kept = {
      id: this.ids.uuid(),
      messageId: message?.id ?? null,
      kind,
      phoneNumber,
      text,
      longNumber: long?.to ?? null,
      keyword: long?.keyword ?? null,
      providerMessageId,
      providerTimestamp: long?.timestamp ?? null,
      receivedAt,
    } as const;
    await this.replies.insert(tx, tenantId, kept);
    if (kind === 'stop') await this.optOut(tx, attempt, phoneNumber, message);
    this.tell(tx, tenantId, { ...kept, text }, message);
    return kept;
  }

  /** Where it is a STOP, it opts out, though it is no answer yet, or none that is new. */
  async onlyOptOut(tx: Tx, attempt: AnsweredAttempt, reply: WholeReply): Promise<void> {
    const { phoneNumber } = reply;
    if (!isStop(reply)) return;
    await this.optOut(tx, attempt, phoneNumber, await this.messageAnswered(tx, attempt, phoneNumber));
  }

  /** The sandbox reaches nobody, so nobody has said STOP: a trial run must not silence real customers. */
  private async optOut(
    tx: Tx,
    { tenantId }: AnsweredAttempt,
    phoneNumber: string,
    message: Message | null,
  ): Promise<void> {
    if (message?.sandbox !== true) await this.optOuts.record(tx, tenantId, { phoneNumber, source: 'reply' });
  }

  /** All who are told of a reply: webhooks, and the message's own replyUrl. */
  private tell(tx: Tx, tenantId: TenantId, reply: Omit<ReplyNews, 'message'>, message: Message | null): void {
    this.webhooks.reply(tx, tenantId, { ...reply, message });
    if (message !== null) this.callbacks.reply(tx, message, reply);
  }

  /** A call to the provider may have carried many messages: the one that went to this number, else the call's first. */
  private async messageAnswered(
    tx: Tx,
    { tenantId, attemptId, messageId }: AnsweredAttempt,
    phoneNumber: string,
  ): Promise<Message | null> {
    const carried = await this.messages.carriedTo(tx, tenantId, attemptId, phoneNumber);
    return carried ?? (await this.messages.find(tx, tenantId, messageId));
  }
}

const isStop = ({ kind, text }: Pick<WholeReply, 'kind' | 'text'>): boolean =>
  kind === 'stop' || (text !== null && asksToStop(text));
