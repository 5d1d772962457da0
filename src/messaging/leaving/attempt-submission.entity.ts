import { Entity, PrimaryColumn } from 'typeorm';
import type { TenantId } from '../../kernel/index.js';

/** What an attempt carried: one submission, or several in one bulk call. */
@Entity('attempt_submissions')
export class AttemptSubmissionRow {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'attempt_submissions_pk' })
  tenantId: TenantId;

  @PrimaryColumn('uuid', { name: 'attempt_id', primaryKeyConstraintName: 'attempt_submissions_pk' })
  attemptId: string;

  @PrimaryColumn('uuid', { name: 'submission_id', primaryKeyConstraintName: 'attempt_submissions_pk' })
  submissionId: string;
}
