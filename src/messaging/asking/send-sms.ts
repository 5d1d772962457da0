import { Injectable } from '@nestjs/common';
import { type Tenant, TenantStore, TenantSuspended } from '../../accounts/index.js';
import { Ids, type TenantId, Transactions, type Tx, WakeUps } from '../../kernel/index.js';
import { AcceptMessage } from './accept-message.js';
import { fingerprintOf, IdempotencyStore } from './idempotency.store.js';
import type { Message } from '../message.js';
import { MessageStore } from '../message.store.js';
import { NoRecipient } from '../messaging.errors.js';
import { SmsPlanning } from './sms-planning.js';
import { isIdempotencyKey } from './sms-options.js';
import type { SmsRequest } from './sms-request.js';
import { WORK } from '../leaving/work-topics.js';

/** What is asked, and what the asking was: the operation and the input as given, for the idempotency key. */
export interface SmsOrder {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly request: SmsRequest;
}

/** Accepts an SMS, now or for later, in one transaction: all of it or nothing. */
@Injectable()
export class SendSms {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly planning: SmsPlanning,
    private readonly idempotency: IdempotencyStore,
    private readonly messages: MessageStore,
    private readonly accept: AcceptMessage,
    private readonly wakeUps: WakeUps,
    private readonly ids: Ids,
  ) {}

  /** Throws InvalidSms, NoRecipient, InsufficientCredit, IdempotencyConflict and TenantSuspended; then nothing is kept. */
  execute(tenantId: TenantId, order: SmsOrder): Promise<Message> {
    const id = this.ids.uuid();
    return this.transactions.run(tenantId, async tx => {
      const tenant = await this.tenants.find(tx, tenantId);
      if (tenant === null) throw new Error('a key names a tenant that does not exist');
      const context = this.planning.contextFor(tenant);
      // Before any judgement that time may change: what was accepted once is answered again, even once its hour has passed.
      const earlier = await this.earlierAnswer(tx, tenant, order, { id, now: context.now });
      if (earlier !== null) return earlier;
      if (tenant.status === 'SUSPENDED') throw new TenantSuspended();
      const plan = await this.planning.plan(tx, order.request, context);
      if (plan.submissions.every(({ deliveries }) => deliveries.every(delivery => delivery.optedOut)))
        throw new NoRecipient();
      const message = await this.accept.execute(tx, { id, tenant, plan, now: context.now });
      tx.afterCommit(() => this.wakeUps.announce(WORK.dispatch));
      return message;
    });
  }

  private async earlierAnswer(
    tx: Tx,
    tenant: Tenant,
    order: SmsOrder,
    wish: { id: string; now: Date },
  ): Promise<Message | null> {
    const key = order.request.idempotencyKey;
    // A key that cannot be is told with the other problems.
    if (key === null || !isIdempotencyKey(key)) return null;
    const fingerprint = fingerprintOf(order.operation, order.input);
    const earlierId = await this.idempotency.take(tx, tenant.id, {
      key,
      fingerprint,
      messageId: wish.id,
      now: wish.now,
    });
    return earlierId === null ? null : this.messages.find(tx, tenant.id, earlierId);
  }
}
