import { Injectable } from '@nestjs/common';
import { crashPoint, type Tx, WakeUps } from '../../kernel/index.js';
import { SendWindows } from '../../scheduling/index.js';
import { ChangeMessage } from '../change-message.js';
import { holdAt } from '../asking/departure.js';
import { recipientsInWords } from '../explain.js';
import { OptOutCheck } from '../opt-outs/opt-out-check.js';
import { SetAside } from './set-aside.js';
import type { InHand } from './in-hand.js';
import { type ClaimedSubmission, SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';
import { WORK } from './work-topics.js';

/** What waited for its hour, claimed when due: judged again by what holds now, and queued or held on. */
@Injectable()
export class ReleaseSubmission {
  constructor(
    private readonly change: ChangeMessage,
    private readonly submissions: SubmissionStore,
    private readonly optOuts: OptOutCheck,
    private readonly setAside: SetAside,
    private readonly timeline: TimelineStore,
    private readonly windows: SendWindows,
    private readonly wakeUps: WakeUps,
  ) {}

  async execute(claimed: ClaimedSubmission): Promise<void> {
    await this.change.execute(claimed.tenantId, claimed.messageId, async (tx, changing) => {
      const submission = await this.submissions.find(tx, claimed.tenantId, claimed.id);
      if (submission?.lease !== claimed.lease) return;
      if (submission.state !== 'SCHEDULED' && submission.state !== 'HELD') return;
      // A clock that went back: the lease ends, and it is looked at again.
      if (submission.releaseAt !== null && submission.releaseAt > changing.now) return;
      changing.touch(submission.id);
      await this.judge(tx, { submission, changing });
      crashPoint('release.before-commit');
      tx.afterCommit(() => crashPoint('release.after-commit'));
    });
  }

  private async judge(tx: Tx, member: InHand): Promise<void> {
    const { submission, changing } = member;
    const { tenantId, messageId, id } = submission;
    const { now } = changing;
    const left = (await this.optOuts.execute(tx, tenantId, [member])).get(id)?.length ?? 0;
    if (left === 0) {
      await this.submissions.finish(tx, tenantId, [id], [submission.state], now);
      return;
    }
    const hold = holdAt(this.windows, submission, now);
    if (hold !== null) {
      await this.setAside.untilOpening(tx, member, hold);
      return;
    }
    const queued = { state: 'QUEUED', now, dueAt: now, releaseAt: null, waitKind: 'QUEUE' } as const;
    await this.submissions.move(tx, submission, [submission.state], queued);
    if (submission.state === 'HELD') changing.turn('released');
    await this.timeline.add(tx, tenantId, messageId, { kind: 'released', detail: recipientsInWords(left) });
    tx.afterCommit(() => this.wakeUps.announce(WORK.dispatch));
  }
}
