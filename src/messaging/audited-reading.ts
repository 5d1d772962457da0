import { Injectable } from '@nestjs/common';
import { AuditTrail, type Caller, tenantToRead } from '../accounts/index.js';
import { type TenantId, Transactions, type Tx } from '../kernel/index.js';

/** Reads what a caller may see: one's own, or for administrators any tenant's, which leaves a trace in the same transaction. */
@Injectable()
export class AuditedReading {
  constructor(
    private readonly transactions: Transactions,
    private readonly audit: AuditTrail,
  ) {}

  /** `named`: the tenant an administrator reads; null: the caller's own. */
  execute<T>(caller: Caller, named: TenantId | null, read: (tx: Tx, tenantId: TenantId) => Promise<T>): Promise<T> {
    const tenantId = tenantToRead(caller, named);
    return this.transactions.run(tenantId, async tx => {
      if (caller.tenantId !== tenantId)
        await this.audit.record(tx, tenantId, { actorKeyId: caller.keyId, action: 'messages.read' });
      return read(tx, tenantId);
    });
  }
}
