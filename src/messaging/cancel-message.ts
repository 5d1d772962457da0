import { Injectable } from '@nestjs/common';
import { NotFound, type TenantId } from '../kernel/index.js';
import { ChangeMessage } from './change-message.js';
import { recipientsInWords } from './explain.js';
import { GiveBack } from './give-back.js';
import { TooLate } from './messaging.errors.js';
import { SubmissionStore } from './submission.store.js';
import { TimelineStore } from './timeline.store.js';
import { NOT_YET_GONE } from './waiting-states.js';

@Injectable()
export class CancelMessage {
  constructor(
    private readonly change: ChangeMessage,
    private readonly submissions: SubmissionStore,
    private readonly giveBack: GiveBack,
    private readonly timeline: TimelineStore,
  ) {}

  /** Stops whatever of it has provably not gone and pays it back. Throws NotFound, and TooLate where nothing is left. */
  async execute(tenantId: TenantId, id: string): Promise<void> {
    const done = await this.change.execute(tenantId, id, async (tx, { message, now, touch }) => {
      let recipients = 0;
      let stopped = false;
      for (const submission of await this.submissions.ofMessages(tx, tenantId, [id])) {
        const to = { state: 'DONE', now, dueAt: null, releaseAt: null } as const;
        if (!(await this.submissions.move(tx, submission, NOT_YET_GONE, to))) continue;
        const of = { tenantId, messageId: id, submissionId: submission.id };
        recipients += await this.giveBack.execute(tx, of, {
          status: 'CANCELLED',
          errorCode: null,
          errorMessage: null,
          now,
        });
        stopped = true;
        touch(submission.id);
      }
      if (!stopped) throw new TooLate(message.status);
      await this.timeline.add(tx, tenantId, id, {
        kind: 'cancelled',
        detail: `${recipientsInWords(recipients)}, paid back`,
      });
      return true;
    });
    if (done === null) throw new NotFound('message');
  }
}
