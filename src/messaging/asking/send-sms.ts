import { Injectable } from '@nestjs/common';
import { Gathering, isUnavailable, type TenantId } from '../../kernel/index.js';
import { AcceptOrders, type SmsOrder } from './accept-orders.js';
import type { AcceptedSms } from './accepted-sms.js';
import { usableKey } from './earlier-answers.js';

/** Of all orders accepted in one transaction; one that has more goes alone. */
const MOST_RECIPIENTS = 1_000;
/** Of 64 connections and four tenants, a load has 11 to 13 SMS in place of 7; an SMS then costs about a tenth less CPU time. */
const REGATHER_MS = 2;

/**
 * Accepts an SMS, now or for later: all of it or nothing. A tenant's orders that come at the same time share a transaction,
 * and each waits for its commit: what a transaction costs is by far the most that an SMS costs.
 */
@Injectable()
export class SendSms {
  private readonly gathering: Gathering<TenantId, SmsOrder, AcceptedSms>;

  constructor(accept: AcceptOrders) {
    this.gathering = new Gathering({
      work: (tenantId, orders) => accept.execute(tenantId, orders),
      // The credit covers only some, or one of them cannot be stored.
      mayBeOnes: error => !isUnavailable(error),
      sizeOf: ({ request }) => request.to.length,
      most: MOST_RECIPIENTS,
      regatherMs: REGATHER_MS,
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
}
