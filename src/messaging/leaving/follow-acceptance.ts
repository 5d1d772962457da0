import { Injectable } from '@nestjs/common';
import type { Tx } from '../../kernel/index.js';
import type { BulkOutcome, SendOutcome } from '../../providers/index.js';
import { DeliveryStore } from '../delivery.store.js';
import { recipientsInWords } from '../explain.js';
import { SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';
import { type EndedAttempt, UNDER_WAY } from './ended-attempt.js';
import { countedAll, idsOf, type InHand } from './in-hand.js';
import { RefuseRecipients } from './refuse-recipients.js';
import { FIRST_LOOKUP_MS } from './retry-delay.js';

type Accepted = Extract<BulkOutcome | SendOutcome, { status: 'accepted' }>;

/** How many of its recipients, by submission. */
type Sent = ReadonlyMap<string, number>;

const UNMENTIONED = 'the provider accepted the call and says nothing of this recipient';

/** The provider took the call: whom it names as refused is refused, whom it does not name is in doubt, the rest is sent. */
@Injectable()
export class FollowAcceptance {
  constructor(
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly refuse: RefuseRecipients,
    private readonly timeline: TimelineStore,
  ) {}

  async execute(tx: Tx, attempt: EndedAttempt, outcome: Accepted): Promise<void> {
    const { tenantId, attemptId, members, now } = attempt;
    const { refused, unmentioned } = 'refused' in outcome ? outcome : { refused: [], unmentioned: [] };
    if (refused.length > 0) {
      const refusal = { code: '55', reason: 'refused by the provider, the others of the call were accepted' };
      await this.refuse.execute(tx, members, { ...refusal, recipients: refused });
    }
    const doubted =
      unmentioned.length === 0 ? [] : await this.deliveries.carriedTo(tx, tenantId, attemptId, unmentioned);
    const doubtful = new Set(doubted.map(delivery => delivery.submissionId));
    const certain = members.filter(({ submission }) => !doubtful.has(submission.id));
    const sent = await this.deliveries.markSent(tx, { tenantId, submissionIds: idsOf(certain) }, now);
    const events = members.flatMap(({ submission }) => {
      const count = sent.get(submission.id) ?? 0;
      const detail = `${recipientsInWords(count)} accepted by the provider`;
      return count === 0 ? [] : [{ messageId: submission.messageId, kind: 'sent' as const, detail }];
    });
    await Promise.all([
      this.finish(tx, { ...attempt, members: certain }, sent),
      this.timeline.addAll(tx, tenantId, events),
    ]);
    if (doubtful.size > 0) await this.doubt(tx, attempt, doubtful, unmentioned);
  }

  /** Nearly always all that was open of a submission is sent now: its counts are known, and written with its state. */
  private async finish(tx: Tx, { tenantId, members, now }: EndedAttempt, sent: Sent): Promise<void> {
    const isWhole = ({ submission: { id, waiting, unconfirmed } }: InHand): boolean =>
      sent.get(id) === waiting + unconfirmed;
    const whole = members.filter(isWhole);
    const others = members.filter(member => !isWhole(member));
    const finished = await this.submissions.finishSent(tx, tenantId, idsOf(whole), UNDER_WAY, now);
    if (finished === whole.length) countedAll(whole);
    if (others.length > 0) await this.submissions.finish(tx, tenantId, idsOf(others), UNDER_WAY, now);
  }

  private async doubt(
    tx: Tx,
    { tenantId, members, now }: EndedAttempt,
    doubtful: ReadonlySet<string>,
    unmentioned: readonly string[],
  ): Promise<void> {
    const inDoubt = members.filter(({ submission }) => doubtful.has(submission.id));
    const of = { tenantId, submissionIds: idsOf(inDoubt) };
    await this.deliveries.markUnconfirmed(tx, { ...of, phoneNumbers: unmentioned }, now);
    const waiting = await this.deliveries.waiting(tx, tenantId, of.submissionIds);
    const named = [...new Set([...waiting.values()].flat())];
    if (named.length > 0) await this.deliveries.markSent(tx, { ...of, phoneNumbers: named }, now);
    const dueAt = new Date(now.getTime() + FIRST_LOOKUP_MS);
    const doubt = { state: 'UNCONFIRMED', now, dueAt, waitKind: 'DOUBT', waitDetail: UNMENTIONED } as const;
    const moves = inDoubt.map(({ submission }) => ({ submission, to: doubt }));
    await this.submissions.moveAll(tx, tenantId, UNDER_WAY, moves);
    const events = inDoubt.map(({ submission: { messageId } }) => {
      return { messageId, kind: 'unconfirmed', detail: UNMENTIONED } as const;
    });
    await this.timeline.addAll(tx, tenantId, events);
  }
}
