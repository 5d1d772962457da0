import { Injectable } from '@nestjs/common';
import type { Tenant } from '../../accounts/index.js';
import { PriceList, PriceStore } from '../../billing/index.js';
import { AppConfig, Clock, type Tx } from '../../kernel/index.js';
import { SendWindows } from '../../scheduling/index.js';
import { OptOutStore } from '../opt-outs/opt-out.store.js';
import { InvalidSms, type Problem } from '../messaging.errors.js';
import { inEntry } from './in-entry.js';
import {
  type CheckedSms,
  checkSms,
  type MessagePlan,
  planMessage,
  type PlanningContext,
  type Pricing,
  unpricedProblems,
} from './plan-message.js';
import type { BatchRequest, OptionsRequest, SmsRequest } from './sms-request.js';

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
    return {
      tenant,
      now: at ?? this.clock.now(),
      windows: this.windows,
      stopWording: this.config.stopMention,
      addressesAllowed: this.config.webhookAllow,
    };
  }

  /** `found`: problems that an edge found before. Throws InvalidSms. */
  async plan(
    tx: Tx,
    request: SmsRequest,
    context: PlanningContext,
    found: readonly Problem[] = [],
  ): Promise<MessagePlan> {
    const checked = await this.check(tx, request, context, found);
    return planMessage(checked, await this.pricing(tx, [checked], context), context);
  }

  /** What a refused text lacks besides, a price, is told with the rest. */
  private async check(
    tx: Tx,
    request: SmsRequest,
    context: PlanningContext,
    found: readonly Problem[],
  ): Promise<CheckedSms> {
    try {
      return checkSms(request, context, found);
    } catch (error) {
      if (!(error instanceof InvalidSms)) throw error;
      const unpriced = unpricedProblems(request, await this.priceList(tx, request, context));
      throw new InvalidSms([...error.problems, ...unpriced]);
    }
  }

  /** The same for a batch that is refused: entries by their place. */
  async unpriced(tx: Tx, request: BatchRequest, context: PlanningContext): Promise<Problem[]> {
    const prices = await this.priceList(tx, request, context);
    return request.messages.flatMap(({ to, text }, index) =>
      unpricedProblems({ ...request, to: [to], text }, prices).map(problem => inEntry(index, problem)),
    );
  }

  /** Each text of a batch, priced and judged. Throws InvalidSms with the entries' paths. */
  async planBatch(tx: Tx, checked: readonly CheckedSms[], context: PlanningContext): Promise<MessagePlan[]> {
    const pricing = await this.pricing(tx, checked, context);
    const problems: Problem[] = [];
    const plans = checked.flatMap((sms, index) => {
      try {
        return [planMessage(sms, pricing, context)];
      } catch (error) {
        if (!(error instanceof InvalidSms)) throw error;
        problems.push(...error.problems.map(problem => inEntry(index, problem)));
        return [];
      }
    });
    if (problems.length > 0) throw new InvalidSms(problems);
    return plans;
  }

  /** For texts with the same options. */
  private async pricing(tx: Tx, checked: readonly CheckedSms[], context: PlanningContext): Promise<Pricing> {
    const [first] = checked;
    if (first === undefined) throw new Error('there is nothing to price');
    const prices = await this.priceList(tx, first.request, context);
    if (first.options.category !== 'COMMERCIAL') return { prices, optedOut: new Set() };
    const phoneNumbers = checked.flatMap(({ recipients }) => recipients.map(({ phoneNumber }) => phoneNumber));
    return { prices, optedOut: await this.optOuts.among(tx, context.tenant.id, phoneNumbers) };
  }

  private async priceList(tx: Tx, { route }: OptionsRequest, { tenant, now }: PlanningContext): Promise<PriceList> {
    // A preview may ask for any instant; a price list knows none before it was made.
    const pricedAt = new Date(Math.max(now.getTime(), this.clock.now().getTime()));
    return new PriceList(await this.prices.inForceFor(tx, pricedAt, { route, currency: tenant.currency }));
  }
}
