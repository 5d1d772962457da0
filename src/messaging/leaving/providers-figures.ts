import { Injectable, Logger } from '@nestjs/common';
import { formatDecimal, parseDecimal, type Tx } from '../../kernel/index.js';
import type { SendOutcome } from '../../providers/index.js';
import { DeliveryStore } from '../delivery.store.js';
import { idsOf, type InHand } from './in-hand.js';

type Accepted = Extract<SendOutcome, { status: 'accepted' }>;

/**
 * The provider's own figures are recorded with the attempt and never charged to the tenant. Where they speak against ours,
 * operators hear of it: parts that differ (our counting or the STOP wording is wrong), a cost above what the tenant pays.
 */
@Injectable()
export class ProvidersFigures {
  private readonly log = new Logger(ProvidersFigures.name);

  constructor(private readonly deliveries: DeliveryStore) {}

  async compare(tx: Tx, members: readonly InHand[], { parts, cost, currency }: Accepted): Promise<void> {
    const [first] = members;
    if (first === undefined || first.changing.message.sandbox) return;
    const { tenantId, currency: ours } = first.changing.message;
    const expected = await this.deliveries.expected(tx, tenantId, idsOf(members));
    if (parts !== null && parts !== expected.parts) {
      const message = 'ALARM: the provider counts other parts than we do';
      this.log.warn({ message, tenantId, provider: parts, counted: expected.parts });
    }
    if (cost === null || !COMPARABLE.test(cost)) return;
    if (currency !== null && currency !== ours) {
      const message = 'ALARM: the provider bills in another currency than the tenant pays in';
      this.log.warn({ message, tenantId, provider: currency, charged: ours });
    } else if (parseDecimal(cut(cost)) > parseDecimal(expected.cost)) {
      const message = 'ALARM: the provider bills more than the tenant pays';
      this.log.warn({ message, tenantId, provider: formatDecimal(parseDecimal(cut(cost))), charged: expected.cost });
    }
  }
}

const COMPARABLE = /^\d{1,10}(\.\d+)?$/;

/** To the four places that money has here. */
const cut = (cost: string): string => cost.replace(/(\.\d{4})\d+$/, '$1');
