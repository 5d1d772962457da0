import { Injectable } from '@nestjs/common';
import { type Tenant, TenantsAtHand, TenantSuspended, type TenantVersion } from '../../accounts/index.js';
import { Clock, type Ended, Ids, type TenantId, Transactions, type Tx } from '../../kernel/index.js';
import type { Message } from '../message.js';
import { MessageStore } from '../message.store.js';
import { NoRecipient } from '../messaging.errors.js';
import { AcceptMessages, type PlannedMessage } from './accept-messages.js';
import { type AcceptedSms, figuresOf, readFigures } from './accepted-sms.js';
import { type Earlier, EarlierAnswers, type Order } from './earlier-answers.js';
import type { MessagePlan, PlanningContext } from './plan-message.js';
import { type Known, type Prices, SmsPlanning } from './sms-planning.js';
import type { SmsRequest } from './sms-request.js';

export type SmsOrder = Order<SmsRequest>;

/** An order with the id that its message will have. */
interface Wish {
  readonly id: string;
  readonly order: SmsOrder;
}

interface Work {
  readonly tenantId: TenantId;
  readonly wishes: readonly Wish[];
  readonly prices: Prices;
}

/** What was planned was planned by a tenant, or by prices, that are not so any more. */
class Outdated extends Error {}

type Ends = Map<Wish, Ended<AcceptedSms>>;

/** Accepts orders of one tenant in one transaction, each for itself: what is refused leaves nothing behind. */
@Injectable()
export class AcceptOrders {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantsAtHand,
    private readonly planning: SmsPlanning,
    private readonly earlier: EarlierAnswers,
    private readonly messages: MessageStore,
    private readonly accept: AcceptMessages,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** In their order; no idempotency key twice among them. Throws what has to do with none of them: the database is away. */
  async execute(tenantId: TenantId, orders: readonly SmsOrder[]): Promise<readonly Ended<AcceptedSms>[]> {
    const wishes = orders.map(order => ({ order, id: this.ids.uuid() }));
    const atHand = (await this.tenants.find(tenantId)) ?? nobody();
    const work = { tenantId, wishes, prices: await this.planning.pricesFor(atHand.tenant, orders) };
    try {
      return await this.transactions.run(tenantId, tx => this.supposing(tx, work, atHand));
    } catch (error) {
      if (!(error instanceof Outdated)) throw error;
      const now = async (tx: Tx): Promise<Tenant> => (await this.tenants.findNow(tx, tenantId)) ?? nobody();
      const anew = { ...work, prices: await this.planning.pricesFor(atHand.tenant, orders) };
      return this.transactions.run(tenantId, tx => this.acceptAll(tx, anew, now));
    }
  }

  /** By the tenant as it was a moment ago, making sure on the way that it is so still: a wait less. Throws Outdated. */
  private async supposing(tx: Tx, work: Work, atHand: TenantVersion): Promise<readonly Ended<AcceptedSms>[]> {
    // Asked as soon as the keys are, before the rest is: the answer is that of the same moment.
    let isStill = Promise.resolve(false);
    const accepting = this.acceptAll(tx, work, async () => {
      isStill = this.tenants.isStill(tx, atHand);
      return atHand.tenant;
    });
    const [accepted, still] = await Promise.allSettled([accepting, isStill]);
    // First: what a tenant is refused for is told as it is.
    if (still.status === 'fulfilled' && !(still.value && this.areInForce(work.prices))) throw new Outdated();
    if (accepted.status === 'rejected') throw accepted.reason;
    // Where all is refused without another word to the database, only this one tells that it is away.
    if (still.status === 'rejected') throw still.reason;
    return accepted.value;
  }

  /** Who waited for another's key, or for a connection, may have waited until others are. */
  private areInForce(prices: Prices): boolean {
    const now = this.clock.now();
    return [...prices.values()].every(list => list.isInForce(now));
  }

