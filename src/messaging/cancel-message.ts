import { Injectable } from '@nestjs/common';
import { NotFound, type TenantId, Transactions, type Tx } from '../kernel/index.js';
import { ChangeMessage } from './change-message.js';
import { recipientsInWords } from './explain.js';
import { GiveBack } from './give-back.js';
import { RecallFromProvider } from './leaving/recall-from-provider.js';
import { MessageStore } from './message.store.js';
import { TooLate } from './messaging.errors.js';
import { SubmissionStore } from './submission.store.js';
import { TimelineStore } from './timeline.store.js';
import { NOT_YET_GONE } from './waiting-states.js';

@Injectable()
export class CancelMessage {
  constructor(
    private readonly transactions: Transactions,
    private readonly change: ChangeMessage,
    private readonly submissions: SubmissionStore,
    private readonly giveBack: GiveBack,
    private readonly timeline: TimelineStore,
    private readonly messages: MessageStore,
    private readonly recall: RecallFromProvider,
  ) {}

  /**
   * Stops whatever of it has provably not gone, and calls back what the provider still keeps; both are paid back. Throws
   * NotFound, and TooLate where nothing is left.
   */
  async execute(tenantId: TenantId, id: string): Promise<void> {
    const stopped = await this.transactions.run(tenantId, async tx => {
      if ((await this.messages.find(tx, tenantId, id)) === null) throw new NotFound('message');
      return this.within(tx, tenantId, [id]);
    });
    const recalled = await this.recall.execute(tenantId, [id]);
    if (stopped > 0 || recalled > 0) return;
    const message = await this.transactions.run(tenantId, tx => this.messages.find(tx, tenantId, id));
    throw new TooLate(message?.status ?? 'COMPLETED');
  }

  /** Of several messages, in the caller's transaction; answers of how many anything was stopped. */
  within(tx: Tx, tenantId: TenantId, ids: readonly string[]): Promise<number> {
    return this.change.several(tx, tenantId, ids, async changes => {
      const submissions = await this.submissions.ofMessages(tx, tenantId, [...changes.keys()]);
      const messageOf = new Map(submissions.map(submission => [submission.id, submission.messageId]));
      const [now] = [...changes.values()].map(changing => changing.now);
      if (now === undefined) return 0;
      const stopped = await this.submissions.finish(tx, tenantId, [...messageOf.keys()], NOT_YET_GONE, now);
      const messageIds = new Set(stopped.map(id => messageOf.get(id) ?? ''));
      for (const id of stopped) changes.get(messageOf.get(id) ?? '')?.touch(id);
      const of = { changes: [...changes.values()], submissionIds: stopped };
      const ended = await this.giveBack.execute(tx, of, { status: 'CANCELLED', errorCode: null, errorMessage: null });
      const events = [...messageIds].map(messageId => {
        const detail = `${recipientsInWords(ended.get(messageId) ?? 0)}, paid back`;
        return { messageId, kind: 'cancelled', detail } as const;
      });
      await this.timeline.addAll(tx, tenantId, events);
      return messageIds.size;
    });
  }
}
