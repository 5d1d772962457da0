import { Injectable } from '@nestjs/common';
import { type TenantId, Transactions } from '../../kernel/index.js';
import { type NumberedDelivery, type NumberedSms, NumberedStore } from './numbered.store.js';

/** Messages and batches as a tenant names them from outside: by public number, recipient or tag. */
@Injectable()
export class ReadByNumber {
  constructor(
    private readonly transactions: Transactions,
    private readonly numbered: NumberedStore,
  ) {}

  /** Null: there is none, or it is another tenant's. */
  find(tenantId: TenantId, number: number): Promise<NumberedSms | null> {
    return this.transactions.run(tenantId, tx => this.numbered.find(tx, tenantId, number));
  }

  deliveries(tenantId: TenantId, sms: NumberedSms): Promise<readonly NumberedDelivery[]> {
    return this.transactions.run(tenantId, tx => this.numbered.deliveries(tx, tenantId, sms));
  }

  /** In the order of the pairs (phone numbers in E.164); null where the number did not go to that recipient. */
  async deliveriesOf(
    tenantId: TenantId,
    pairs: readonly { readonly number: number; readonly phoneNumber: string }[],
  ): Promise<readonly (NumberedDelivery | null)[]> {
    const found = await this.transactions.run(tenantId, tx => this.numbered.deliveriesOf(tx, tenantId, pairs));
    const byPlace = Map.groupBy(found, delivery => delivery.place);
    return pairs.map((_, place) => byPlace.get(place)?.[0] ?? null);
  }

  byTag(
    tenantId: TenantId,
    tag: string,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly total: number; readonly deliveries: readonly NumberedDelivery[] }> {
    return this.transactions.run(tenantId, async tx => ({
      total: await this.numbered.countByTag(tx, tenantId, tag),
      deliveries: await this.numbered.byTag(tx, tenantId, tag, page),
    }));
  }

  waitingCount(tenantId: TenantId): Promise<number> {
    return this.transactions.run(tenantId, tx => this.numbered.waitingCount(tx, tenantId));
  }
}
