import { Injectable } from '@nestjs/common';
import { type Tx, WakeUps } from '../../kernel/index.js';
import { DeliveryStore } from '../delivery.store.js';
import { SubmissionStore } from '../submission.store.js';
import { type EndedAttempt, UNDER_WAY } from './ended-attempt.js';
import { idsOf } from './in-hand.js';
import { type Refusal, RefuseRecipients } from './refuse-recipients.js';
import { WORK } from './work-topics.js';

/** The provider said no: to the whole call, or to some of its recipients, and then the others go in a new one. */
@Injectable()
export class FollowRefusal {
  constructor(
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly refuse: RefuseRecipients,
    private readonly wakeUps: WakeUps,
  ) {}

  async execute(tx: Tx, { tenantId, members, now }: EndedAttempt, refusal: Refusal): Promise<void> {
    await this.deliveries.markWaiting(tx, { tenantId, submissionIds: idsOf(members) }, now);
    await this.refuse.execute(tx, members, refusal);
    const waiting = await this.deliveries.waiting(tx, tenantId, idsOf(members));
    const done = idsOf(members).filter(id => !waiting.has(id));
    await this.submissions.finish(tx, tenantId, done, UNDER_WAY, now);
    const left = members.filter(({ submission }) => waiting.has(submission.id));
    for (const { submission } of left) {
      await this.submissions.move(tx, submission, UNDER_WAY, { state: 'QUEUED', now, dueAt: now, waitKind: 'QUEUE' });
    }
    if (left.length > 0) tx.afterCommit(() => this.wakeUps.announce(WORK.dispatch));
  }
}
