import { Injectable } from '@nestjs/common';
import { TenantStore, TenantSuspended } from '../../accounts/index.js';
import { Ids, type TenantId, Transactions } from '../../kernel/index.js';
import { AcceptMessages } from './accept-messages.js';
import { type AcceptedSms, figuresOf, readFigures } from './accepted-sms.js';
import { EarlierAnswers, type Order } from './earlier-answers.js';
import type { Message } from '../message.js';
import { MessageStore } from '../message.store.js';
import { NoRecipient } from '../messaging.errors.js';
import { SmsPlanning } from './sms-planning.js';
import type { SmsRequest } from './sms-request.js';

export type SmsOrder = Order<SmsRequest>;

/** Accepts an SMS, now or for later, in one transaction: all of it or nothing. */
@Injectable()
export class SendSms {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly planning: SmsPlanning,
    private readonly earlier: EarlierAnswers,
    private readonly messages: MessageStore,
    private readonly accept: AcceptMessages,
    private readonly ids: Ids,
  ) {}

  /** Throws InvalidSms, NoRecipient, InsufficientCredit, IdempotencyConflict and TenantSuspended; then nothing is kept. */
  execute(tenantId: TenantId, order: SmsOrder): Promise<AcceptedSms> {
    const id = this.ids.uuid();
    return this.transactions.run(tenantId, async tx => {
      const tenant = await this.tenants.find(tx, tenantId);
      if (tenant === null) throw new Error('a key names a tenant that does not exist');
      const context = this.planning.contextFor(tenant);
      // Before any judgement that time may change: what was accepted once is answered again, even once its hour has passed.
      const find = (earlierId: string): Promise<Message | null> => this.messages.find(tx, tenantId, earlierId);
      const known = await this.earlier.find(tx, tenantId, order, { id, now: context.now, find });
      if (known !== null) {
        const { earlier: message, answer } = known;
        return { message, ...(readFigures(answer) ?? { ...message, smsCount: 0, heldUntil: null }) };
      }
      if (tenant.status === 'SUSPENDED') throw new TenantSuspended();
      const plan = await this.planning.plan(tx, order.request, context, order.problems);
      if (plan.submissions.every(({ deliveries }) => deliveries.every(delivery => delivery.optedOut)))
        throw new NoRecipient();
      const accepting = { tenant, now: context.now, planned: [{ id, plan }], batch: null };
      const [message] = await this.accept.execute(tx, accepting);
      if (message === undefined) throw new Error('an accepted message is not there');
      const figures = figuresOf(plan);
      await this.earlier.remember(tx, tenantId, order, figures);
      return { message, ...figures };
    });
  }
}
