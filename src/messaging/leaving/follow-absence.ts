import { Injectable } from '@nestjs/common';
import { type Tenant, TenantStore } from '../../accounts/index.js';
import { AppConfig, type Tx } from '../../kernel/index.js';
import { type Changing, ChangeMessage } from '../change-message.js';
import { SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';
import { type Attempt, AttemptStore } from './attempt.store.js';
import type { InHand } from './in-hand.js';
import { SendAgain } from './send-again.js';

const DENIED = 'the provider was asked twice, a grace apart, and knows nothing of it';

/** After a well-formed lookup: what of the attempt is still in doubt the provider denied, for the first or the second time. */
@Injectable()
export class FollowAbsence {
  constructor(
    private readonly change: ChangeMessage,
    private readonly tenants: TenantStore,
    private readonly attempts: AttemptStore,
    private readonly submissions: SubmissionStore,
    private readonly again: SendAgain,
    private readonly timeline: TimelineStore,
    private readonly config: AppConfig,
  ) {}

  /** `askedAt`: a question counts by when it was asked, since its answer may be written down much later. */
  async execute(tx: Tx, { tenantId, id: attemptId }: Pick<Attempt, 'tenantId' | 'id'>, askedAt: Date): Promise<void> {
    const carried = await this.submissions.ofAttempt(tx, tenantId, attemptId);
    const messageIds = [...new Set(carried.map(({ messageId }) => messageId))];
    await this.change.several(tx, tenantId, messageIds, async changes => {
      const attempt = await this.attempts.find(tx, tenantId, attemptId);
      const tenant = await this.tenants.find(tx, tenantId);
      if (attempt === null || tenant === null) return;
      const doubtful = await this.doubtful(tx, attempt, changes);
      const [first] = doubtful;
      if (first === undefined) return;
      const { now } = first.changing;
      const proved = this.isProved(attempt, askedAt);
      if (!proved) await this.denied(tx, attempt, now);
      else await this.proved(tx, attempt, tenant, doubtful);
    });
  }

  private async doubtful(tx: Tx, { tenantId, id }: Attempt, changes: ReadonlyMap<string, Changing>): Promise<InHand[]> {
    return (await this.submissions.ofAttempt(tx, tenantId, id)).flatMap((submission): InHand[] => {
      const changing = changes.get(submission.messageId);
      const inDoubt = submission.state === 'UNCONFIRMED' && submission.attemptId === id;
      return changing !== undefined && inDoubt ? [{ submission, changing }] : [];
    });
  }

  private get graceMs(): number {
    return this.config.doubtGraceSeconds * 1_000;
  }

  private isProved({ absentSince }: Attempt, now: Date): boolean {
    return absentSince !== null && now.getTime() - absentSince.getTime() >= this.graceMs;
  }

  /** For the first time, or again within the grace. */
  private async denied(tx: Tx, { tenantId, id, absentSince }: Attempt, now: Date): Promise<void> {
    await this.attempts.noteAbsence(tx, tenantId, id, now);
    const again = new Date((absentSince ?? now).getTime() + this.graceMs);
    await this.submissions.lookAgain(tx, tenantId, id, { dueAt: again, detail: null });
  }

  private async proved(tx: Tx, attempt: Attempt, tenant: Tenant, members: readonly InHand[]): Promise<void> {
    const { tenantId, id } = attempt;
    if (!tenant.resendWhenAbsent) {
      for (const { submission } of members) {
        await this.timeline.add(tx, tenantId, submission.messageId, { kind: 'denied', detail: DENIED });
      }
      await this.submissions.awaitAdministrator(tx, tenantId, id, `${DENIED}; an administrator decides`);
      return;
    }
    for (const member of members) await this.again.execute(tx, member, DENIED);
    const now = members[0]?.changing.now;
    if (now !== undefined) await this.attempts.finish(tx, tenantId, id, { outcome: 'absent', now, reason: DENIED });
  }
}
