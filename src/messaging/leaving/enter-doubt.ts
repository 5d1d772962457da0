import { Injectable } from '@nestjs/common';
import { Transactions } from '../../kernel/index.js';
import { RecordOutcome } from './record-outcome.js';
import { type ClaimedSubmission, SubmissionStore } from '../submission.store.js';

const REASON = 'no answer was recorded: Relais or its database stopped between the call and the record';

/**
 * A submission whose lease ended while SENDING: its process died or lost the database between the committed attempt and
 * the recorded answer. The SMS may have gone, so it is in doubt; it is not called again.
 */
@Injectable()
export class EnterDoubt {
  constructor(
    private readonly transactions: Transactions,
    private readonly submissions: SubmissionStore,
    private readonly record: RecordOutcome,
  ) {}

  async execute(claimed: ClaimedSubmission): Promise<void> {
    const { tenantId, id, lease } = claimed;
    const submission = await this.transactions.run(tenantId, tx => this.submissions.find(tx, tenantId, id));
    if (submission?.state !== 'SENDING' || submission.lease !== lease || submission.attemptId === null) return;
    await this.record.execute({ tenantId, attemptId: submission.attemptId }, { status: 'unknown', reason: REASON });
  }
}
