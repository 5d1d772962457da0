import { Injectable } from '@nestjs/common';
import { DomainError, type Ended, Gathering, type TenantId } from '../../kernel/index.js';
import { AcceptOrders, type SmsOrder } from './accept-orders.js';
import type { AcceptedSms } from './accepted-sms.js';
import { usableKey } from './earlier-answers.js';

/** Of all orders accepted in one transaction; one that has more goes alone. */
const MOST_RECIPIENTS = 1_000;

/**
 * Accepts an SMS, now or for later: all of it or nothing. A tenant's orders that come at the same time share a transaction,
 * and each waits for its commit: what a transaction costs is by far the most that an SMS costs.
 */
@Injectable()
export class SendSms {
  private readonly gathering: Gathering<TenantId, SmsOrder, AcceptedSms>;

  constructor(private readonly accept: AcceptOrders) {
    this.gathering = new Gathering({
      work: (tenantId, orders) => this.acceptAll(tenantId, orders),
      sizeOf: ({ request }) => request.to.length,
      most: MOST_RECIPIENTS,
      // The same key twice: the second is answered by what becomes of the first.
      fits: (order, together) => {
        const key = usableKey(order);
        return key === null || together.every(other => usableKey(other) !== key);
      },
    });
  }

  /** Throws InvalidSms, NoRecipient, InsufficientCredit, IdempotencyConflict and TenantSuspended; then nothing is kept. */
  execute(tenantId: TenantId, order: SmsOrder): Promise<AcceptedSms> {
    return this.gathering.add(tenantId, order);
  }

  /** What stops all of them together (the credit covers some, one cannot be stored) is found out one by one. */
  private async acceptAll(tenantId: TenantId, orders: readonly SmsOrder[]): Promise<readonly Ended<AcceptedSms>[]> {
    try {
      return await this.accept.execute(tenantId, orders);
    } catch (error) {
      if (orders.length === 1 || (error instanceof DomainError && error.kind === 'unavailable')) throw error;
    }
    const ends: Ended<AcceptedSms>[] = [];
    for (const order of orders) ends.push(await this.acceptAlone(tenantId, order));
    return ends;
  }

  private async acceptAlone(tenantId: TenantId, order: SmsOrder): Promise<Ended<AcceptedSms>> {
    try {
      const [end] = await this.accept.execute(tenantId, [order]);
      return end ?? { ok: false, error: new Error('an order came to no end') };
    } catch (error) {
      return { ok: false, error };
    }
  }
}
