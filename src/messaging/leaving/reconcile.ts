import { Injectable, Logger } from '@nestjs/common';
import { Clock, Ids, type TenantId, Transactions, type Tx } from '../../kernel/index.js';
import type { Answer, ProviderStatus } from '../../providers/index.js';
import { readPhoneNumber } from '../recipients/phone-number.js';
import { type ClaimedSubmission, SubmissionStore } from '../submission.store.js';
import { ApplyDeliveryReports } from './apply-delivery-reports.js';
import { AskingAccounts } from './asking-accounts.js';
import { type Attempt, AttemptStore } from './attempt.store.js';
import { FollowAbsence } from './follow-absence.js';
import { LOOKUP_RETRY, retryDelayMs } from './retry-delay.js';

/** One lookup of an attempt at a time: as long as an answer may take, and then some. */
const LOOKUP_TAKES_MS = 25_000;
const OTHER_ACCOUNT =
  'the account that the call was made on is no longer the one that is configured, so nobody can be asked';

/**
 * Settles doubt by asking (a message's life, step 5): the provider is asked by the attempt's tag, on the attempt's own
 * account. What it knows went. What it denies twice in well-formed answers, a grace apart, did not.
 */
@Injectable()
export class Reconcile {
  private readonly log = new Logger(Reconcile.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly submissions: SubmissionStore,
    private readonly attempts: AttemptStore,
    private readonly accounts: AskingAccounts,
    private readonly reports: ApplyDeliveryReports,
    private readonly absence: FollowAbsence,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** A submission in doubt whose time for a look has come: its attempt is looked up, with all that it carried. */
  async execute({ tenantId, id, lease }: ClaimedSubmission): Promise<void> {
    const attempt = await this.transactions.run(tenantId, async tx => {
      const submission = await this.submissions.find(tx, tenantId, id);
      if (submission?.lease !== lease || submission.state !== 'UNCONFIRMED' || submission.attemptId === null)
        return null;
      const now = this.clock.now();
      const before = new Date(now.getTime() - LOOKUP_TAKES_MS);
      return this.attempts.startLookup(tx, tenantId, submission.attemptId, { now, before });
    });
    if (attempt === null) return;
    const answer = await this.lookUp(attempt);
    await this.transactions.run(tenantId, tx => this.follow(tx, tenantId, attempt, answer));
  }

  private async lookUp(attempt: Attempt): Promise<Answer<readonly ProviderStatus[]>> {
    const account = await this.accounts.of(attempt);
    return account === null
      ? { status: 'no-answer', reason: OTHER_ACCOUNT }
      : account.provider.findByTag(attempt.tag, account.credential);
  }

  private async follow(
    tx: Tx,
    tenantId: TenantId,
    attempt: Attempt,
    answer: Answer<readonly ProviderStatus[]>,
  ): Promise<void> {
    const name = { tenantId, attemptId: attempt.id };
    if (answer.status === 'no-answer') {
      this.log.warn({ message: 'a doubtful call could not be looked up', ...name, reason: answer.reason });
      const delay = retryDelayMs(attempt.lookups, this.ids.fraction(), null, LOOKUP_RETRY);
      const again = new Date(this.clock.now().getTime() + delay);
      const detail = answer.reason === OTHER_ACCOUNT ? OTHER_ACCOUNT : null;
      await this.submissions.lookAgain(tx, tenantId, attempt.id, { dueAt: again, detail });
      return;
    }
    await this.reports.execute(tx, name, answer.value.flatMap(reportOf));
    await this.absence.execute(tx, attempt, attempt.lookedAt ?? this.clock.now());
  }
}

/** Whatever status it has, the provider knows it: it went. */
function reportOf({ phoneNumber: given, status, providerMessageId }: ProviderStatus) {
  if (status === 'not-found') return [];
  const number = readPhoneNumber(given);
  return [{ phoneNumber: number.ok ? number.e164 : given, status, errorCode: null, providerMessageId }];
}
