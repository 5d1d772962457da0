import { Injectable } from '@nestjs/common';
import { Clock, Transactions } from '../../kernel/index.js';
import { ChangeMessage } from '../change-message.js';
import { MessageStore } from '../message.store.js';
import { RECIPIENTS_PER_SUBMISSION } from '../recipients/split-by-territory.js';
import { type ClaimedSubmission, SubmissionStore } from '../submission.store.js';
import { type InHand, touchAll } from './in-hand.js';
import { LastLook } from './last-look.js';
import { type PreparedCall, StartAttempt } from './start-attempt.js';

/** Writes the attempt down before anything leaves, after a last look. The messages of a batch go together, 500 a call. */
@Injectable()
export class PrepareAttempt {
  constructor(
    private readonly transactions: Transactions,
    private readonly change: ChangeMessage,
    private readonly messages: MessageStore,
    private readonly submissions: SubmissionStore,
    private readonly lastLook: LastLook,
    private readonly starting: StartAttempt,
    private readonly clock: Clock,
  ) {}

  /** Null: there is nothing to call for. */
  execute({ tenantId, messageId, id, lease }: ClaimedSubmission): Promise<PreparedCall | null> {
    return this.transactions.run(tenantId, async tx => {
      const [lead] = await this.messages.lockMany(tx, tenantId, [messageId]);
      if (lead === undefined) return null;
      const claimed = await this.submissions.find(tx, tenantId, id);
      if (claimed?.lease !== lease || claimed.state !== 'QUEUED') return null;
      const now = this.clock.now();
      const companions =
        lead.batchId === null ? [] : await this.messages.lockCompanions(tx, lead, now, RECIPIENTS_PER_SUBMISSION - 1);
      return this.change.changing(tx, tenantId, [lead, ...companions], async changes => {
        const others = await this.submissions.dueOf(
          tx,
          tenantId,
          companions.map(message => message.id),
          now,
        );
        const members = [claimed, ...others].flatMap((submission): InHand[] => {
          const changing = changes.get(submission.messageId);
          return changing === undefined ? [] : [{ submission, changing }];
        });
        touchAll(members);
        const permission = await this.lastLook.execute(tx, tenantId, members);
        return permission && this.starting.execute(tx, tenantId, permission, lease);
      });
    });
  }
}
