import { Injectable } from '@nestjs/common';
import type { Category, TenantId, Tx } from '../kernel/index.js';
import type { StoredHold } from './hold.js';
import { nextPollAt } from './leaving/poll-schedule.js';
import type { SubmissionRow } from './submission.entity.js';
import type { SubmissionMove } from './submission-move.js';
import type { SubmissionState } from './submission-state.js';
import { TO_ONE } from './to-one.js';

export type Submission = SubmissionRow;

/** A due submission in this worker's hands until its lease ends. */
export interface ClaimedSubmission {
  readonly tenantId: TenantId;
  readonly messageId: string;
  readonly id: string;
  readonly lease: string;
  /** Somebody waits for it: it does not queue behind what is many. */
  readonly urgent: boolean;
}

export interface NewSubmission {
  readonly messageId: string;
  readonly id: string;
  readonly category: Category;
  readonly sandbox: boolean;
  readonly territory: string;
  readonly state: SubmissionState;
  readonly releaseAt: Date | null;
  readonly expiresAt: Date;
  readonly dueAt: Date | null;
  readonly hold: StoredHold | null;
  /** How many recipients of each kind. */
  readonly waiting: number;
  readonly optedOut: number;
}

type Moving = Pick<Submission, 'tenantId' | 'id' | 'releaseAt' | 'expiresAt'>;

const COLUMNS = `tenant_id as "tenantId", id, message_id as "messageId", territory, category, sandbox, state, release_at as "releaseAt",
  expires_at as "expiresAt", due_at as "dueAt", lease, attempts, wait_kind as "waitKind", wait_since as "waitSince",
  wait_detail as "waitDetail", hold, together, attempt_id as "attemptId", waiting, sent, delivered, undelivered, expired, refused,
  opted_out as "optedOut", cancelled, unconfirmed`;
const DONE = `state = 'DONE', wait_since = $4, due_at = $5, release_at = null, hold = null, wait_kind = null, wait_detail = null, lease = null`;
const ALL_SENT = 'sent = sent + waiting + unconfirmed, waiting = 0, unconfirmed = 0';
const STILL_IN = 'where tenant_id = $1 and id = any($2) and state = any($3)';

@Injectable()
export class SubmissionStore {
  async insert(tx: Tx, tenantId: TenantId, now: Date, submissions: readonly NewSubmission[]): Promise<void> {
    await tx.prepared(
      `insert into submissions (tenant_id, wait_since, attempts, message_id, id, category, sandbox, territory, state, release_at, expires_at, due_at, hold,
         waiting, opted_out)
       select $1, $2, 0, s.* from unnest($3::uuid[], $4::uuid[], $5::text[], $6::boolean[], $7::text[], $8::text[], $9::timestamptz[],
         $10::timestamptz[], $11::timestamptz[], $12::jsonb[], $13::integer[], $14::integer[]) as s`,
      [
        tenantId,
        now,
        submissions.map(s => s.messageId),
        submissions.map(s => s.id),
        submissions.map(s => s.category),
        submissions.map(s => s.sandbox),
        submissions.map(s => s.territory),
        submissions.map(s => s.state),
        submissions.map(s => s.releaseAt),
        submissions.map(s => s.expiresAt),
        submissions.map(s => s.dueAt),
        submissions.map(s => s.hold && JSON.stringify(s.hold)),
        submissions.map(s => s.waiting),
        submissions.map(s => s.optedOut),
      ],
    );
  }

  find(tx: Tx, tenantId: TenantId, id: string): Promise<Submission | null> {
    return tx.first(`select ${COLUMNS} from submissions where tenant_id = $1 and id = $2`, [tenantId, id]);
  }

  /** As far as a look without a lock tells: whether it is still queued under this lease, and of which batch (null: of none). */
  async queuedIn(
    tx: Tx,
    { tenantId, id, lease }: ClaimedSubmission,
  ): Promise<{ readonly batchId: string | null } | null> {
    return tx.first(
      `select m.batch_id as "batchId" from submissions s join messages m on m.tenant_id = s.tenant_id and m.id = s.message_id
        where s.tenant_id = $1 and s.id = $2 and s.lease = $3 and s.state = 'QUEUED'`,
      [tenantId, id, lease],
    );
  }

