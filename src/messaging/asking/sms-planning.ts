import { Injectable } from '@nestjs/common';
import type { Tenant } from '../../accounts/index.js';
import { PriceList, PricesAtHand, PriceStore } from '../../billing/index.js';
import { AppConfig, Clock, type Ended, type Route, type TenantId, type Tx } from '../../kernel/index.js';
import { SendWindows } from '../../scheduling/index.js';
import { OptOutStore } from '../opt-outs/opt-out.store.js';
import { InvalidSms, type Problem } from '../messaging.errors.js';
import { readRecipients, type Recipient, type RecipientList } from '../recipients/read-recipients.js';
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
import { optionsOf } from './sms-options.js';
import type { BatchRequest, OptionsRequest, SmsRequest } from './sms-request.js';

/** Gathers what a plan needs and makes it: the same for sending and for previewing. */
@Injectable()
export class SmsPlanning {
  constructor(
    private readonly prices: PriceStore,
    private readonly atHand: PricesAtHand,
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

  /** Of every route that these go by. */
  async pricesFor(tenant: Tenant, asked: readonly Asked[]): Promise<Prices> {
    const routes = [...new Set(asked.map(({ request }) => request.route))];
    const { currency } = tenant;
    return new Map(
      await Promise.all(routes.map(async route => [route, await this.atHand.find({ route, currency })] as const)),
    );
  }

  /** What planning these needs to know besides, by one look; none where there is nobody who may have opted out. */
  async lookUp(tx: Tx, tenant: Tenant, asked: readonly Asked[], prices: Prices): Promise<Known> {
    const recipients = asked.map(({ request }) => readRecipients(request.to, request.territory));
    const commercial = asked.flatMap(({ request }, index) => {
      const list = recipients[index];
      return list?.ok === true && optionsOf(request, tenant).category === 'COMMERCIAL' ? list.recipients : [];
    });
    return {
      recipients: new Map(asked.map((one, index) => [one, recipients[index] ?? none()])),
      optedOut: await this.optedOutOf(tx, tenant.id, commercial),
      prices,
    };
  }

  /** Throws InvalidSms. */
  async plan(tx: Tx, request: SmsRequest, context: PlanningContext): Promise<MessagePlan> {
    const asked = [{ request }];
    const prices = new Map([[request.route, await this.priceList(tx, request, context)]]);
    const known = await this.lookUp(tx, context.tenant, asked, prices);
    const [planned] = this.planAll(asked, known, context);
    if (planned?.ok !== true) throw planned?.error;
    return planned.value;
  }

  /** Each for itself. */
  planAll(asked: readonly Asked[], known: Known, context: PlanningContext): readonly Ended<MessagePlan>[] {
    return asked.map(one => {
      const { request, problems } = one;
      const prices = known.prices.get(request.route) ?? new PriceList([]);
      const checked = endOf(() => checkSms(request, context, problems, known.recipients.get(one)));
      // What a refused text lacks besides, a price, is told with the rest.
      if (!checked.ok)
        return { ok: false, error: withProblems(checked.error, () => unpricedProblems(request, prices)) };
      const optedOut = isCommercial(checked.value) ? known.optedOut : new Set<string>();
      return endOf(() => planMessage(checked.value, { prices, optedOut }, context));
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
    const commercial = checked.filter(isCommercial).flatMap(({ recipients }) => recipients);
    const [prices, optedOut] = await Promise.all([
      this.priceList(tx, first.request, context),
      this.optedOutOf(tx, context.tenant.id, commercial),
    ]);
    return { prices, optedOut };
  }

  private async optedOutOf(tx: Tx, tenantId: TenantId, recipients: readonly Recipient[]): Promise<ReadonlySet<string>> {
    const numbers = new Set(recipients.map(({ phoneNumber }) => phoneNumber));
    return numbers.size === 0 ? new Set() : this.optOuts.among(tx, tenantId, [...numbers]);
  }

  private async priceList(
    tx: Tx,
    { route }: Pick<OptionsRequest, 'route'>,
    { tenant, now }: PlanningContext,
  ): Promise<PriceList> {
    const earliest = this.clock.now();
    // A preview may ask for any instant; a price list knows none before it was made.
    const at = now < earliest ? earliest : now;
    return new PriceList(await this.prices.inForceFor(tx, at, { route, currency: tenant.currency }));
  }
}

export type Prices = ReadonlyMap<Route, PriceList>;

/** What plans are made with, besides their context. */
export interface Known {
  readonly recipients: ReadonlyMap<Asked, RecipientList>;
  readonly prices: Prices;
  /** E.164 numbers, of those that may be written to commercially. */
  readonly optedOut: ReadonlySet<string>;
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

function none(): never {
  throw new Error('a list of recipients was not read');
}
