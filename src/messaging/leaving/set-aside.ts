import { Injectable } from '@nestjs/common';
import type { Tx } from '../../kernel/index.js';
import { type HoldReason, SendWindows } from '../../scheduling/index.js';
import { recipientsInWords, toStoredHold } from '../explain.js';
import { GiveBack } from '../give-back.js';
import { PROVIDER_HOURS_RETRY, retryDelayMs } from './retry-delay.js';
import type { InHand } from './in-hand.js';
import { type Submission, SubmissionStore } from '../submission.store.js';
import type { SubmissionState } from '../submission-state.js';
import { TimelineStore } from '../timeline.store.js';

export interface QueueWait {
  readonly dueAt: Date;
  readonly waitKind: 'QUEUE' | 'RATE_LIMIT' | 'PROVIDER_DOWN' | 'PROVIDER_ACCOUNT';
  readonly kind: 'not-sent' | 'blocked' | 'abandoned';
  readonly detail: string;
}

const ANY_BUT_DONE: readonly SubmissionState[] = ['SCHEDULED', 'HELD', 'QUEUED', 'SENDING', 'UNCONFIRMED'];

/** Where a submission goes that must not or cannot leave now. The caller holds the message's lock and refreshes it. */
@Injectable()
export class SetAside {
  constructor(
    private readonly submissions: SubmissionStore,
    private readonly giveBack: GiveBack,
    private readonly timeline: TimelineStore,
    private readonly windows: SendWindows,
  ) {}

  /** Its window is closed: HELD until the next opening. */
  async untilOpening(tx: Tx, member: InHand, hold: HoldReason): Promise<void> {
    const {
      submission,
      changing: { now },
    } = member;
    const heldMs = hold.releaseAt.getTime() - now.getTime();
    // Hours that the law takes are not taken from its validity, nor do they begin it anew: else it would outlast every night.
    await this.hold(tx, member, { hold, expiresAt: new Date(submission.expiresAt.getTime() + heldMs) });
  }

  /**
   * The provider's window is closed while ours is open: HELD for minutes, then for longer each time. Its clock or its rules
   * may differ a little from ours, and a whole day at each meeting would never end. This takes from its validity.
   */
  async forProvidersHours(tx: Tx, member: InHand): Promise<void> {
    const {
      submission,
      changing: { now },
    } = member;
    const againMs = retryDelayMs(submission.attempts, 1, null, PROVIDER_HOURS_RETRY);
    const hold = this.windows.holdForProvider(submission.territory, now, againMs);
    await this.hold(tx, member, { hold, expiresAt: submission.expiresAt });
  }

  /** Back to the queue, to be looked at again at the latest when it expires or its window closes. */
  async inQueue(tx: Tx, { submission, changing }: InHand, wait: QueueWait): Promise<void> {
    const { kind, detail } = wait;
    const { now } = changing;
    await this.submissions.move(tx, submission, ['QUEUED', 'SENDING', 'UNCONFIRMED'], {
      state: 'QUEUED',
      now,
      dueAt: this.atTheLatest(submission, wait.dueAt, now),
      waitKind: wait.waitKind,
      waitDetail: detail,
    });
    // It waited for this very reason before: looked at again, nothing has happened.
    if (submission.waitKind === wait.waitKind && submission.waitDetail === detail) return;
    await this.timeline.add(tx, submission.tenantId, submission.messageId, { kind, detail });
  }

  /** Its validity is over: it will not leave any more, and is paid back. */
  async asExpired(tx: Tx, { submission, changing }: InHand): Promise<void> {
    const { tenantId, messageId, id } = submission;
    const errorMessage = 'It could not leave within its validity.';
    const end = { status: 'REFUSED', errorCode: 'VALIDITY_EXPIRED', errorMessage } as const;
    const ended = await this.giveBack.execute(tx, { changes: [changing], submissionIds: [id] }, end);
    await this.timeline.add(tx, tenantId, messageId, {
      kind: 'expired',
      detail: `${recipientsInWords(ended.get(messageId) ?? 0)}, paid back: ${submission.waitDetail ?? errorMessage}`,
    });
    await this.submissions.finish(tx, tenantId, [id], ['QUEUED', 'SENDING'], changing.now);
  }

  /** Its tenant was suspended a moment ago: it waits where it is, and is not claimed again before the tenant is active. */
  async forSuspension(tx: Tx, { submission, changing: { now } }: InHand): Promise<void> {
    await this.submissions.move(tx, submission, ['QUEUED'], { state: 'QUEUED', now, dueAt: now, waitKind: 'QUEUE' });
  }

  private async hold(
    tx: Tx,
    { submission, changing }: InHand,
    { hold, expiresAt }: { hold: HoldReason; expiresAt: Date },
  ): Promise<void> {
    const { now } = changing;
    const { tenantId, messageId, waiting } = submission;
    const detail = `${recipientsInWords(waiting)}: ${hold.explanation}`;
    await this.timeline.add(tx, tenantId, messageId, { kind: 'held', detail });
    const { releaseAt } = hold;
    const to = { state: 'HELD', now, releaseAt, dueAt: releaseAt, expiresAt, hold: toStoredHold(hold) } as const;
    await this.submissions.move(tx, submission, ANY_BUT_DONE, to);
    changing.turn('held');
  }

  private atTheLatest({ category, territory, expiresAt }: Submission, dueAt: Date, now: Date): Date {
    const limits = [dueAt, expiresAt];
    if (category === 'COMMERCIAL') limits.push(this.windows.at(territory, now).closesAt);
    return new Date(Math.min(...limits.map(limit => limit.getTime())));
  }
}
