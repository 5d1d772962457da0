import { Injectable } from '@nestjs/common';
import { asTenantId, type Category, type TenantId, type Tx } from '../../kernel/index.js';
import type { ClaimedSubmission } from '../submission.store.js';
import type { SubmissionState } from '../submission-state.js';

export interface ClaimOf {
  readonly state: SubmissionState;
  readonly category: Category;
  /** Begin with the tenant after this one. */
  readonly after: TenantId;
  /** For what is queued: through whom it is to leave. Else null. */
  readonly provider: string | null;
}

export interface Lease {
  readonly id: string;
  readonly now: Date;
  readonly until: Date;
  readonly limit: number;
}

/** What may have left is followed whatever became of its tenant. */
const LEFT: ReadonlySet<SubmissionState> = new Set(['UNCONFIRMED', 'DONE']);

@Injectable()
export class ClaimStore {
  /** Due submissions of one state and category, over all active tenants in turn (named functions). */
  async claim(tx: Tx, of: ClaimOf, lease: Lease): Promise<ClaimedSubmission[]> {
    const leased = [lease.now, lease.until, lease.id, lease.limit];
    const rows = await (of.provider === null
      ? tx.rows<ClaimedRow>(
          `select ${CLAIMED} from ${LEFT.has(of.state) ? 'claim_left_submissions' : 'claim_submissions'}($1, $2, $3, $4, $5, $6, $7)`,
          [of.state, of.category, of.after, ...leased],
        )
      : tx.rows<ClaimedRow>(`select ${CLAIMED} from claim_queued_submissions($1, $2, $3, $4, $5, $6, $7)`, [
          of.provider,
          of.category,
          of.after,
          ...leased,
        ]));
    return rows.map(row => claimedOf(row, lease, of.category));
  }

  /** Queued submissions that wait for no account: those of the sandbox, and those whose validity is over. */
  async claimWithoutAccount(tx: Tx, lease: Lease): Promise<ClaimedSubmission[]> {
    const rows = await tx.rows<ClaimedRow>(`select ${CLAIMED} from claim_submissions_without_account($1, $2, $3, $4)`, [
      lease.now,
      lease.until,
      lease.id,
      lease.limit,
    ]);
    return rows.map(row => claimedOf(row, lease, 'COMMERCIAL'));
  }
}

type ClaimedRow = { readonly tenantId: string; readonly messageId: string; readonly id: string };

const CLAIMED = `tenant_id as "tenantId", message_id as "messageId", id`;

const claimedOf = ({ tenantId, messageId, id }: ClaimedRow, lease: Lease, category: Category): ClaimedSubmission => ({
  tenantId: asTenantId(tenantId),
  messageId,
  id,
  lease: lease.id,
  urgent: category === 'TRANSACTIONAL',
});
