import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { asTenantId, type TenantId, type Tx } from '../kernel/index.js';

/** Whose attempt a secret belongs to, and since when. */
export interface CalledAttempt {
  readonly tenantId: TenantId;
  readonly attemptId: string;
  readonly startedAt: Date;
}

@Injectable()
export class CalledAttemptStore {
  /**
   * Whose secrets they are that have these SHA-256, by hash in hex, and from then on the transaction sees those tenants; what is
   * nobody's is left out. One look into a unique index for each that is forged. An index tells by its time how far a guess went
   * along with a stored hash, but who does not know a secret cannot choose the hash of his next guess, so that learns him
   * nothing. The hash that was found is compared once more, in a time that tells nothing.
   */
  async bySecrets(tx: Tx, hashes: readonly Buffer[]): Promise<ReadonlyMap<string, CalledAttempt>> {
    const named = await tx.rows<{ tenantId: string; attemptId: string }>(
      `select distinct a.tenant_id as "tenantId", a.id as "attemptId"
         from unnest($1::bytea[]) as given (hash) cross join lateral attempt_by_secret(given.hash) a`,
      [hashes],
    );
    if (named.length === 0) return new Map();
    const tenants = [...new Set(named.map(({ tenantId }) => asTenantId(tenantId)))];
    await tx.admit(tenants);
    const found = await tx.rows<{ tenantId: string; attemptId: string; secretHash: Buffer; startedAt: Date }>(
      `select tenant_id as "tenantId", id as "attemptId", secret_hash as "secretHash", started_at as "startedAt" from attempts
        where tenant_id = any($1) and id = any($2)`,
      [tenants, named.map(({ attemptId }) => attemptId)],
    );
    return new Map(
      found.flatMap(({ tenantId, attemptId, secretHash, startedAt }) => {
        const attempt = { tenantId: asTenantId(tenantId), attemptId, startedAt };
        const known = hashes.some(hash => hash.length === secretHash.length && timingSafeEqual(hash, secretHash));
        return known ? [[secretHash.toString('hex'), attempt] as const] : [];
      }),
    );
  }
}