  private async acceptAll(
    tx: Tx,
    work: Work,
    tenantOf: (tx: Tx) => Promise<Tenant>,
  ): Promise<readonly Ended<AcceptedSms>[]> {
    const { tenantId, wishes } = work;
    const ends: Ends = new Map();
    // The keys first: who waits for another's is to see what is true after that.
    const [fresh, { tenant, known }, credit] = await Promise.all([
      this.answerKnown(tx, tenantId, wishes, ends),
      this.whatIsKnown(tx, work, tenantOf),
      this.accept.creditOf(tx, tenantId),
    ]);
    const context = this.planning.contextFor(tenant);
    if (tenant.status === 'SUSPENDED') refuse(ends, fresh, new TenantSuspended());
    else await this.write(tx, { ...context, credit }, this.planFresh(context, known, fresh, ends), ends);
    const refused = fresh.filter(wish => ends.get(wish)?.ok !== true);
    await this.earlier.forget(
      tx,
      tenantId,
      refused.map(({ order }) => order),
    );
    return wishes.map(wish => ends.get(wish) ?? missing());
  }

  /** Before any judgement that time may change: what was accepted once is answered again, even once its hour has passed. */
  private async answerKnown(tx: Tx, tenantId: TenantId, wishes: readonly Wish[], ends: Ends): Promise<readonly Wish[]> {
    const find = (ids: readonly string[]): Promise<Message[]> => this.messages.findMany(tx, tenantId, ids);
    const earlier = await this.earlier.findAll(tx, tenantId, wishes, { now: this.clock.now(), find });
    return wishes.filter((wish, index) => {
      const end = endOfKnown(earlier[index]);
      if (end !== null) ends.set(wish, end);
      return end === null;
    });
  }

  private async whatIsKnown(
    tx: Tx,
    { wishes, prices }: Work,
    tenantOf: (tx: Tx) => Promise<Tenant>,
  ): Promise<{ readonly tenant: Tenant; readonly known: Known }> {
    const tenant = await tenantOf(tx);
    const orders = wishes.map(({ order }) => order);
    return { tenant, known: await this.planning.lookUp(tx, tenant, orders, prices) };
  }

  private planFresh(
    context: PlanningContext,
    known: Known,
    fresh: readonly Wish[],
    ends: Ends,
  ): readonly (Wish & PlannedMessage)[] {
    const plans = this.planning.planAll(
      fresh.map(({ order }) => order),
      known,
      context,
    );
    return fresh.flatMap((wish, index) => {
      const plan = plans[index] ?? missing();
      if (!plan.ok) ends.set(wish, plan);
      else if (reachesNobody(plan.value)) refuse(ends, [wish], new NoRecipient());
      else return [Object.assign(wish, { plan: plan.value })];
      return [];
    });
  }

  private async write(
    tx: Tx,
    { tenant, now, credit }: PlanningContext & { readonly credit: string | null },
    planned: readonly (Wish & PlannedMessage)[],
    ends: Ends,
  ): Promise<void> {
    if (planned.length === 0) return;
    const messages = await this.accept.execute(tx, { tenant, now, planned, credit, batch: null });
    const answers = planned.map(({ order, plan }) => ({ order, answer: figuresOf(plan) }));
    await this.earlier.remember(tx, tenant.id, answers);
    for (const [index, wish] of planned.entries()) {
      ends.set(wish, { ok: true, value: { message: messages[index] ?? missing(), ...figuresOf(wish.plan) } });
    }
  }
}

function endOfKnown(earlier: Earlier<Message> | undefined): Ended<AcceptedSms> | null {
  switch (earlier?.kind) {
    case 'known': {
      const { earlier: message, answer } = earlier;
      const figures = readFigures(answer) ?? { ...message, smsCount: 0, heldUntil: null };
      return { ok: true, value: { message, ...figures } };
    }
    case 'conflict':
      return { ok: false, error: earlier.error };
    case 'new':
    case undefined:
      return null;
  }
}

function refuse(ends: Ends, wishes: readonly Wish[], error: Error): void {
  for (const wish of wishes) ends.set(wish, { ok: false, error });
}

const reachesNobody = ({ submissions }: MessagePlan): boolean =>
  submissions.every(({ deliveries }) => deliveries.every(delivery => delivery.optedOut));

function nobody(): never {
  throw new Error('a key names a tenant that does not exist');
}

function missing(): never {
  throw new Error('an order came to no end');
}