  ofMessages(tx: Tx, tenantId: TenantId, messageIds: readonly string[]): Promise<Submission[]> {
    return tx.rows(`select ${COLUMNS} from submissions where tenant_id = $1 and message_id = any($2) order by id`, [
      tenantId,
      messageIds,
    ]);
  }

  findMany(tx: Tx, tenantId: TenantId, ids: readonly string[]): Promise<Submission[]> {
    return tx.rows(`select ${COLUMNS} from submissions where tenant_id = $1 and id = any($2) order by id`, [
      tenantId,
      ids,
    ]);
  }

  /** To one recipient each, queued and due, or claimed by whomever: what has come last there goes last in the queue. */
  queuedOf(tx: Tx, tenantId: TenantId, messageIds: readonly string[], now: Date): Promise<Submission[]> {
    return tx.rows(
      `select ${COLUMNS} from submissions
        where tenant_id = $1 and message_id = any($2) and state = 'QUEUED' and ${TO_ONE} and (due_at <= $3 or lease is not null)
        order by id`,
      [tenantId, messageIds, now],
    );
  }

  async messagesOfAttempt(tx: Tx, tenantId: TenantId, attemptId: string): Promise<string[]> {
    const rows = await tx.rows<{ messageId: string }>(
      `select distinct message_id as "messageId" from submissions
        where tenant_id = $1 and id in (select submission_id from attempt_submissions where tenant_id = $1 and attempt_id = $2)`,
      [tenantId, attemptId],
    );
    return rows.map(({ messageId }) => messageId);
  }

  ofAttempt(tx: Tx, tenantId: TenantId, attemptId: string): Promise<Submission[]> {
    return tx.rows(
      `select ${COLUMNS} from submissions
        where tenant_id = $1 and id in (select submission_id from attempt_submissions where tenant_id = $1 and attempt_id = $2)`,
      [tenantId, attemptId],
    );
  }

  /** Moves it on, if it is still in one of the states that `from` says; tells whether it was. */
  async move(tx: Tx, submission: Moving, from: readonly SubmissionState[], to: SubmissionMove): Promise<boolean> {
    return (await this.moveAll(tx, submission.tenantId, from, [{ submission, to }])) === 1;
  }

  /** Each its own way; answers how many were still in one of the states. */
  async moveAll(
    tx: Tx,
    tenantId: TenantId,
    from: readonly SubmissionState[],
    moves: readonly { readonly submission: Moving; readonly to: SubmissionMove }[],
  ): Promise<number> {
    if (moves.length === 0) return 0;
    return tx.count(
      `update submissions s set state = m.state, due_at = m.due_at,
         -- Looked at and left where it was, or found before a blocked account, it has waited all along.
         wait_since = case when s.state = m.state and m.state = 'QUEUED'
                            and (m.wait_kind = 'PROVIDER_ACCOUNT' or s.wait_kind is not distinct from m.wait_kind)
                           then s.wait_since else m.now end,
         -- A call that was too large is none of its own.
         attempts = case when m.together is null then s.attempts else s.attempts - 1 end,
         release_at = m.release_at, expires_at = m.expires_at, hold = m.hold, wait_kind = m.wait_kind, wait_detail = m.wait_detail,
         together = coalesce(m.together, s.together), lease = null
        from unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[], $9::jsonb[],
               $10::text[], $11::text[], $12::integer[])
          as m (id, state, now, due_at, release_at, expires_at, hold, wait_kind, wait_detail, together)
       where s.tenant_id = $1 and s.id = m.id and s.id = any($3) and s.state = any($2)`,
      [
        tenantId,
        from,
        moves.map(({ submission }) => submission.id),
        moves.map(({ to }) => to.state),
        moves.map(({ to }) => to.now),
        moves.map(({ to }) => to.dueAt),
        moves.map(({ submission, to }) => (to.releaseAt === undefined ? submission.releaseAt : to.releaseAt)),
        moves.map(({ submission, to }) => to.expiresAt ?? submission.expiresAt),
        moves.map(({ to }) => (to.hold ? JSON.stringify(to.hold) : null)),
        moves.map(({ to }) => to.waitKind ?? null),
        moves.map(({ to }) => to.waitDetail ?? null),
        moves.map(({ to }) => to.together ?? null),
      ],
    );
  }

