import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import type { AttemptRow } from './attempt.entity.js';
import type { AttemptOutcome } from './attempt-outcome.js';

export type Attempt = AttemptRow;

/** What applying a receipt needs to know of its attempt. */
export type ReportedAttempt = Pick<Attempt, 'tenantId' | 'id' | 'outcome'>;

type AttemptName = Pick<Attempt, 'tenantId' | 'id'>;

export interface NewAttempt extends Pick<
  Attempt,
  'id' | 'messageId' | 'tag' | 'provider' | 'credential' | 'credentialKey' | 'secretHash' | 'startedAt'
> {
  readonly submissionIds: readonly string[];
}

export interface RecallableAttempt {
  readonly id: string;
  readonly providerMessageId: string;
  readonly provider: string;
  readonly credential: Attempt['credential'];
  readonly credentialKey: string | null;
  readonly submissionIds: readonly string[];
}

export interface AttemptEnd {
  readonly outcome: AttemptOutcome;
  readonly now: Date;
  readonly code?: string | null;
  readonly reason?: string | null;
  readonly providerMessageId?: string | null;
  readonly parts?: number | null;
  readonly cost?: string | null;
  readonly currency?: string | null;
}

const COLUMNS = `tenant_id as "tenantId", id, message_id as "messageId", tag, provider, credential, credential_key as "credentialKey",
  secret_hash as "secretHash", outcome,
  provider_message_id as "providerMessageId", provider_parts as "providerParts", provider_cost as "providerCost",
  provider_currency as "providerCurrency", code, reason, started_at as "startedAt", ended_at as "endedAt",
  looked_at as "lookedAt", lookups, absent_since as "absentSince"`;

@Injectable()
export class AttemptStore {
  async insert(tx: Tx, tenantId: TenantId, attempt: NewAttempt): Promise<void> {
    const inserted = tx.rows(
      `insert into attempts (tenant_id, id, message_id, tag, provider, credential, credential_key, secret_hash, started_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        tenantId,
        attempt.id,
        attempt.messageId,
        attempt.tag,
        attempt.provider,
        attempt.credential,
        attempt.credentialKey,
        attempt.secretHash,
        attempt.startedAt,
      ],
    );
    const carrying = tx.rows(
      'insert into attempt_submissions (tenant_id, attempt_id, submission_id) select $1, $2, unnest($3::uuid[])',
      [tenantId, attempt.id, attempt.submissionIds],
    );
    await Promise.all([inserted, carrying]);
  }

  find(tx: Tx, tenantId: TenantId, id: string): Promise<Attempt | null> {
    return tx.first(`select ${COLUMNS} from attempts where tenant_id = $1 and id = $2`, [tenantId, id]);
  }

  /**
   * Of several tenants, which the transaction must see; by id. Those not accepted so far are locked, in order, for settling
   * them: receipts of one attempt may concern different messages, so their locks do not order them. What is accepted stays so,
   * and need not be locked.
   */
  async forReports(tx: Tx, attempts: readonly AttemptName[]): Promise<ReadonlyMap<string, ReportedAttempt>> {
    const seen = await this.outcomes(tx, attempts, '');
    const open = seen.filter(({ outcome }) => outcome !== 'accepted');
    const locked = open.length === 0 ? [] : await this.outcomes(tx, open, 'order by a.tenant_id, a.id for update of a');
    return new Map([...seen, ...locked].map(attempt => [attempt.id, attempt]));
  }

  /** Writes the end of an attempt that has none, or only a doubt, so far; tells whether it did. */
  async finish(tx: Tx, tenantId: TenantId, id: string, end: AttemptEnd): Promise<boolean> {
    const finished = await tx.count(
      `update attempts set outcome = $3, ended_at = $4, code = $5, reason = $6, provider_message_id = coalesce($7, provider_message_id),
         provider_parts = coalesce($8, provider_parts), provider_cost = coalesce($9, provider_cost),
         provider_currency = coalesce($10, provider_currency)
        where tenant_id = $1 and id = $2 and (outcome is null or outcome = 'unknown')`,
      [
        tenantId,
        id,
        end.outcome,
        end.now,
        end.code ?? null,
        end.reason ?? null,
        end.providerMessageId ?? null,
        end.parts ?? null,
        end.cost ?? null,
        end.currency ?? null,
      ],
    );
    return finished === 1;
  }

  /** Takes the attempt for a lookup; null where another took it since `before`. */
  startLookup(
    tx: Tx,
    tenantId: TenantId,
    id: string,
    { now, before }: { readonly now: Date; readonly before: Date },
  ): Promise<Attempt | null> {
    return tx.first(
      `update attempts set looked_at = $3, lookups = lookups + 1
        where tenant_id = $1 and id = $2 and (looked_at is null or looked_at <= $4) returning ${COLUMNS}`,
      [tenantId, id, now, before],
    );
  }

  async noteAbsence(tx: Tx, tenantId: TenantId, id: string, now: Date): Promise<void> {
    await tx.rows('update attempts set absent_since = coalesce(absent_since, $3) where tenant_id = $1 and id = $2', [
      tenantId,
      id,
      now,
    ]);
  }

  /** Those of some attempts that the provider accepted under an id, each with all that it carried. */
  recallable(tx: Tx, tenantId: TenantId, ids: readonly string[]): Promise<RecallableAttempt[]> {
    return tx.rows(
      // Each attempt's own look at what it carried: as a join, a table without statistics is read whole for each of them.
      `select id, provider_message_id as "providerMessageId", provider, credential, credential_key as "credentialKey",
              array(select c.submission_id from attempt_submissions c
                     where c.tenant_id = attempts.tenant_id and c.attempt_id = attempts.id) as "submissionIds"
         from attempts
        where tenant_id = $1 and id = any($2) and outcome = 'accepted' and provider_message_id is not null`,
      [tenantId, ids],
    );
  }

  private outcomes(tx: Tx, attempts: readonly AttemptName[], locking: string): Promise<ReportedAttempt[]> {
    return tx.rows(
      `select a.tenant_id as "tenantId", a.id, a.outcome
         from unnest($1::uuid[], $2::uuid[]) as given (tenant_id, id)
         join attempts a on a.tenant_id = given.tenant_id and a.id = given.id ${locking}`,
      [attempts.map(({ tenantId }) => tenantId), attempts.map(({ id }) => id)],
    );
  }
}
