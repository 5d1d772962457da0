import { Injectable } from '@nestjs/common';
import { Ids, type Tx, WakeUps } from '../../kernel/index.js';
import type { SendOutcome } from '../../providers/index.js';
import type { Abandoned } from './attempt-outcome.js';
import { DeliveryStore } from '../delivery.store.js';
import { recipientsInWords } from '../explain.js';
import { GiveBack } from '../give-back.js';
import type { Message } from '../message.js';
import { NOT_SENT_RETRY, retryDelayMs } from './retry-delay.js';
import { type QueueWait, SetAside } from './set-aside.js';
import { type Submission, SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';
import { WORK } from './work-topics.js';

interface Situation {
  readonly message: Message;
  readonly submission: Submission;
  readonly now: Date;
}

type OutcomeOf<S extends SendOutcome['status']> = Extract<SendOutcome, { status: S }>;

const UNDER_WAY = ['SENDING', 'UNCONFIRMED'] as const;

/** What each of the provider's answers means for the submission (a message's life, step 4). */
@Injectable()
export class FollowOutcome {
  constructor(
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly giveBack: GiveBack,
    private readonly setAside: SetAside,
    private readonly timeline: TimelineStore,
    private readonly wakeUps: WakeUps,
    private readonly ids: Ids,
  ) {}

  /** The caller holds the message's lock, has written the attempt's end, and refreshes the message. */
  async execute(tx: Tx, situation: Situation, outcome: SendOutcome | Abandoned): Promise<void> {
    switch (outcome.status) {
      case 'accepted':
        return this.accepted(tx, situation);
      case 'refused':
        return this.refused(tx, situation, outcome);
      case 'not-sent':
        return this.notSent(tx, situation, outcome);
      case 'blocked':
        return this.blocked(tx, situation, outcome);
      case 'outside-hours':
        return this.outsideHours(tx, situation, outcome);
      case 'unknown':
        return this.unknown(tx, situation, outcome.reason);
      case 'abandoned':
        return this.backToQueue(tx, situation, {
          dueAt: situation.now,
          waitKind: 'QUEUE',
          kind: 'abandoned',
          detail: outcome.reason,
        });
    }
  }

  private async accepted(tx: Tx, { message, submission, now }: Situation): Promise<void> {
    const sent = await this.deliveries.markSent(tx, { tenantId: message.tenantId, submissionId: submission.id }, now);
    await this.submissions.move(tx, submission, UNDER_WAY, { state: 'DONE', now, dueAt: null, releaseAt: null });
    await this.timeline.add(tx, message.tenantId, message.id, {
      kind: 'sent',
      detail: `${recipientsInWords(sent)} accepted by the provider`,
    });
  }

  private async refused(tx: Tx, situation: Situation, outcome: OutcomeOf<'refused'>): Promise<void> {
    const { message, submission, now } = situation;
    const of = { tenantId: message.tenantId, messageId: message.id, submissionId: submission.id };
    await this.deliveries.markWaiting(tx, of, now);
    let ended = 0;
    for (const { phoneNumber, code, reason } of outcome.recipients ?? []) {
      ended += await this.giveBack.execute(
        tx,
        { ...of, phoneNumbers: [phoneNumber] },
        { status: 'REFUSED', errorCode: code, errorMessage: reason, now },
      );
    }
    if (outcome.recipients === null) {
      ended = await this.giveBack.execute(tx, of, {
        status: 'REFUSED',
        errorCode: outcome.code,
        errorMessage: outcome.reason,
        now,
      });
    }
    await this.timeline.add(tx, message.tenantId, message.id, {
      kind: 'refused',
      detail: `${recipientsInWords(ended)}, paid back: ${outcome.reason}`,
    });
    const left = (await this.deliveries.waitingNumbers(tx, message.tenantId, submission.id)).length;
    if (left === 0) {
      await this.submissions.move(tx, submission, UNDER_WAY, { state: 'DONE', now, dueAt: null, releaseAt: null });
      return;
    }
    await this.submissions.move(tx, submission, UNDER_WAY, { state: 'QUEUED', now, dueAt: now, waitKind: 'QUEUE' });
    tx.afterCommit(() => this.wakeUps.announce(WORK.dispatch));
  }

  private async notSent(tx: Tx, situation: Situation, outcome: OutcomeOf<'not-sent'>): Promise<void> {
    const { submission, now } = situation;
    const delay = retryDelayMs(submission.attempts, this.ids.fraction(), outcome.retryAfterMs, NOT_SENT_RETRY);
    const waitKind = outcome.cause === 'rate-limited' ? 'RATE_LIMIT' : 'PROVIDER_DOWN';
    const dueAt = new Date(now.getTime() + delay);
    await this.backToQueue(tx, situation, { dueAt, waitKind, kind: 'not-sent', detail: outcome.reason });
  }

  private async blocked(tx: Tx, situation: Situation, outcome: OutcomeOf<'blocked' | 'outside-hours'>): Promise<void> {
    await this.markWaiting(tx, situation);
    await this.setAside.forAccount(tx, situation.submission, { ...outcome, now: situation.now });
  }

  /** A transactional SMS that meets quiet hours met a commercial account: the account is at fault. */
  private async outsideHours(tx: Tx, situation: Situation, outcome: OutcomeOf<'outside-hours'>): Promise<void> {
    if (situation.submission.category === 'TRANSACTIONAL') {
      await this.blocked(tx, situation, outcome);
      return;
    }
    await this.markWaiting(tx, situation);
    await this.setAside.forProvidersHours(tx, situation.submission, situation.now);
  }

  private async unknown(tx: Tx, { message, submission, now }: Situation, reason: string): Promise<void> {
    const of = { tenantId: message.tenantId, submissionId: submission.id };
    const doubtful = await this.deliveries.markUnconfirmed(tx, of, now);
    await this.submissions.move(tx, submission, UNDER_WAY, {
      state: 'UNCONFIRMED',
      now,
      dueAt: null,
      waitKind: 'DOUBT',
      waitDetail: reason,
    });
    await this.timeline.add(tx, message.tenantId, message.id, {
      kind: 'unconfirmed',
      detail: `${recipientsInWords(doubtful)}: ${reason}`,
    });
  }

  private async backToQueue(tx: Tx, situation: Situation, wait: Omit<QueueWait, 'now'>): Promise<void> {
    await this.markWaiting(tx, situation);
    await this.setAside.inQueue(tx, situation.submission, { ...wait, now: situation.now });
  }

  /** Provably not sent: whatever doubt there was is over. */
  private async markWaiting(tx: Tx, { message, submission, now }: Situation): Promise<void> {
    await this.deliveries.markWaiting(tx, { tenantId: message.tenantId, submissionId: submission.id }, now);
  }
}
