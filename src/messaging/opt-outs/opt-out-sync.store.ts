import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';

/** A provider account whose STOP list this process brings into step. The platform's own goes by the platform's id. */
export interface SyncClaim {
  readonly tenantId: TenantId;
  /** When it is due again. Grows with every claim, so it also tells whether somebody else has claimed since. */
  readonly until: Date;
  /** False: time is up, or the process is shutting down; what is left comes with the next sync. */
  readonly mayGoOn: () => boolean;
}

/** When each account's list is asked for next. */
@Injectable()
export class OptOutSyncStore {
  /** Which of these accounts are due; one never looked at is. */
  dueAmong(tx: Tx, tenantIds: readonly TenantId[], now: Date): Promise<{ tenantId: TenantId }[]> {
    return tx.rows(
      `select account.id as "tenantId" from unnest($1::uuid[]) as account (id)
        where not exists (select 1 from opt_out_syncs s where s.tenant_id = account.id and s.due_at > $2)`,
      [tenantIds, now],
    );
  }

  /** False: another process was first. */
  async claim(tx: Tx, tenantId: TenantId, now: Date, until: Date): Promise<boolean> {
    const claimed = await tx.first(
      `insert into opt_out_syncs (tenant_id, due_at) values ($1, $3)
       on conflict (tenant_id) do update set due_at = excluded.due_at where opt_out_syncs.due_at <= $2
       returning 1`,
      [tenantId, now, until],
    );
    return claimed !== null;
  }

  /** False where somebody else has claimed it since: what was asked is old by now. Nobody can until this transaction ends. */
  async holds(tx: Tx, { tenantId, until }: SyncClaim): Promise<boolean> {
    const held = await tx.first('select 1 from opt_out_syncs where tenant_id = $1 and due_at = $2 for update', [
      tenantId,
      until,
    ]);
    return held !== null;
  }
}
