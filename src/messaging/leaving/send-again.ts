import { Injectable } from '@nestjs/common';
import { type Tx, WakeUps } from '../../kernel/index.js';
import { DeliveryStore } from '../delivery.store.js';
import { recipientsInWords } from '../explain.js';
import { SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';
import type { InHand } from './in-hand.js';
import { SetAside } from './set-aside.js';
import { WORK } from './work-topics.js';

/** Out of doubt: what provably did not go, or what an administrator sends anew, queues for another attempt. */
@Injectable()
export class SendAgain {
  constructor(
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly setAside: SetAside,
    private readonly timeline: TimelineStore,
    private readonly wakeUps: WakeUps,
  ) {}

  /** `expiresAt` not given: its validity stays, and where that is over it is paid back. */
  async execute(
    tx: Tx,
    { submission, changing }: InHand,
    why: string,
    expiresAt = submission.expiresAt,
  ): Promise<void> {
    const { tenantId, messageId, id } = submission;
    const { now, touch } = changing;
    touch(id);
    const waiting = await this.deliveries.markWaiting(tx, { tenantId, submissionIds: [id] }, now);
    const count = waiting.get(id) ?? 0;
    await this.timeline.add(tx, tenantId, messageId, { kind: 'absent', detail: `${recipientsInWords(count)}: ${why}` });
    const queued = { state: 'QUEUED', now, dueAt: now, waitKind: 'QUEUE', expiresAt } as const;
    await this.submissions.move(tx, submission, ['UNCONFIRMED'], queued);
    if (expiresAt > now) tx.afterCommit(() => this.wakeUps.announce(WORK.dispatch));
    else await this.setAside.asExpired(tx, [{ submission: { ...submission, waitDetail: why }, changing }]);
  }
}
