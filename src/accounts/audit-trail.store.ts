import { Injectable } from '@nestjs/common';
import { Clock, Ids, type TenantId, type Tx } from '../kernel/index.js';

/** One administrative act, written in the transaction of the change it tells of. `detail` carries no secret. */
export interface AuditedAct {
  readonly actorKeyId: string | null;
  readonly action: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

@Injectable()
export class AuditTrail {
  constructor(
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  async record(tx: Tx, tenantId: TenantId, act: AuditedAct): Promise<void> {
    await tx.rows(
      `insert into audit_entries (tenant_id, id, actor_key_id, action, detail, at) values ($1, $2, $3, $4, $5, $6)`,
      [tenantId, this.ids.uuid(), act.actorKeyId, act.action, JSON.stringify(act.detail ?? {}), this.clock.now()],
    );
  }
}
