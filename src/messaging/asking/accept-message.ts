import { Injectable } from '@nestjs/common';
import type { Tenant } from '../../accounts/index.js';
import { Ledger } from '../../billing/index.js';
import { Ids, type TenantId, type Tx } from '../../kernel/index.js';
import { DeliveryStore, type NewDelivery } from '../delivery.store.js';
import { recipientsInWords, toStoredHold } from '../explain.js';
import type { Message } from '../message.js';
import { MessageStore } from '../message.store.js';
import type { MessagePlan, PlannedSubmission } from './plan-message.js';
import { ProgressStore } from '../progress.store.js';
import { type NewSubmission, SubmissionStore } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';

interface Acceptance {
  readonly id: string;
  readonly tenant: Tenant;
  readonly plan: MessagePlan;
  readonly now: Date;
}

/** Writes a planned message down, whole: reservation, message, submissions, deliveries, timeline. The caller's transaction. */
@Injectable()
export class AcceptMessage {
  constructor(
    private readonly ledger: Ledger,
    private readonly messages: MessageStore,
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly progress: ProgressStore,
    private readonly timeline: TimelineStore,
    private readonly ids: Ids,
  ) {}

  /** Throws InsufficientCredit. */
  async execute(tx: Tx, acceptance: Acceptance): Promise<Message> {
    const { id, tenant, plan, now } = acceptance;
    const { request } = plan;
    if (!request.sandbox) {
      await this.ledger.reserve(tx, tenant.id, { amount: plan.cost, currency: tenant.currency, messageId: id });
    }
    const row = rowOf(acceptance);
    const number = await this.messages.insert(tx, tenant.id, row, this.ids.below(4));
    const submissions = plan.submissions.map(planned => ({ planned, id: this.ids.uuid() }));
    await this.submissions.insert(
      tx,
      tenant.id,
      { id, category: plan.options.category, now },
      submissions.map(({ planned, id: submissionId }) => submissionOf(submissionId, planned, acceptance)),
    );
    const deliveries = submissions.flatMap(submission => this.deliveriesOf(submission, request.sandbox));
    await this.deliveries.insert(tx, tenant.id, { messageId: id, now }, deliveries);
    const status = await this.progress.refresh(
      tx,
      tenant.id,
      id,
      submissions.map(submission => submission.id),
    );
    await this.tell(tx, tenant.id, acceptance);
    return { ...row, tenantId: tenant.id, number, status };
  }

  private deliveriesOf({ planned, id }: { planned: PlannedSubmission; id: string }, sandbox: boolean): NewDelivery[] {
    return planned.deliveries.map(delivery => ({
      id: this.ids.uuid(),
      submissionId: id,
      phoneNumber: delivery.phoneNumber,
      territory: planned.territory,
      status: delivery.optedOut ? 'OPTED_OUT' : 'WAITING',
      cost: delivery.cost,
      charge: delivery.optedOut || sandbox ? 'NONE' : 'RESERVED',
    }));
  }

  private async tell(tx: Tx, tenantId: TenantId, { id, plan }: Acceptance): Promise<void> {
    const optedOut = plan.submissions.flatMap(({ deliveries }) =>
      deliveries.filter(delivery => delivery.optedOut),
    ).length;
    const except = optedOut === 0 ? '' : `; ${recipientsInWords(optedOut)} of them opted out and get nothing`;
    await this.timeline.add(tx, tenantId, id, {
      kind: 'accepted',
      detail: `${recipientsInWords(plan.recipients.length)}${except}`,
    });
    for (const { departure, deliveries } of plan.submissions) {
      if (departure.hold !== null) {
        await this.timeline.add(tx, tenantId, id, {
          kind: 'held',
          detail: `${recipientsInWords(deliveries.length)}: ${departure.hold.explanation}`,
        });
      } else if (departure.releaseAt !== null) {
        await this.timeline.add(tx, tenantId, id, {
          kind: 'scheduled',
          detail: `${recipientsInWords(deliveries.length)} for ${departure.releaseAt.toISOString()}`,
        });
      }
    }
  }
}

function rowOf({ id, tenant, plan, now }: Acceptance): Omit<Message, 'tenantId' | 'number'> {
  const { request, options, composed } = plan;
  return {
    id,
    // Set from the submissions before the transaction ends.
    status: 'QUEUED',
    category: options.category,
    route: request.route,
    sender: options.sender,
    text: request.text,
    bareText: composed.bareText,
    sentText: composed.sentText,
    appendStop: composed.appendStop,
    unicode: request.unicode,
    encoding: composed.encoding,
    parts: composed.parts,
    tag: options.tag,
    sandbox: request.sandbox,
    recipientCount: plan.recipients.length,
    cost: plan.cost,
    currency: tenant.currency,
    scheduledFor: request.at,
    validitySeconds: options.validitySeconds,
    receiptUrl: request.receiptUrl,
    replyUrl: request.replyUrl,
    createdAt: now,
  };
}

function submissionOf(id: string, planned: PlannedSubmission, { plan, now }: Acceptance): NewSubmission {
  const { territory, departure, deliveries } = planned;
  const leavesAt = departure.releaseAt ?? now;
  const expiresAt = new Date(leavesAt.getTime() + plan.options.validitySeconds * 1_000);
  if (deliveries.every(delivery => delivery.optedOut)) {
    return { id, territory, state: 'DONE', releaseAt: null, expiresAt, dueAt: null, hold: null };
  }
  return {
    id,
    territory,
    state: departure.state,
    releaseAt: departure.releaseAt,
    expiresAt,
    dueAt: leavesAt,
    hold: departure.hold && toStoredHold(departure.hold),
  };
}
