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
    const expected = await this.expected(tx, members);
    if (parts !== null && parts !== expected.parts) {
      const message = 'ALARM: the provider counts other parts than we do';
      this.log.warn({ message, tenantId, provider: parts, counted: expected.parts });
    }
    if (cost === null || !COMPARABLE.test(cost)) return;
    if (currency !== null && currency !== ours) {
      const message = 'ALARM: the provider bills in another currency than the tenant pays in';
      this.log.warn({ message, tenantId, provider: currency, charged: ours });
    } else if (parseDecimal(cut(cost)) > expected.cost) {
      const message = 'ALARM: the provider bills more than the tenant pays';
      const [provider, charged] = [formatDecimal(parseDecimal(cut(cost))), formatDecimal(expected.cost)];
      this.log.warn({ message, tenantId, provider, charged });
    }
  }

  /** What we count and charge for what is open of them. */
  private async expected(tx: Tx, members: readonly InHand[]): Promise<{ parts: number; cost: bigint }> {
    const partsOf = new Map(members.map(({ submission, changing }) => [submission.id, changing.message.parts]));
    const tenantId = members[0]?.submission.tenantId;
    const open = tenantId === undefined ? [] : await this.deliveries.open(tx, tenantId, idsOf(members));
    return {
      parts: open.reduce((sum, { submissionId, count }) => sum + count * (partsOf.get(submissionId) ?? 0), 0),
      cost: open.reduce((sum, { cost }) => sum + parseDecimal(cost), 0n),
    };
  }
}

const COMPARABLE = /^\d{1,10}(\.\d+)?$/;

/** To the four places that money has here. */
const cut = (cost: string): string => cost.replace(/(\.\d{4})\d+$/, '$1');
