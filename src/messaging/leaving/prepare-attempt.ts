import { Injectable } from '@nestjs/common';
import { PLATFORM, Transactions, type Tx } from '../../kernel/index.js';
import { BatchStore } from '../batches/batch.store.js';
import { ChangeMessage } from '../change-message.js';
import type { Message } from '../message.js';
import { MessageStore } from '../message.store.js';
import { type ClaimedSubmission, type Submission, SubmissionStore } from '../submission.store.js';
import { Companions } from './companions.js';
import { countedAll, type InHand, touchAll } from './in-hand.js';
import { LastLook } from './last-look.js';
import { type PreparedCall, StartAttempt } from './start-attempt.js';

/** Writes the attempt down before anything leaves, after a last look at it and at what goes along. */
@Injectable()
export class PrepareAttempt {
  constructor(
    private readonly transactions: Transactions,
    private readonly change: ChangeMessage,
    private readonly messages: MessageStore,
    private readonly companions: Companions,
    private readonly batches: BatchStore,
    private readonly submissions: SubmissionStore,
    private readonly lastLook: LastLook,
    private readonly starting: StartAttempt,
  ) {}

  /** Null: there is nothing to call for. */
  execute(work: ClaimedSubmission): Promise<PreparedCall | null> {
    const { tenantId, lease } = work;
    // The platform's rows too: its account may be blocked, and its list of STOPs is asked.
    return this.transactions.run([tenantId, PLATFORM], async tx => {
      // Often it has gone along with another by now: that is seen without waiting for a lock.
      const queued = await this.submissions.queuedIn(tx, work);
      if (queued === null) return null;
      const [lead, claimed] = await this.lockLead(tx, work, queued);
      if (lead === null || claimed?.lease !== lease || claimed.state !== 'QUEUED') return null;
      const along = await this.companions.of(tx, lead, claimed);
      const messages = [lead, ...along.messages];
      return this.change.changing(tx, tenantId, messages, async changes => {
        const members = [claimed, ...along.submissions].flatMap((submission): InHand[] => {
          const changing = changes.get(submission.messageId);
          return changing === undefined ? [] : [{ submission, changing }];
        });
        touchAll(members);
        // Most only go to SENDING: whoever ends deliveries, or a submission, touches it anew.
        countedAll(members);
        // In the order of the request, whichever of them was claimed.
        const inOrder = members.toSorted((a, b) => (a.submission.id < b.submission.id ? -1 : 1));
        const permission = await this.lastLook.execute(tx, tenantId, inOrder);
        return permission && this.starting.execute(tx, { tenantId, lease, messages }, permission);
      });
    });
  }

  /**
   * With its submission, under its lock. Those who prepare calls for one batch go one after the other: each takes what the one
   * before has left, and a few texts do not go in as many calls.
   */
  private async lockLead(
    tx: Tx,
    { tenantId, messageId, id }: ClaimedSubmission,
    { batchId }: { readonly batchId: string | null },
  ): Promise<readonly [Message | null, Submission | null]> {
    if (batchId !== null) await this.batches.lock(tx, tenantId, batchId);
    // They travel together, the lock first: the submission is read under it.
    return Promise.all([this.messages.lock(tx, tenantId, messageId), this.submissions.find(tx, tenantId, id)]);
  }
}
