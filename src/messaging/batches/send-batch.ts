import { Injectable } from '@nestjs/common';
import { type Tenant, TenantStore, TenantSuspended } from '../../accounts/index.js';
import { formatDecimal, Ids, parseDecimal, type TenantId, Transactions, type Tx } from '../../kernel/index.js';
import { AcceptMessages } from '../asking/accept-messages.js';
import { type AcceptedFigures, earliest, isRecord, readFigures } from '../asking/accepted-sms.js';
import { EarlierAnswers, type Order } from '../asking/earlier-answers.js';
import type { MessagePlan, PlanningContext } from '../asking/plan-message.js';
import { SmsPlanning } from '../asking/sms-planning.js';
import type { BatchRequest } from '../asking/sms-request.js';
import { InvalidSms, NoRecipient } from '../messaging.errors.js';
import type { Batch } from './batch.js';
import { type BatchMessage, BatchStore } from './batch.store.js';
import { type BatchCheck, checkBatch } from './check-batch.js';

export type BatchOrder = Order<BatchRequest>;

/** What the answer to an accepted batch tells. */
export interface AcceptedBatch extends BatchFigures {
  readonly batch: Batch;
  readonly currency: string;
}

/** As they were when it was accepted: a repeated request is told the same. */
interface BatchFigures extends AcceptedFigures {
  /** In the order of the request. */
  readonly messages: readonly BatchMessage[];
}

interface Judged {
  readonly tenant: Tenant;
  readonly context: PlanningContext;
  readonly check: BatchCheck;
}

/** Accepts a text for each of up to ten thousand recipients in one transaction: all of them or none. */
@Injectable()
export class SendBatch {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly planning: SmsPlanning,
    private readonly earlier: EarlierAnswers,
    private readonly batches: BatchStore,
    private readonly accept: AcceptMessages,
    private readonly ids: Ids,
  ) {}

  /** Throws InvalidSms, NoRecipient, InsufficientCredit, IdempotencyConflict and TenantSuspended; then nothing is kept. */
  async execute(tenantId: TenantId, order: BatchOrder): Promise<AcceptedBatch> {
    const id = this.ids.uuid();
    const judged = await this.judge(tenantId, order);
    return this.transactions.run(tenantId, async tx => {
      const { now } = judged.context;
      const find = async ([earlierId = '']: readonly string[]): Promise<Batch[]> => {
        const batch = await this.batches.find(tx, tenantId, earlierId);
        return batch === null ? [] : [batch];
      };
      const known = await this.earlier.find(tx, tenantId, { id, order }, { now, find });
      if (known !== null) {
        const { currency } = judged.tenant;
        return {
          ...(readBatchFigures(known.answer) ?? (await this.asItStands(tx, known.earlier))),
          batch: known.earlier,
          currency,
        };
      }
      const accepted = await this.write(tx, id, order.request, judged);
      const { batch: _, currency: __, ...figures } = accepted;
      await this.earlier.remember(tx, tenantId, [{ order, answer: figures }]);
      return accepted;
    });
  }

  /** Outside the transaction that writes: ten thousand texts take their time, and a verdict can wait for its turn. */
  private async judge(tenantId: TenantId, { request, problems }: BatchOrder): Promise<Judged> {
    const tenant = await this.transactions.run(tenantId, tx => this.tenants.find(tx, tenantId));
    if (tenant === null) throw new Error('a key names a tenant that does not exist');
    const context = this.planning.contextFor(tenant);
    return { tenant, context, check: await checkBatch(request, context, problems ?? []) };
  }

  private async write(tx: Tx, id: string, request: BatchRequest, judged: Judged): Promise<AcceptedBatch> {
    const { tenant, context, check } = judged;
    if (tenant.status === 'SUSPENDED') throw new TenantSuspended();
    if (!check.ok) throw new InvalidSms([...check.problems, ...(await this.planning.unpriced(tx, request, context))]);
    const plans = await this.planning.planBatch(tx, check.messages, context);
    const everybody = plans.flatMap(plan => plan.submissions.flatMap(({ deliveries }) => deliveries));
    if (everybody.every(delivery => delivery.optedOut)) throw new NoRecipient();
    const { now } = context;
    const row = { id, messageCount: plans.length, sandbox: request.sandbox, createdAt: now };
    const number = await this.batches.insert(tx, tenant.id, row, this.ids.below(4));
    const planned = plans.map(plan => ({ id: this.ids.uuid(), plan }));
    await this.accept.execute(tx, { tenant, now, planned, credit: null, batch: { id, number } });
    const accepted = { batch: { ...row, tenantId: tenant.id, number }, scheduledFor: request.at };
    return { ...accepted, currency: tenant.currency, ...totalsOf(plans) };
  }

  private async asItStands(tx: Tx, batch: Batch): Promise<BatchFigures> {
    const { tenantId, id } = batch;
    const { cost, scheduledFor, heldUntil } = await this.batches.progress(tx, tenantId, id);
    const messages = await this.batches.messages(tx, tenantId, id);
    return { messages, smsCount: smsCountOf(messages), cost, scheduledFor, heldUntil };
  }
}

function totalsOf(plans: readonly MessagePlan[]): Pick<AcceptedBatch, 'messages' | 'smsCount' | 'cost' | 'heldUntil'> {
  const messages = plans.flatMap(({ composed, submissions }) =>
    submissions.flatMap(({ deliveries }) =>
      deliveries.map(({ phoneNumber, cost, optedOut }) => ({ phoneNumber, cost, optedOut, parts: composed.parts })),
    ),
  );
  const held = plans.flatMap(({ submissions }) =>
    submissions.flatMap(({ departure, deliveries }) =>
      departure.hold === null || deliveries.every(({ optedOut }) => optedOut) ? [] : [departure.hold.releaseAt],
    ),
  );
  const cost = formatDecimal(plans.reduce((sum, plan) => sum + parseDecimal(plan.cost), 0n));
  return { messages, smsCount: smsCountOf(messages), cost, heldUntil: earliest(held) };
}

const smsCountOf = (messages: readonly BatchMessage[]): number =>
  messages.reduce((sum, { parts, optedOut }) => sum + (optedOut ? 0 : parts), 0);

function readBatchFigures(kept: unknown): BatchFigures | null {
  const figures = readFigures(kept);
  if (figures === null || !isRecord(kept) || !Array.isArray(kept['messages'])) return null;
  const messages = kept['messages'].filter(isBatchMessage);
  return { ...figures, messages };
}

const isBatchMessage = (value: unknown): value is BatchMessage =>
  isRecord(value) && typeof value['phoneNumber'] === 'string' && typeof value['parts'] === 'number';
