import { Injectable } from '@nestjs/common';
import type { Tenant } from '../../accounts/index.js';
import { PriceList, PriceStore } from '../../billing/index.js';
import { AppConfig, Clock, type Tx } from '../../kernel/index.js';
import { SendWindows } from '../../scheduling/index.js';
import { OptOutStore } from '../opt-outs/opt-out.store.js';
import { checkSms, type MessagePlan, planMessage, type PlanningContext } from './plan-message.js';
import type { SmsRequest } from './sms-request.js';

/** Gathers what a plan needs and makes it: the same for sending and for previewing. */
@Injectable()
export class SmsPlanning {
  constructor(
    private readonly prices: PriceStore,
    private readonly optOuts: OptOutStore,
    private readonly windows: SendWindows,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** `at`: as if it were that instant (previews). */
  contextFor(tenant: Tenant, at?: Date): PlanningContext {
    return { tenant, now: at ?? this.clock.now(), windows: this.windows, stopWording: this.config.stopMention };
  }

  async plan(tx: Tx, request: SmsRequest, context: PlanningContext): Promise<MessagePlan> {
    const { tenant, now } = context;
    const checked = checkSms(request, context);
    // A preview may ask for any instant; a price list knows none before it was made.
    const pricedAt = new Date(Math.max(now.getTime(), this.clock.now().getTime()));
    const prices = new PriceList(
      await this.prices.inForceFor(tx, pricedAt, { route: request.route, currency: tenant.currency }),
    );
    const optedOut =
      checked.options.category === 'COMMERCIAL'
        ? await this.optOuts.among(
            tx,
            tenant.id,
            checked.recipients.map(recipient => recipient.phoneNumber),
          )
        : new Set<string>();
    return planMessage(checked, { prices, optedOut }, context);
  }
}
