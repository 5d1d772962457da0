import { Injectable } from '@nestjs/common';
import type { Tx } from '../../kernel/index.js';
import { type HoldReason, SendWindows } from '../../scheduling/index.js';
import { recipientsInWords, toStoredHold } from '../explain.js';
import { GiveBack } from '../give-back.js';
import { PROVIDER_HOURS_RETRY, retryDelayMs } from './retry-delay.js';
import { changesOf, idsOf, type InHand, touchAll } from './in-hand.js';
import { type Submission, SubmissionStore } from '../submission.store.js';
import type { SubmissionMove } from '../submission-move.js';
import type { SubmissionState } from '../submission-state.js';
import { type NewTimelineEvent, TimelineStore } from '../timeline.store.js';

export interface QueueWait {
  readonly dueAt: Date;
  readonly waitKind: 'QUEUE' | 'RATE_LIMIT' | 'PROVIDER_DOWN' | 'PROVIDER_ACCOUNT';
  readonly kind: 'not-sent' | 'blocked' | 'abandoned';
  readonly detail: string;
}

/** A submission that its own or the provider's window keeps. */
export interface Held {
  readonly member: InHand;
  readonly hold: HoldReason;
}

const ANY_BUT_DONE: readonly SubmissionState[] = ['SCHEDULED', 'HELD', 'QUEUED', 'SENDING', 'UNCONFIRMED'];

/** Where submissions of one tenant go that must not or cannot leave now. The caller holds their messages' locks and refreshes them. */
@Injectable()
export class SetAside {
  constructor(
    private readonly submissions: SubmissionStore,
    private readonly giveBack: GiveBack,
    private readonly timeline: TimelineStore,
    private readonly windows: SendWindows,
  ) {}

  /** Their window is closed: HELD until the next opening. */
  async untilOpening(tx: Tx, held: readonly Held[]): Promise<void> {
    const kept = held.map(({ member, hold }) => {
      const { submission, changing } = member;
      const heldMs = hold.releaseAt.getTime() - changing.now.getTime();
      // Hours that the law takes are not taken from its validity, nor do they begin it anew: else it would outlast every night.
      return { member, hold, expiresAt: new Date(submission.expiresAt.getTime() + heldMs) };
    });
    await this.hold(tx, kept);
  }

  /**
   * The provider's window is closed while ours is open: HELD for minutes, then for longer each time. Its clock or its rules
   * may differ a little from ours, and a whole day at each meeting would never end. This takes from its validity.
   */
  async forProvidersHours(tx: Tx, members: readonly InHand[]): Promise<void> {
    const kept = members.map(member => {
      const { submission, changing } = member;
      const againMs = retryDelayMs(submission.attempts, 1, null, PROVIDER_HOURS_RETRY);
      const hold = this.windows.holdForProvider(submission.territory, changing.now, againMs);
      return { member, hold, expiresAt: submission.expiresAt };
    });
    await this.hold(tx, kept);
  }

  /** Back to the queue, to be looked at again at the latest when it expires or its window closes. */
  async inQueue(tx: Tx, members: readonly InHand[], waitOf: (member: InHand) => QueueWait): Promise<void> {
    const waiting = members.map(member => ({ ...member, wait: waitOf(member) }));
    const moves = waiting.map(({ submission, changing: { now }, wait }) => {
      const dueAt = this.atTheLatest(submission, wait.dueAt, now);
      return {
        submission,
        to: { state: 'QUEUED', now, dueAt, waitKind: wait.waitKind, waitDetail: wait.detail } as const,
      };
    });
    await this.moveAll(tx, ['QUEUED', 'SENDING', 'UNCONFIRMED'], moves);
    const events = waiting.flatMap(({ submission, wait: { kind, waitKind, detail } }) => {
      // It waited for this very reason before: looked at again, nothing has happened.
      const known = submission.waitKind === waitKind && submission.waitDetail === detail;
      return known ? [] : [{ messageId: submission.messageId, kind, detail }];
    });
    await this.tell(tx, members, events);
  }

  /** Its validity is over: it will not leave any more, and is paid back. */
  async asExpired(tx: Tx, members: readonly InHand[]): Promise<void> {
    const [first] = members;
    if (first === undefined) return;
    const { tenantId } = first.submission;
    const errorMessage = 'It could not leave within its validity.';
    const end = { status: 'REFUSED', errorCode: 'VALIDITY_EXPIRED', errorMessage } as const;
    const ended = await this.giveBack.execute(tx, { changes: changesOf(members), submissionIds: idsOf(members) }, end);
    const byMessage = new Map(members.map(({ submission }) => [submission.messageId, submission]));
    const events = [...byMessage].map(([messageId, { waitDetail }]) => {
      const detail = `${recipientsInWords(ended.get(messageId) ?? 0)}, paid back: ${waitDetail ?? errorMessage}`;
      return { messageId, kind: 'expired', detail } as const;
    });
    await this.tell(tx, members, events);
    touchAll(members);
    await this.submissions.finish(tx, tenantId, idsOf(members), ['QUEUED', 'SENDING'], first.changing.now);
  }

  /** Looked at again at once or at `dueAt`, for no reason that is worth an event. */
  async quietly(tx: Tx, members: readonly InHand[], wait: { dueAt?: Date; waitDetail?: string } = {}): Promise<void> {
    const moves = members.map(({ submission, changing: { now } }) => {
      return { submission, to: { state: 'QUEUED', now, dueAt: now, waitKind: 'QUEUE', ...wait } as const };
    });
    await this.moveAll(tx, ['QUEUED'], moves);
  }

  private async hold(tx: Tx, kept: readonly (Held & { readonly expiresAt: Date })[]): Promise<void> {
    const members = kept.map(({ member }) => member);
    const events = kept.map(({ member: { submission }, hold }) => {
      const detail = `${recipientsInWords(submission.waiting)}: ${hold.explanation}`;
      return { messageId: submission.messageId, kind: 'held', detail } as const;
    });
    await this.tell(tx, members, events);
    const moves = kept.map(({ member: { submission, changing }, hold, expiresAt }) => {
      const { releaseAt } = hold;
      const to = {
        state: 'HELD',
        now: changing.now,
        releaseAt,
        dueAt: releaseAt,
        expiresAt,
        hold: toStoredHold(hold),
      } as const;
      return { submission, to };
    });
    await this.moveAll(tx, ANY_BUT_DONE, moves);
    for (const { changing } of members) changing.turn('held');
  }

  private async moveAll(
    tx: Tx,
    from: readonly SubmissionState[],
    moves: readonly { readonly submission: Submission; readonly to: SubmissionMove }[],
  ): Promise<void> {
    const [first] = moves;
    if (first !== undefined) await this.submissions.moveAll(tx, first.submission.tenantId, from, moves);
  }

  private async tell(tx: Tx, members: readonly InHand[], events: readonly NewTimelineEvent[]): Promise<void> {
    const [first] = members;
    if (first !== undefined) await this.timeline.addAll(tx, first.submission.tenantId, events);
  }

  private atTheLatest({ category, territory, expiresAt }: Submission, dueAt: Date, now: Date): Date {
    const limits = [dueAt, expiresAt];
    if (category === 'COMMERCIAL') limits.push(this.windows.at(territory, now).closesAt);
    return new Date(Math.min(...limits.map(limit => limit.getTime())));
  }
}
