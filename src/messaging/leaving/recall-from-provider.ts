import { Injectable } from '@nestjs/common';
import { type TenantId, Transactions, type Tx } from '../../kernel/index.js';
import { ChangeMessage } from '../change-message.js';
import { recipientsInWords } from '../explain.js';
import { GiveBack } from '../give-back.js';
import { SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';
import { AskingAccounts } from './asking-accounts.js';
import { AttemptStore, type RecallableAttempt } from './attempt.store.js';

/**
 * Calls back what the provider accepted and still keeps: SMS Partner pauses commercial SMS by rules and hours of its own
 * (its page: "en pause"). Only its word that a call is cancelled counts; without an answer everything stays as it is.
 */
@Injectable()
export class RecallFromProvider {
  constructor(
    private readonly transactions: Transactions,
    private readonly attempts: AttemptStore,
    private readonly accounts: AskingAccounts,
    private readonly change: ChangeMessage,
    private readonly submissions: SubmissionStore,
    private readonly giveBack: GiveBack,
    private readonly timeline: TimelineStore,
  ) {}

  /** How many recipients of these messages will not get it after all. */
  async execute(tenantId: TenantId, messageIds: readonly string[]): Promise<number> {
    const attempts = await this.transactions.run(tenantId, tx => this.recallable(tx, tenantId, messageIds));
    let recipients = 0;
    for (const attempt of attempts) {
      if (await this.ask(tenantId, attempt)) recipients += await this.record(tenantId, attempt);
    }
    return recipients;
  }

  /** Calls with recipients of whom nothing was heard yet, and which carried nothing but these messages. */
  private async recallable(tx: Tx, tenantId: TenantId, messageIds: readonly string[]): Promise<RecallableAttempt[]> {
    const own = await this.submissions.ofMessages(tx, tenantId, messageIds);
    const calledIn = own.flatMap(({ sent, attemptId }) => (sent > 0 && attemptId !== null ? [attemptId] : []));
    if (calledIn.length === 0) return [];
    const ownIds = new Set(own.map(({ id }) => id));
    const attempts = await this.attempts.recallable(tx, tenantId, [...new Set(calledIn)]);
    return attempts.filter(({ submissionIds }) => submissionIds.every(id => ownIds.has(id)));
  }

  private async ask(tenantId: TenantId, attempt: RecallableAttempt): Promise<boolean> {
    const account = await this.accounts.of({ ...attempt, tenantId });
    if (account === null) return false;
    const answer = await account.provider.cancel(attempt.providerMessageId, account.credential);
    return answer.status === 'answered' && answer.value === 'cancelled';
  }

  private record(tenantId: TenantId, { id, submissionIds }: RecallableAttempt): Promise<number> {
    return this.transactions.run(tenantId, async tx => {
      const carried = await this.submissions.ofAttempt(tx, tenantId, id);
      const messageIds = [...new Set(carried.map(({ messageId }) => messageId))];
      return this.change.several(tx, tenantId, messageIds, async changes => {
        for (const submission of carried) changes.get(submission.messageId)?.touch(submission.id);
        const of = { changes: [...changes.values()], submissionIds };
        const end = { status: 'CANCELLED', errorCode: null, errorMessage: null, calledBack: true } as const;
        const ended = await this.giveBack.execute(tx, of, end);
        const events = [...ended].map(([messageId, count]) => {
          const detail = `${recipientsInWords(count)}, paid back: the provider still kept it`;
          return { messageId, kind: 'called-back', detail } as const;
        });
        await this.timeline.addAll(tx, tenantId, events);
        return [...ended.values()].reduce((sum, count) => sum + count, 0);
      });
    });
  }
}
