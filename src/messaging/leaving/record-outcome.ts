import { Injectable } from '@nestjs/common';
import { crashPoint, Metrics, PLATFORM, type TenantId, Transactions, type Tx } from '../../kernel/index.js';
import { type Changing, ChangeMessage } from '../change-message.js';
import { SubmissionStore } from '../submission.store.js';
import type { CallOutcome } from './attempt-outcome.js';
import { type AttemptEnd, AttemptStore } from './attempt.store.js';
import { BlockedAccounts } from './blocked-accounts.js';
import { FollowOutcome } from './follow-outcome.js';
import { type InHand, touchAll } from './in-hand.js';
import { ProvidersFigures } from './providers-figures.js';

/** Writes down how an attempt ended, once, with what follows for its submissions. */
@Injectable()
export class RecordOutcome {
  constructor(
    private readonly transactions: Transactions,
    private readonly change: ChangeMessage,
    private readonly submissions: SubmissionStore,
    private readonly attempts: AttemptStore,
    private readonly follow: FollowOutcome,
    private readonly figures: ProvidersFigures,
    private readonly blocked: BlockedAccounts,
    private readonly metrics: Metrics,
  ) {}

  execute(attempt: AttemptName, outcome: CallOutcome): Promise<void> {
    const { tenantId, attemptId } = attempt;
    // The platform's rows too: its account may turn out to be blocked.
    return this.transactions.run([tenantId, PLATFORM], async tx => {
      const messageIds = await this.submissions.messagesOfAttempt(tx, tenantId, attemptId);
      await this.change.several(tx, tenantId, messageIds, changes => this.record(tx, attempt, outcome, changes));
    });
  }

  private async record(tx: Tx, attempt: AttemptName, outcome: CallOutcome, changes: Changes): Promise<void> {
    const { tenantId, attemptId } = attempt;
    const members = (await this.submissions.ofAttempt(tx, tenantId, attemptId)).flatMap((submission): InHand[] => {
      const changing = changes.get(submission.messageId);
      // An answer that comes after its lease ended still settles the doubt that began meanwhile.
      const open =
        submission.state === 'SENDING' || (submission.state === 'UNCONFIRMED' && outcome.status !== 'unknown');
      return changing !== undefined && open && submission.attemptId === attemptId ? [{ submission, changing }] : [];
    });
    const [first] = members;
    if (first === undefined) return;
    const { now } = first.changing;
    if (!(await this.attempts.finish(tx, tenantId, attemptId, endOf(outcome, now)))) return;
    tx.afterCommit(() => this.metrics.attempts.inc({ outcome: outcome.status }));
    touchAll(members);
    if (outcome.status === 'accepted') await this.figures.compare(tx, members, outcome);
    // What reaches nobody tells nothing of an account.
    if (!first.changing.message.sandbox) await this.account(tx, attempt, outcome, now);
    await this.follow.execute(tx, { tenantId, attemptId, members, now }, outcome);
    crashPoint('dispatch.before-record-commit');
  }

  /** What the answer tells of the account: that it refuses to send, or that it does so no longer. */
  private async account(
    tx: Tx,
    { tenantId, attemptId, probe }: AttemptName,
    outcome: CallOutcome,
    now: Date,
  ): Promise<void> {
    const refuses = outcome.status === 'blocked';
    const works = probe === true && (outcome.status === 'accepted' || outcome.status === 'refused');
    if (!refuses && !works) return;
    const attempt = await this.attempts.find(tx, tenantId, attemptId);
    if (attempt === null) return;
    const account = { tenantId, owner: attempt.credential, provider: attempt.provider };
    if (refuses)
      await this.blocked.block(tx, account, { code: outcome.code, reason: outcome.reason, now, probe: probe === true });
    else await this.blocked.works(tx, account);
  }
}

interface AttemptName {
  readonly tenantId: TenantId;
  readonly attemptId: string;
  /** The account was blocked, and this call was to find out whether it still is. */
  readonly probe?: boolean;
}

type Changes = ReadonlyMap<string, Changing>;

/** What the columns hold. An odd figure of the provider must not undo the record of an SMS that went. */
const MOST_PARTS = 1_000_000;
const COST = /^\d{1,9}(\.\d+)?$/;

function endOf(outcome: CallOutcome, now: Date): AttemptEnd {
  switch (outcome.status) {
    case 'accepted':
      return {
        outcome: 'accepted',
        now,
        providerMessageId: outcome.providerMessageId,
        parts: outcome.parts !== null && outcome.parts <= MOST_PARTS ? outcome.parts : null,
        cost: outcome.cost !== null && COST.test(outcome.cost) ? outcome.cost : null,
        currency: outcome.currency,
      };
    case 'refused':
    case 'blocked':
    case 'outside-hours':
      return { outcome: outcome.status, now, code: outcome.code, reason: outcome.reason };
    case 'not-sent':
    case 'unknown':
    case 'abandoned':
      return { outcome: outcome.status, now, reason: outcome.reason };
  }
}
