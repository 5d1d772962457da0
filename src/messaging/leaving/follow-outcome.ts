import { Injectable } from '@nestjs/common';
import { Ids, type Tx } from '../../kernel/index.js';
import type { BulkOutcome } from '../../providers/index.js';
import { DeliveryStore } from '../delivery.store.js';
import { recipientsInWords } from '../explain.js';
import { SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';
import type { CallOutcome } from './attempt-outcome.js';
import { BlockedAccounts } from './blocked-accounts.js';
import { type EndedAttempt, UNDER_WAY } from './ended-attempt.js';
import { FollowAcceptance } from './follow-acceptance.js';
import { FollowRefusal } from './follow-refusal.js';
import { idsOf, type InHand } from './in-hand.js';

import { FIRST_LOOKUP_MS, NOT_SENT_RETRY, retryDelayMs } from './retry-delay.js';
import { type QueueWait, SetAside } from './set-aside.js';

type OutcomeOf<S extends BulkOutcome['status']> = Extract<BulkOutcome, { status: S }>;

/** What each of the provider's answers means for the submissions that a call carried (a message's life, step 4). */
@Injectable()
export class FollowOutcome {
  constructor(
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly acceptance: FollowAcceptance,
    private readonly refusal: FollowRefusal,
    private readonly setAside: SetAside,
    private readonly timeline: TimelineStore,
    private readonly accounts: BlockedAccounts,
    private readonly ids: Ids,
  ) {}

  async execute(tx: Tx, attempt: EndedAttempt, outcome: CallOutcome): Promise<void> {
    switch (outcome.status) {
      case 'accepted':
        return this.acceptance.execute(tx, attempt, outcome);
      case 'refused':
        return this.refusal.execute(tx, attempt, outcome);
      case 'not-sent':
        return this.notSent(tx, attempt, outcome);
      case 'blocked':
        return this.blocked(tx, attempt, outcome);
      case 'outside-hours':
        return this.outsideHours(tx, attempt, outcome);
      case 'unknown':
        return this.unknown(tx, attempt, outcome.reason);
      case 'abandoned':
        return this.backToQueue(tx, attempt, ({ changing }) => ({
          dueAt: changing.now,
          waitKind: 'QUEUE',
          kind: 'abandoned',
          detail: outcome.reason,
        }));
    }
  }

  private notSent(tx: Tx, attempt: EndedAttempt, outcome: OutcomeOf<'not-sent'>): Promise<void> {
    const waitKind = outcome.cause === 'rate-limited' ? 'RATE_LIMIT' : 'PROVIDER_DOWN';
    const jitter = this.ids.fraction();
    return this.backToQueue(tx, attempt, ({ submission, changing: { now } }) => {
      const delay = retryDelayMs(submission.attempts, jitter, outcome.retryAfterMs, NOT_SENT_RETRY);
      return { dueAt: new Date(now.getTime() + delay), waitKind, kind: 'not-sent', detail: outcome.reason };
    });
  }

  /** A sandbox call blocks no account, so nothing but its time would hold it back. */
  private blocked(tx: Tx, attempt: EndedAttempt, { reason }: OutcomeOf<'blocked'>): Promise<void> {
    return this.backToQueue(tx, attempt, ({ submission, changing }) =>
      submission.sandbox
        ? this.accounts.waitAMinute(reason, changing.now)
        : this.accounts.waitFor(reason, changing.now),
    );
  }

  /** A transactional SMS that meets quiet hours met a commercial account: the account is at fault. */
  private async outsideHours(tx: Tx, attempt: EndedAttempt, outcome: OutcomeOf<'outside-hours'>): Promise<void> {
    if (attempt.members.some(({ submission }) => submission.category === 'TRANSACTIONAL')) {
      if (attempt.members.every(({ submission }) => !submission.sandbox))
        this.accounts.alarm(attempt.tenantId, outcome);
      await this.backToQueue(tx, attempt, ({ changing }) => this.accounts.waitAMinute(outcome.reason, changing.now));
      return;
    }
    await this.markWaiting(tx, attempt);
    await this.setAside.forProvidersHours(tx, attempt.members);
  }

  private async unknown(tx: Tx, { tenantId, members, now }: EndedAttempt, reason: string): Promise<void> {
    const unconfirmed = await this.deliveries.markUnconfirmed(tx, { tenantId, submissionIds: idsOf(members) }, now);
    const dueAt = new Date(now.getTime() + FIRST_LOOKUP_MS);
    const doubt = { state: 'UNCONFIRMED', now, dueAt, waitKind: 'DOUBT', waitDetail: reason } as const;
    const moves = members.map(({ submission }) => ({ submission, to: doubt }));
    await this.submissions.moveAll(tx, tenantId, UNDER_WAY, moves);
    const events = members.map(({ submission: { id, messageId } }) => {
      const recipients = recipientsInWords(unconfirmed.get(id) ?? 0);
      return { messageId, kind: 'unconfirmed', detail: `${recipients}: ${reason}` } as const;
    });
    await this.timeline.addAll(tx, tenantId, events);
  }

  private async backToQueue(tx: Tx, attempt: EndedAttempt, waitOf: (member: InHand) => QueueWait): Promise<void> {
    await this.markWaiting(tx, attempt);
    await this.setAside.inQueue(tx, attempt.members, waitOf);
  }

  /** Provably not sent: whatever doubt there was is over. */
  private async markWaiting(tx: Tx, { tenantId, members, now }: EndedAttempt): Promise<void> {
    await this.deliveries.markWaiting(tx, { tenantId, submissionIds: idsOf(members) }, now);
  }
}
