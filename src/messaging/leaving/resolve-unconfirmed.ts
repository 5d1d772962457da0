import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../accounts/index.js';
import { asTenantId, NotFound, type TenantId, Transactions } from '../../kernel/index.js';
import { ChangeMessage } from '../change-message.js';
import { recipientsInWords } from '../explain.js';
import { GiveBack } from '../give-back.js';
import { MessageStore } from '../message.store.js';
import { SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';
import { SendAgain } from './send-again.js';

export interface Resolution {
  readonly messageId: string;
  /** True: it is sent again; false: it is given up and paid back. */
  readonly resend: boolean;
  readonly reason: string;
  readonly actorKeyId: string;
}

/** Closes a doubt by hand, where neither a receipt nor a lookup does. Only an administrator may: it can send an SMS twice. */
@Injectable()
export class ResolveUnconfirmed {
  constructor(
    private readonly transactions: Transactions,
    private readonly change: ChangeMessage,
    private readonly messages: MessageStore,
    private readonly submissions: SubmissionStore,
    private readonly again: SendAgain,
    private readonly giveBack: GiveBack,
    private readonly timeline: TimelineStore,
    private readonly audit: AuditTrail,
  ) {}

  /** Answers whose message it is. Throws NotFound where there is none of that id in doubt. */
  async execute(resolution: Resolution): Promise<TenantId> {
    const { messageId, resend, reason, actorKeyId } = resolution;
    const owner = await this.transactions.run([], tx => this.messages.ownerOfUnconfirmed(tx, messageId));
    if (owner === null) throw new NotFound('message in doubt');
    const tenantId = asTenantId(owner);
    await this.change.execute(tenantId, messageId, async (tx, changing) => {
      const all = await this.submissions.ofMessages(tx, tenantId, [messageId]);
      const doubtful = all.filter(({ state }) => state === 'UNCONFIRMED');
      if (doubtful.length === 0) throw new NotFound('message in doubt');
      for (const submission of doubtful) {
        changing.touch(submission.id);
        if (!resend) continue;
        // A decision that comes after the validity is a decision to send: it begins anew.
        const expiresAt = new Date(changing.now.getTime() + changing.message.validitySeconds * 1_000);
        const why = 'an administrator decided to send it again';
        await this.again.execute(tx, { submission, changing }, why, expiresAt);
      }
      if (!resend) {
        const submissionIds = doubtful.map(({ id }) => id);
        const end = { status: 'REFUSED', errorCode: 'GIVEN_UP', errorMessage: 'An administrator gave it up.' } as const;
        const ended = await this.giveBack.execute(tx, { changes: [changing], submissionIds }, end);
        await this.submissions.finish(tx, tenantId, submissionIds, ['UNCONFIRMED'], changing.now);
        const detail = `${recipientsInWords(ended.get(messageId) ?? 0)}, paid back: an administrator gave it up`;
        await this.timeline.add(tx, tenantId, messageId, { kind: 'given-up', detail });
      }
      const detail = { messageId, resend, reason };
      await this.audit.record(tx, tenantId, { actorKeyId, action: 'message.resolved', detail });
    });
    return tenantId;
  }
}
