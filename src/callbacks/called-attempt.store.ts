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
   * Whose secret it is that has this SHA-256, and from then on the transaction sees that tenant; null: nobody's. One look
   * into a unique index for what is forged. An index tells by its time how far a guess went along with a stored hash, but
   * who does not know a secret cannot choose the hash of his next guess, so that learns him nothing. The hash that was found
   * is compared once more, in a time that tells nothing.
   */
  async bySecret(tx: Tx, hash: Buffer): Promise<CalledAttempt | null> {
    const named = await tx.first<{ tenantId: string; attemptId: string }>(
      'select tenant_id as "tenantId", id as "attemptId" from attempt_by_secret($1)',
      [hash],
    );
    if (named === null) return null;
    const tenantId = asTenantId(named.tenantId);
    await tx.admit([tenantId]);
    const found = await tx.first<{ secretHash: Buffer; startedAt: Date }>(
      'select secret_hash as "secretHash", started_at as "startedAt" from attempts where tenant_id = $1 and id = $2',
      [tenantId, named.attemptId],
    );
    if (found === null || !timingSafeEqual(found.secretHash, hash)) return null;
    return { tenantId, attemptId: named.attemptId, startedAt: found.startedAt };
  }
}
