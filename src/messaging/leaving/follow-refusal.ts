import { Injectable } from '@nestjs/common';
import { type Tx, WakeUps } from '../../kernel/index.js';
import { DeliveryStore } from '../delivery.store.js';
import { SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';
import { type EndedAttempt, UNDER_WAY } from './ended-attempt.js';
import { idsOf, type InHand } from './in-hand.js';
import { type Refusal, RefuseRecipients } from './refuse-recipients.js';
import { WORK } from './work-topics.js';

/**
 * The provider said no: to the whole call, or to some of its recipients, and then the others go in a new one. Where messages
 * that have nothing to do with each other shared the call and nobody is named, one must not take the others down: they are
 * asked for again in half as large calls, until those that the provider does not want stand alone. A batch was asked for as
 * one, and is refused as one.
 */
@Injectable()
export class FollowRefusal {
  constructor(
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly refuse: RefuseRecipients,
    private readonly timeline: TimelineStore,
    private readonly wakeUps: WakeUps,
  ) {}

  async execute(tx: Tx, attempt: EndedAttempt, refusal: Refusal): Promise<void> {
    const { tenantId, members, now } = attempt;
    await this.deliveries.markWaiting(tx, { tenantId, submissionIds: idsOf(members) }, now);
    if (refusal.recipients === null && members.length > 1 && members.every(notOfBatch)) {
      await this.inSmallerCalls(tx, attempt, refusal);
      return;
    }
    await this.refuse.execute(tx, members, refusal);
    const waiting = await this.deliveries.waiting(tx, tenantId, idsOf(members));
    const done = idsOf(members).filter(id => !waiting.has(id));
    await this.submissions.finish(tx, tenantId, done, UNDER_WAY, now);
    const left = members.filter(({ submission }) => waiting.has(submission.id));
    await this.queue(tx, { ...attempt, members: left });
  }

  private async inSmallerCalls(tx: Tx, attempt: EndedAttempt, { code, reason }: Refusal): Promise<void> {
    const { tenantId, members } = attempt;
    await this.queue(tx, attempt, Math.ceil(members.length / 2));
    const detail = `refused with ${members.length - 1} others, nobody named (${code}: ${reason}); asked for again in a smaller call`;
    const events = members.map(({ submission: { messageId } }) => ({ messageId, kind: 'not-sent', detail }) as const);
    await this.timeline.addAll(tx, tenantId, events);
  }

  private async queue(tx: Tx, { tenantId, members, now }: EndedAttempt, together?: number): Promise<void> {
    if (members.length === 0) return;
    const to = {
      state: 'QUEUED',
      now,
      dueAt: now,
      waitKind: 'QUEUE',
      ...(together !== undefined && { together }),
    } as const;
    const moves = members.map(({ submission }) => ({ submission, to }));
    await this.submissions.moveAll(tx, tenantId, UNDER_WAY, moves);
    tx.afterCommit(() => this.wakeUps.announce(WORK.dispatch));
  }
}

const notOfBatch = ({ changing: { message } }: InHand): boolean => message.batchId === null;
