import { Injectable } from '@nestjs/common';
import { crashPoint, type TenantId, Transactions, type Tx, WakeUps } from '../../kernel/index.js';
import { SendWindows } from '../../scheduling/index.js';
import { ChangeMessage } from '../change-message.js';
import { holdAt } from '../asking/departure.js';
import { recipientsInWords } from '../explain.js';
import { OptOutCheck } from '../opt-outs/opt-out-check.js';
import { type Held, SetAside } from './set-aside.js';
import { idsOf, type InHand, touchAll } from './in-hand.js';
import { type ClaimedSubmission, SubmissionStore } from '../submission.store.js';
import type { SubmissionState } from '../submission-state.js';
import { TimelineStore } from '../timeline.store.js';
import { WORK } from './work-topics.js';

const WAITS: readonly SubmissionState[] = ['SCHEDULED', 'HELD'];

/** What waited for its hour, claimed when due: judged again by what holds now, and queued or held on. */
@Injectable()
export class ReleaseSubmissions {
  constructor(
    private readonly transactions: Transactions,
    private readonly change: ChangeMessage,
    private readonly submissions: SubmissionStore,
    private readonly optOuts: OptOutCheck,
    private readonly setAside: SetAside,
    private readonly timeline: TimelineStore,
    private readonly windows: SendWindows,
    private readonly wakeUps: WakeUps,
  ) {}

  /** All or none of them. */
  execute(tenantId: TenantId, claimed: readonly ClaimedSubmission[]): Promise<void> {
    return this.transactions.run(tenantId, tx => {
      const messageIds = [...new Set(claimed.map(({ messageId }) => messageId))];
      return this.change.several(tx, tenantId, messageIds, async changes => {
        const leases = new Map(claimed.map(({ id, lease }) => [id, lease]));
        const found = await this.submissions.findMany(tx, tenantId, [...leases.keys()]);
        const members = found.flatMap((submission): InHand[] => {
          const changing = changes.get(submission.messageId);
          if (changing === undefined || submission.lease !== leases.get(submission.id)) return [];
          // A clock that went back: the lease ends, and it is looked at again.
          const early = submission.releaseAt !== null && submission.releaseAt > changing.now;
          return early || !WAITS.includes(submission.state) ? [] : [{ submission, changing }];
        });
        touchAll(members);
        await this.judge(tx, tenantId, members);
        crashPoint('release.before-commit');
        tx.afterCommit(() => crashPoint('release.after-commit'));
      });
    });
  }

  private async judge(tx: Tx, tenantId: TenantId, members: readonly InHand[]): Promise<void> {
    const [first] = members;
    if (first === undefined) return;
    const waiting = await this.optOuts.execute(tx, tenantId, members);
    const over: InHand[] = [];
    const held: Held[] = [];
    const free: InHand[] = [];
    for (const member of members) {
      const hold = holdAt(this.windows, member.submission, member.changing.now);
      if (!waiting.has(member.submission.id)) over.push(member);
      else if (hold !== null) held.push({ member, hold });
      else free.push(member);
    }
    await this.submissions.finish(tx, tenantId, idsOf(over), WAITS, first.changing.now);
    await this.setAside.untilOpening(tx, held);
    await this.queue(tx, tenantId, free, waiting);
  }

  private async queue(
    tx: Tx,
    tenantId: TenantId,
    members: readonly InHand[],
    waiting: ReadonlyMap<string, readonly string[]>,
  ): Promise<void> {
    if (members.length === 0) return;
    const moves = members.map(({ submission, changing: { now } }) => {
      return { submission, to: { state: 'QUEUED', now, dueAt: now, releaseAt: null, waitKind: 'QUEUE' } as const };
    });
    await this.submissions.moveAll(tx, tenantId, WAITS, moves);
    for (const { submission, changing } of members) if (submission.state === 'HELD') changing.turn('released');
    const events = members.map(({ submission: { id, messageId } }) => {
      return { messageId, kind: 'released', detail: recipientsInWords(waiting.get(id)?.length ?? 0) } as const;
    });
    await this.timeline.addAll(tx, tenantId, events);
    tx.afterCommit(() => this.wakeUps.announce(WORK.dispatch));
  }
}