  /**
   * To the end, of those that are still in one of the states; answers which. A receipt may have shown that some of it went, so
   * they are looked for; where none is due, the count at the end of the change takes that back.
   */
  async finish(
    tx: Tx,
    tenantId: TenantId,
    ids: readonly string[],
    from: readonly SubmissionState[],
    now: Date,
  ): Promise<string[]> {
    const values = [tenantId, ids, from, now, nextPollAt(now, now)];
    const rows = await tx.rows<{ id: string }>(`update submissions set ${DONE} ${STILL_IN} returning id`, values);
    return rows.map(row => row.id);
  }

  /** The same where all that was open of them is sent now, counts and all: one write in place of two. Answers how many. */
  finishSent(
    tx: Tx,
    tenantId: TenantId,
    ids: readonly string[],
    from: readonly SubmissionState[],
    now: Date,
  ): Promise<number> {
    const values = [tenantId, ids, from, now, nextPollAt(now, now)];
    return tx.count(`update submissions set ${DONE}, ${ALL_SENT} ${STILL_IN}`, values);
  }

  /** To SENDING with their attempt, under its lease; due again when the lease ends, for doubt. */
  async startSending(
    tx: Tx,
    tenantId: TenantId,
    ids: readonly string[],
    attempt: { readonly id: string; readonly now: Date; readonly lease: string; readonly leaseUntil: Date },
  ): Promise<void> {
    await tx.rows(
      `update submissions set state = 'SENDING', attempt_id = $3, attempts = attempts + 1, wait_since = $4, due_at = $5, lease = $6,
         wait_kind = null, wait_detail = null where tenant_id = $1 and id = any($2)`,
      [tenantId, ids, attempt.id, attempt.now, attempt.leaseUntil, attempt.lease],
    );
  }

  /** An attempt in doubt is asked about at `dueAt`, with all that it carried; `detail` null: what is told of it stays. */
  async lookAgain(
    tx: Tx,
    tenantId: TenantId,
    attemptId: string,
    { dueAt, detail }: { readonly dueAt: Date; readonly detail: string | null },
  ): Promise<void> {
    await tx.rows(
      `update submissions set due_at = $3, lease = null, wait_detail = coalesce($4, wait_detail)
        where tenant_id = $1 and attempt_id = $2 and state = 'UNCONFIRMED'
          and id in (select submission_id from attempt_submissions where tenant_id = $1 and attempt_id = $2)`,
      [tenantId, attemptId, dueAt, detail],
    );
  }

  /** Nobody looks at it any more by himself. */
  async awaitAdministrator(tx: Tx, tenantId: TenantId, attemptId: string, detail: string): Promise<void> {
    await tx.rows(
      `update submissions set due_at = null, lease = null, wait_detail = $3
        where tenant_id = $1 and attempt_id = $2 and state = 'UNCONFIRMED'
          and id in (select submission_id from attempt_submissions where tenant_id = $1 and attempt_id = $2)`,
      [tenantId, attemptId, detail],
    );
  }

  /** What the provider has, and whose receipts may not come: looked for at `dueAt`. */
  async awaitReceipts(tx: Tx, tenantId: TenantId, ids: readonly string[], dueAt: Date): Promise<void> {
    await tx.rows(
      `update submissions set due_at = $3, lease = null where tenant_id = $1 and id = any($2) and state = 'DONE'`,
      [tenantId, ids, dueAt],
    );
  }
}
