import { Injectable } from '@nestjs/common';
import { InvalidArgument, NotFound, type TenantId } from '../kernel/index.js';
import { type HoldReason, SendWindows } from '../scheduling/index.js';
import { ChangeMessage } from './change-message.js';
import { departureOf } from './asking/departure.js';
import { recipientsInWords, toStoredHold } from './explain.js';
import type { LockedMessage } from './message.js';
import { MessageStore } from './message.store.js';
import { TooLate } from './messaging.errors.js';
import { scheduleProblem } from './asking/sms-options.js';
import type { SubmissionMove } from './submission-move.js';
import { type Submission, SubmissionStore } from './submission.store.js';
import { TimelineStore } from './timeline.store.js';
import { NOT_YET_GONE } from './waiting-states.js';

type Rescheduling = Omit<SubmissionMove, 'hold'> & { readonly hold: HoldReason | null };

@Injectable()
export class RescheduleMessage {
  constructor(
    private readonly change: ChangeMessage,
    private readonly messages: MessageStore,
    private readonly submissions: SubmissionStore,
    private readonly timeline: TimelineStore,
    private readonly windows: SendWindows,
  ) {}

  /** Moves whatever of it has provably not gone to `at`. Throws NotFound, InvalidArgument, and TooLate where nothing is left. */
  async execute(tenantId: TenantId, id: string, at: Date): Promise<void> {
    const done = await this.change.execute(tenantId, id, async (tx, { message, now, touch, turn }) => {
      const problem = scheduleProblem(at, now);
      if (problem !== null) throw new InvalidArgument('at', problem.message.replace(/^at /, ''));
      let moved = false;
      const held: string[] = [];
      for (const submission of await this.submissions.ofMessages(tx, tenantId, [id])) {
        const { hold, ...to } = this.moveTo(submission, message, at, now);
        const stored = hold && toStoredHold(hold);
        if (!(await this.submissions.move(tx, submission, NOT_YET_GONE, { ...to, hold: stored }))) continue;
        moved = true;
        touch(submission.id);
        if (hold === null) continue;
        turn('held');
        held.push(`${recipientsInWords(submission.waiting)}: ${hold.explanation}`);
      }
      if (!moved) throw new TooLate(message.status);
      await this.messages.setSchedule(tx, tenantId, id, at);
      await this.timeline.add(tx, tenantId, id, { kind: 'rescheduled', detail: `for ${at.toISOString()}` });
      for (const detail of held) await this.timeline.add(tx, tenantId, id, { kind: 'held', detail });
      return true;
    });
    if (done === null) throw new NotFound('message');
  }

  private moveTo(submission: Submission, message: LockedMessage, at: Date, now: Date): Rescheduling {
    const { state, releaseAt, hold } = departureOf(this.windows, submission, at, now);
    const leavesAt = releaseAt ?? at;
    return {
      state,
      now,
      releaseAt: leavesAt,
      dueAt: leavesAt,
      expiresAt: new Date(leavesAt.getTime() + message.validitySeconds * 1_000),
      hold,
    };
  }
}
