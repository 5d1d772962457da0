import { Injectable } from '@nestjs/common';
import type { Tenant } from '../../accounts/index.js';
import { PriceList, PriceStore } from '../../billing/index.js';
import { AppConfig, Clock, type Ended, type Route, type Tx } from '../../kernel/index.js';
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

  /** Throws InvalidSms. */
  async plan(tx: Tx, request: SmsRequest, context: PlanningContext): Promise<MessagePlan> {
    const [planned] = await this.planAll(tx, [{ request }], context);
    if (planned?.ok !== true) throw planned?.error;
    return planned.value;
  }

  /** Each for itself, and all with one look at prices and opt-outs. `problems`: found by an edge before. */
  async planAll(tx: Tx, asked: readonly Asked[], context: PlanningContext): Promise<readonly Ended<MessagePlan>[]> {
    const checked = asked.map(({ request, problems }) => endOf(() => checkSms(request, context, problems)));
    const good = checked.flatMap(end => (end.ok ? [end.value] : []));
    const [prices, optedOut] = await Promise.all([
      this.priceLists(tx, asked, context),
      this.optedOutOf(tx, context, good),
    ]);
    return asked.map(({ request }, index) => {
      const list = prices.get(request.route) ?? new PriceList([]);
      const end = checked[index];
      if (end?.ok === true) {
        const sms = end.value;
        const stopped = isCommercial(sms) ? optedOut : new Set<string>();
        return endOf(() => planMessage(sms, { prices: list, optedOut: stopped }, context));
      }
      // What a refused text lacks besides, a price, is told with the rest.
      return { ok: false, error: withProblems(end?.error, () => unpricedProblems(request, list)) };
    });
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
    const [prices, optedOut] = await Promise.all([
      this.priceList(tx, first.request, context),
      this.optedOutOf(tx, context, checked),
    ]);
    return { prices, optedOut };
  }

  private async priceLists(
    tx: Tx,
    asked: readonly Asked[],
    context: PlanningContext,
  ): Promise<ReadonlyMap<Route, PriceList>> {
    const routes = [...new Set(asked.map(({ request }) => request.route))];
    const lists = routes.map(async route => [route, await this.priceList(tx, { route }, context)] as const);
    return new Map(await Promise.all(lists));
  }

  private async optedOutOf(
    tx: Tx,
    { tenant }: PlanningContext,
    checked: readonly CheckedSms[],
  ): Promise<ReadonlySet<string>> {
    const numbers = checked
      .filter(isCommercial)
      .flatMap(({ recipients }) => recipients.map(({ phoneNumber }) => phoneNumber));
    return numbers.length === 0 ? new Set() : this.optOuts.among(tx, tenant.id, [...new Set(numbers)]);
  }

  private async priceList(
    tx: Tx,
    { route }: Pick<OptionsRequest, 'route'>,
    { tenant, now }: PlanningContext,
  ): Promise<PriceList> {
    // A preview may ask for any instant; a price list knows none before it was made.
    const pricedAt = new Date(Math.max(now.getTime(), this.clock.now().getTime()));
    return new PriceList(await this.prices.inForceFor(tx, pricedAt, { route, currency: tenant.currency }));
  }
}

export interface Asked {
  readonly request: SmsRequest;
  readonly problems?: readonly Problem[] | undefined;
}

const isCommercial = ({ options }: CheckedSms): boolean => options.category === 'COMMERCIAL';

function endOf<T>(work: () => T): Ended<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return { ok: false, error };
  }
}

const withProblems = (error: unknown, more: () => readonly Problem[]): unknown =>
  error instanceof InvalidSms ? new InvalidSms([...error.problems, ...more()]) : error;
