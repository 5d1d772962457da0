import { Injectable } from '@nestjs/common';
import { Clock, InvalidArgument, NotFound, type TenantId, Transactions, type Tx } from '../kernel/index.js';
import { type ApiKey, isOver } from './api-key.js';
import { ApiKeyStore } from './api-key.store.js';
import { type AuditedAct, AuditTrail } from './audit-trail.store.js';
import { type Caller, hasScope, tenantOf } from './caller.js';
import { KeysInForce } from './keys-in-force.js';

/** What a change of a key answers, and what of it the audit trail keeps. */
export interface Changed<T> {
  readonly answer: T;
  readonly act: Omit<AuditedAct, 'actorKeyId'>;
}

/**
 * Every change of a key goes this way: administrators' of any key, a tenant's of its own, under the key's lock, audited, and
 * told to all processes.
 */
@Injectable()
export class ChangeApiKey {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: ApiKeyStore,
    private readonly audit: AuditTrail,
    private readonly inForce: KeysInForce,
    private readonly clock: Clock,
  ) {}

  /** Throws NotFound: there is no such key, or it is another tenant's. */
  async execute<T>(caller: Caller, id: string, change: (tx: Tx, key: ApiKey) => Promise<Changed<T>>): Promise<T> {
    const tenantId = await this.ownerFor(caller, id);
    const answer = await this.transactions.run(tenantId, async tx => {
      const key = await this.keys.findForUpdate(tx, tenantId, id);
      if (key === null) throw new NotFound('API key');
      const changed = await change(tx, key);
      await this.audit.record(tx, tenantId, { actorKeyId: caller.keyId, ...changed.act });
      return changed.answer;
    });
    this.inForce.changed();
    return answer;
  }

  /** For changes that make sense only while a key works. Throws InvalidArgument. */
  insistInForce(key: ApiKey): void {
    if (isOver(key, this.clock.now()))
      throw new InvalidArgument('id', 'names a key that is revoked or over; issue a new one');
  }

  private async ownerFor(caller: Caller, id: string): Promise<TenantId> {
    if (!hasScope(caller, 'ADMIN')) return tenantOf(caller);
    const owner = await this.transactions.run([], tx => this.keys.tenantOf(tx, id));
    if (owner === null) throw new NotFound('API key');
    return owner;
  }
}
