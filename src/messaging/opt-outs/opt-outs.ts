import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../accounts/index.js';
import { Clock, Ids, InvalidArgument, type TenantId, Transactions, type Tx } from '../../kernel/index.js';
import type { OptOut } from './opt-out.js';
import { OptOutNews } from './opt-out-news.js';
import { OptOutStore } from './opt-out.store.js';
import { readPhoneNumber } from '../recipients/phone-number.js';

/** A tenant's list of those who said STOP. Waiting commercial SMS notice it when they are released and dispatched. */
@Injectable()
export class OptOuts {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: OptOutStore,
    private readonly audit: AuditTrail,
    private readonly news: OptOutNews,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** `isNew` false: it stood there already. Audited where it is new. Throws InvalidArgument. */
  add(tenantId: TenantId, phoneNumber: string, actorKeyId: string): Promise<OptOut & { readonly isNew: boolean }> {
    const e164 = read(phoneNumber);
    return this.transactions.run(tenantId, async tx => {
      const added = await this.record(tx, tenantId, { phoneNumber: e164, source: 'api' });
      const kept = added ?? (await this.store.find(tx, tenantId, e164));
      if (kept === null) throw new Error('an opt-out is not there');
      if (added !== null) await this.audited(tx, tenantId, e164, { actorKeyId, action: 'opt-out.added' });
      return { ...kept, isNew: added !== null };
    });
  }

  /** Lifts a STOP: audited, since it is final otherwise. False where there was none. */
  remove(tenantId: TenantId, phoneNumber: string, actorKeyId: string): Promise<boolean> {
    const e164 = read(phoneNumber);
    return this.transactions.run(tenantId, tx => this.lift(tx, tenantId, e164, actorKeyId));
  }

  /** The same by its number, as SMS Partner's clients do. */
  removeByNumber(tenantId: TenantId, number: number, actorKeyId: string): Promise<boolean> {
    return this.transactions.run(tenantId, async tx => {
      const optOut = await this.store.findByNumber(tx, tenantId, number);
      return optOut !== null && this.lift(tx, tenantId, optOut.phoneNumber, actorKeyId);
    });
  }

  /** Newest first. */
  page(tenantId: TenantId, page: { readonly after: string | null; readonly limit: number }): Promise<OptOut[]> {
    return this.transactions.run(tenantId, tx => this.store.page(tx, tenantId, page));
  }

  /** For those who learn of a STOP inside a transaction of their own. `phoneNumber` is E.164. Null: it stood there already. */
  async record(
    tx: Tx,
    tenantId: TenantId,
    optOut: { readonly phoneNumber: string; readonly source: string },
  ): Promise<OptOut | null> {
    const row = { ...optOut, id: this.ids.uuid(), createdAt: this.clock.now() };
    const added = await this.store.add(tx, tenantId, row, this.ids.below(4));
    if (added !== null) await this.news.announce(tx, { tenantId, optOuts: [added] });
    return added;
  }

  private async lift(tx: Tx, tenantId: TenantId, phoneNumber: string, actorKeyId: string): Promise<boolean> {
    if (!(await this.store.remove(tx, tenantId, phoneNumber, this.clock.now()))) return false;
    await this.audited(tx, tenantId, phoneNumber, { actorKeyId, action: 'opt-out.removed' });
    return true;
  }

  /** The number itself stays out of the trail, which outlives the erasure of numbers; its end tells which one it was. */
  private audited(
    tx: Tx,
    tenantId: TenantId,
    phoneNumber: string,
    act: { readonly actorKeyId: string; readonly action: string },
  ): Promise<void> {
    return this.audit.record(tx, tenantId, { ...act, detail: { phoneNumberEndsWith: phoneNumber.slice(-4) } });
  }
}

function read(phoneNumber: string): string {
  const reading = readPhoneNumber(phoneNumber);
  if (!reading.ok) throw new InvalidArgument('phoneNumber', `cannot be read: ${reading.message}`);
  return reading.e164;
}
