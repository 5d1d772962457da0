import { Injectable } from '@nestjs/common';
import type { Tx } from '../kernel/index.js';
import type { HoldReason } from '../scheduling/index.js';
import { recipientsInWords, toStoredHold } from './explain.js';
import { GiveBack } from './give-back.js';
import type { Message } from './message.js';
import { type Submission, SubmissionStore } from './submission.store.js';
import { TimelineStore } from './timeline.store.js';

/** Where a submission goes that must not or cannot leave now. The caller holds the message's lock and refreshes it. */
@Injectable()
export class SetAside {
  constructor(
    private readonly submissions: SubmissionStore,
    private readonly giveBack: GiveBack,
    private readonly timeline: TimelineStore,
  ) {}

  /** Its window is closed, or the provider's: HELD until the next opening. */
  async untilOpening(
    tx: Tx,
    message: Message,
    submission: Submission,
    { hold, now }: { hold: HoldReason; now: Date },
  ): Promise<void> {
    const detail = `${recipientsInWords(submission.waiting)}: ${hold.explanation}`;
    await this.timeline.add(tx, message.tenantId, message.id, { kind: 'held', detail });
    const latest = new Date(hold.releaseAt.getTime() + message.validitySeconds * 1_000);
    await this.submissions.move(tx, submission, ['SCHEDULED', 'HELD', 'QUEUED', 'SENDING', 'UNCONFIRMED'], {
      state: 'HELD',
      now,
      releaseAt: hold.releaseAt,
      dueAt: hold.releaseAt,
      // Hours that the law takes are not taken from its validity.
      expiresAt: latest > submission.expiresAt ? latest : submission.expiresAt,
      hold: toStoredHold(hold),
    });
  }

  /** Its validity is over: it will not leave any more, and is paid back. */
  async asExpired(tx: Tx, submission: Submission, now: Date): Promise<void> {
    const { tenantId, messageId, id } = submission;
    const errorMessage = 'It could not leave within its validity.';
    const end = { status: 'REFUSED', errorCode: 'VALIDITY_EXPIRED', errorMessage, now } as const;
    const ended = await this.giveBack.execute(tx, { tenantId, messageId, submissionId: id }, end);
    await this.timeline.add(tx, tenantId, messageId, {
      kind: 'expired',
      detail: `${recipientsInWords(ended)}, paid back: ${submission.waitDetail ?? errorMessage}`,
    });
    await this.submissions.move(tx, submission, ['QUEUED', 'SENDING'], { state: 'DONE', now, dueAt: null });
  }

  /** Its tenant was suspended a moment ago: it waits where it is, and is not claimed again before the tenant is active. */
  async forSuspension(tx: Tx, submission: Submission, now: Date): Promise<void> {
    await this.submissions.move(tx, submission, ['QUEUED'], { state: 'QUEUED', now, dueAt: now, waitKind: 'QUEUE' });
  }
}
