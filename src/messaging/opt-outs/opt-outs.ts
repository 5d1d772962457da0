import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../accounts/index.js';
import { Clock, Ids, InvalidArgument, type TenantId, Transactions, type Tx } from '../../kernel/index.js';
import type { OptOut } from './opt-out.js';
import { OptOutStore } from './opt-out.store.js';
import { readPhoneNumber } from '../recipients/phone-number.js';

/** A tenant's list of those who said STOP. Waiting commercial SMS notice it when they are released and dispatched. */
@Injectable()
export class OptOuts {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: OptOutStore,
    private readonly audit: AuditTrail,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  add(tenantId: TenantId, phoneNumber: string): Promise<OptOut> {
    const e164 = read(phoneNumber);
    return this.transactions.run(tenantId, tx => this.record(tx, tenantId, { phoneNumber: e164, source: 'api' }));
  }

  /** Lifts a STOP: audited, since it is final otherwise. False where there was none. */
  remove(tenantId: TenantId, phoneNumber: string, actorKeyId: string): Promise<boolean> {
    const e164 = read(phoneNumber);
    return this.transactions.run(tenantId, async tx => {
      const removed = await this.store.remove(tx, tenantId, e164);
      // The number itself stays out of the trail, which outlives the erasure of numbers; its end tells which one it was.
      if (removed)
        await this.audit.record(tx, tenantId, {
          actorKeyId,
          action: 'opt-out.removed',
          detail: { phoneNumberEndsWith: e164.slice(-4) },
        });
      return removed;
    });
  }

  /** Newest first. */
  page(tenantId: TenantId, page: { readonly after: string | null; readonly limit: number }): Promise<OptOut[]> {
    return this.transactions.run(tenantId, tx => this.store.page(tx, tenantId, page));
  }

  /** For those who learn of a STOP inside a transaction of their own. `phoneNumber` is E.164. */
  record(
    tx: Tx,
    tenantId: TenantId,
    optOut: { readonly phoneNumber: string; readonly source: string },
  ): Promise<OptOut> {
    return this.store.add(tx, tenantId, { ...optOut, id: this.ids.uuid(), createdAt: this.clock.now() });
  }
}

function read(phoneNumber: string): string {
  const reading = readPhoneNumber(phoneNumber);
  if (!reading.ok) throw new InvalidArgument('phoneNumber', `cannot be read: ${reading.message}`);
  return reading.e164;
}
