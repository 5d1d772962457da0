import { Injectable, Logger } from '@nestjs/common';
import { Ids, type Tx, WakeUps } from '../kernel/index.js';
import type { SendOutcome } from '../providers/index.js';
import { SendWindows } from '../scheduling/index.js';
import type { Abandoned } from './attempt-outcome.js';
import { DeliveryStore } from './delivery.store.js';
import { recipientsInWords } from './explain.js';
import { GiveBack } from './give-back.js';
import type { Message } from './message.js';
import { BLOCKED_RETRY_MS, NOT_SENT_RETRY, retryDelayMs } from './retry-delay.js';
import { SetAside } from './set-aside.js';
import { type Submission, SubmissionStore } from './submission.store.js';
import { TimelineStore } from './timeline.store.js';
import { WORK } from './work-topics.js';

interface Situation {
  readonly message: Message;
  readonly submission: Submission;
  readonly now: Date;
}

interface BackToQueue {
  readonly dueAt: Date;
  readonly waitKind: 'QUEUE' | 'RATE_LIMIT' | 'PROVIDER_DOWN' | 'PROVIDER_ACCOUNT';
  readonly kind: 'not-sent' | 'blocked' | 'abandoned';
  readonly detail: string;
}

type OutcomeOf<S extends SendOutcome['status']> = Extract<SendOutcome, { status: S }>;

const UNDER_WAY = ['SENDING', 'UNCONFIRMED'] as const;

/** What each of the provider's answers means for the submission (a message's life, step 4). */
@Injectable()
export class FollowOutcome {
  private readonly log = new Logger(FollowOutcome.name);

  constructor(
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly giveBack: GiveBack,
    private readonly setAside: SetAside,
    private readonly timeline: TimelineStore,
    private readonly windows: SendWindows,
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
    if (ended === 0) throw new Error('a refusal named recipients that the attempt did not carry');
    await this.submissions.move(tx, submission, UNDER_WAY, { state: 'QUEUED', now, dueAt: now, waitKind: 'QUEUE' });
    tx.afterCommit(() => this.wakeUps.announce(WORK.dispatch));
  }

  private async notSent(tx: Tx, situation: Situation, outcome: OutcomeOf<'not-sent'>): Promise<void> {
    const { submission, now } = situation;
    const delay = retryDelayMs(submission.attempts, this.ids.fraction(), outcome.retryAfterMs, NOT_SENT_RETRY);
    const dueAt = new Date(Math.min(now.getTime() + delay, submission.expiresAt.getTime()));
    const waitKind = outcome.cause === 'rate-limited' ? 'RATE_LIMIT' : 'PROVIDER_DOWN';
    await this.backToQueue(tx, situation, { dueAt, waitKind, kind: 'not-sent', detail: outcome.reason });
  }

  private async blocked(
    tx: Tx,
    situation: Situation,
    { code, reason }: { readonly code: string; readonly reason: string },
  ): Promise<void> {
    const { message, submission, now } = situation;
    this.log.error({
      message: 'ALARM: the provider account refuses to send; everything of it waits',
      tenantId: message.tenantId,
      code,
      reason,
    });
    const dueAt = new Date(Math.min(now.getTime() + BLOCKED_RETRY_MS, submission.expiresAt.getTime()));
    await this.backToQueue(tx, situation, { dueAt, waitKind: 'PROVIDER_ACCOUNT', kind: 'blocked', detail: reason });
  }

  /** Commercial: held on to the next opening. A transactional SMS met a commercial account: the account is at fault. */
  private async outsideHours(tx: Tx, situation: Situation, outcome: OutcomeOf<'outside-hours'>): Promise<void> {
    const { message, submission, now } = situation;
    if (submission.category === 'TRANSACTIONAL') {
      await this.blocked(tx, situation, outcome);
      return;
    }
    await this.deliveries.markWaiting(tx, { tenantId: message.tenantId, submissionId: submission.id }, now);
    const hold = this.windows.holdForProvider(submission.territory, now);
    await this.setAside.untilOpening(tx, message, submission, { hold, now });
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

  private async backToQueue(tx: Tx, { message, submission, now }: Situation, to: BackToQueue): Promise<void> {
    await this.deliveries.markWaiting(tx, { tenantId: message.tenantId, submissionId: submission.id }, now);
    await this.submissions.move(tx, submission, UNDER_WAY, {
      state: 'QUEUED',
      now,
      dueAt: to.dueAt,
      waitKind: to.waitKind,
      waitDetail: to.detail,
    });
    await this.timeline.add(tx, message.tenantId, message.id, { kind: to.kind, detail: to.detail });
  }
}
