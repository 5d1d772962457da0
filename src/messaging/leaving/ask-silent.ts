import { Injectable } from '@nestjs/common';
import { type TenantId, Transactions } from '../../kernel/index.js';
import type { Answer, ProviderStatus } from '../../providers/index.js';
import { DeliveryStore } from '../delivery.store.js';
import { readPhoneNumber } from '../recipients/phone-number.js';
import { SubmissionStore } from '../submission.store.js';
import { AskingAccounts } from './asking-accounts.js';
import { type Attempt, AttemptStore } from './attempt.store.js';

type SilentAnswer =
  | { readonly status: 'answered'; readonly attemptId: string | null; readonly value: readonly ProviderStatus[] }
  | { readonly status: 'no-answer'; readonly reason: string };

const NOTHING: SilentAnswer = { status: 'answered', attemptId: null, value: [] };

/** Asks the provider about those of a submission of whom no receipt came. */
@Injectable()
export class AskSilent {
  constructor(
    private readonly transactions: Transactions,
    private readonly submissions: SubmissionStore,
    private readonly attempts: AttemptStore,
    private readonly deliveries: DeliveryStore,
    private readonly accounts: AskingAccounts,
  ) {}

  /** Null where the submission is no longer in this worker's hands. */
  async execute(tenantId: TenantId, submissionId: string, lease: string): Promise<SilentAnswer | null> {
    const asked = await this.transactions.run(tenantId, async tx => {
      const submission = await this.submissions.find(tx, tenantId, submissionId);
      if (submission?.lease !== lease || submission.state !== 'DONE') return null;
      const attempt =
        submission.attemptId === null ? null : await this.attempts.find(tx, tenantId, submission.attemptId);
      return { attempt, numbers: await this.deliveries.sentTo(tx, tenantId, submissionId) };
    });
    if (asked === null) return null;
    const { attempt, numbers } = asked;
    if (attempt === null || numbers.length === 0) return NOTHING;
    const answer = await this.ask(attempt, numbers);
    return answer.status === 'no-answer'
      ? answer
      : { status: 'answered', attemptId: attempt.id, value: answer.value.map(inE164) };
  }

  private async ask(attempt: Attempt, numbers: readonly string[]): Promise<Answer<readonly ProviderStatus[]>> {
    const account = await this.accounts.of(attempt);
    if (account === null) return { status: 'no-answer', reason: 'the account that it was sent on is not at hand' };
    const { provider, credential } = account;
    const { providerMessageId } = attempt;
    // A receipt that settled a doubt need not have named it.
    if (providerMessageId === null) return provider.findByTag(attempt.tag, credential);
    return provider.statuses(
      numbers.map(phoneNumber => ({ providerMessageId, phoneNumber })),
      credential,
    );
  }
}

function inE164(status: ProviderStatus): ProviderStatus {
  const number = readPhoneNumber(status.phoneNumber);
  return number.ok ? Object.assign({}, status, { phoneNumber: number.e164 }) : status;
}
