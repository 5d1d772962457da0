import { Injectable } from '@nestjs/common';
import { TenantStore } from '../../accounts/index.js';
import { type TenantId, Transactions } from '../../kernel/index.js';
import type { HoldReason } from '../../scheduling/index.js';
import { type MessagePlan } from './plan-message.js';
import { SmsPlanning } from './sms-planning.js';
import type { SmsRequest } from './sms-request.js';

export interface HoldOfRecipients {
  readonly hold: HoldReason;
  readonly recipients: number;
}

/** What would happen to an SMS sent at an instant. */
export interface SmsPreview {
  readonly plan: MessagePlan;
  readonly currency: string;
  readonly optedOut: number;
  /** When the first of it leaves. */
  readonly leavesAt: Date;
  readonly holds: readonly HoldOfRecipients[];
}

@Injectable()
export class PreviewSms {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly planning: SmsPlanning,
  ) {}

  /** Writes nothing. `at` null: now. Throws InvalidSms. */
  execute(tenantId: TenantId, request: SmsRequest, at: Date | null): Promise<SmsPreview> {
    return this.transactions.run(tenantId, async tx => {
      const tenant = await this.tenants.find(tx, tenantId);
      if (tenant === null) throw new Error('a key names a tenant that does not exist');
      const context = this.planning.contextFor(tenant, at ?? undefined);
      const plan = await this.planning.plan(tx, request, context);
      return { plan, currency: tenant.currency, ...summaryOf(plan, context.now) };
    });
  }
}

function summaryOf(plan: MessagePlan, now: Date): Pick<SmsPreview, 'optedOut' | 'leavesAt' | 'holds'> {
  const going = plan.submissions.map(({ departure, deliveries }) => ({
    departure,
    recipients: deliveries.filter(delivery => !delivery.optedOut).length,
    optedOut: deliveries.filter(delivery => delivery.optedOut).length,
  }));
  const departures = going.filter(part => part.recipients > 0).map(part => (part.departure.releaseAt ?? now).getTime());
  return {
    optedOut: going.reduce((sum, part) => sum + part.optedOut, 0),
    leavesAt: departures.length === 0 ? now : new Date(Math.min(...departures)),
    holds: going.flatMap(({ departure, recipients }) =>
      departure.hold !== null && recipients > 0 ? [{ hold: departure.hold, recipients }] : [],
    ),
  };
}
