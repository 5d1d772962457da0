import { Injectable } from '@nestjs/common';
import type { Tenant } from '../../accounts/index.js';
import { InsufficientCredit, Ledger } from '../../billing/index.js';
import { crashPoint, Ids, type TenantId, type Tx, WakeUps } from '../../kernel/index.js';
import { DeliveryStore, type NewDelivery } from '../delivery.store.js';
import { recipientsInWords, toStoredHold } from '../explain.js';
import type { Message } from '../message.js';
import { MessageStore, type NewMessage } from '../message.store.js';
import type { MessageStatus } from '../message-status.js';
import { WORK } from '../leaving/work-topics.js';
import type { MessagePlan, PlannedSubmission } from './plan-message.js';
import { TellAccepted } from './tell-accepted.js';
import { type NewSubmission, SubmissionStore } from '../submission.store.js';
import { type NewTimelineEvent, TimelineStore } from '../timeline.store.js';

export interface PlannedMessage {
  readonly id: string;
  readonly plan: MessagePlan;
}

interface Acceptance {
  readonly tenant: Tenant;
  readonly now: Date;
  readonly planned: readonly PlannedMessage[];
  /** What the tenant had a moment ago (exact decimal): what it does not cover is refused before anything is written. Null: not asked. */
  readonly credit: string | null;
  /** Null: a message asked for alone. */
  readonly batch: { readonly id: string; readonly number: number } | null;
}

interface Part extends PlannedMessage {
  readonly submissionId: string;
  readonly submission: PlannedSubmission;
}

/** Writes planned messages down, whole: reservation, messages, submissions, deliveries, timeline. The caller's transaction. */
@Injectable()
export class AcceptMessages {
  private readonly short = new Set<TenantId>();

  constructor(
    private readonly ledger: Ledger,
    private readonly messages: MessageStore,
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly timeline: TimelineStore,
    private readonly tell: TellAccepted,
    private readonly wakeUps: WakeUps,
    private readonly ids: Ids,
  ) {}

  /**
   * For `Acceptance.credit`. Asked only of those whose credit did not last the last time: for the others it is one statement
   * too many (a twelfth of all), and these would use up public numbers with each refusal.
   */
  creditOf(tx: Tx, tenantId: TenantId): Promise<string> | null {
    return this.short.has(tenantId) ? this.ledger.balanceOf(tx, tenantId) : null;
  }

  /** In the given order. Throws InsufficientCredit. */
  async execute(tx: Tx, acceptance: Acceptance): Promise<readonly Message[]> {
    const { tenant, now, planned } = acceptance;
    const prices = planned.flatMap(({ id, plan }) =>
      plan.request.sandbox ? [] : [{ amount: plan.cost, messageId: id }],
    );
    const { currency } = tenant;
    const reserve = (): Promise<void> =>
      this.ledger.reserve(tx, tenant.id, prices, currency).catch(this.noting(tenant.id));
    // A batch is ten thousand rows for nothing where it is not covered.
    if (acceptance.batch !== null) await reserve();
    else if (acceptance.credit !== null) this.ledger.expectCover(acceptance.credit, prices, currency);
    const rows = planned.map(message => this.rowOf(message, acceptance));
    const parts = planned.flatMap(message =>
      message.plan.submissions.map(submission => ({ ...message, submission, submissionId: this.ids.uuid() })),
    );
    const submissions = parts.map(part => submissionOf(part, now));
    const deliveries = parts.flatMap(part => this.deliveriesOf(part));
    this.tell.expect(tx, tenant.id);
    // All in one go, in this order. The balance last: its lock, for which the tenant's next SMS wait, is held the shortest so.
    const [numbers] = await Promise.all([
      this.messages.insert(tx, tenant.id, rows),
      this.submissions.insert(tx, tenant.id, now, submissions),
      this.deliveries.insert(tx, tenant.id, now, deliveries),
      this.timeline.addAll(tx, tenant.id, planned.flatMap(eventsOf)),
      acceptance.batch === null && reserve(),
    ]);
    if (prices.length > 0) this.short.delete(tenant.id);
    crashPoint('accept.before-commit');
    tx.afterCommit(() => crashPoint('accept.after-commit'));
    tx.afterCommit(() => this.wakeUps.announce(WORK.dispatch));
    const messages = rows.map((row, index) =>
      Object.assign(row, { tenantId: tenant.id, number: numbers[index] ?? 0, version: 0 }),
    );
    await this.tell.execute(tx, messages, { planned, deliveries });
    return messages;
  }

  private noting(tenantId: TenantId): (error: unknown) => never {
    return error => {
      if (error instanceof InsufficientCredit) this.short.add(tenantId);
      throw error;
    };
  }

  private rowOf({ id, plan }: PlannedMessage, { tenant, now, batch }: Acceptance): NewMessage {
    const { request, options, composed } = plan;
    return {
      id,
      gap: this.ids.below(4),
      batchId: batch?.id ?? null,
      batchNumber: batch?.number ?? null,
      status: statusOf(plan),
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

  private deliveriesOf({ id, plan, submission, submissionId }: Part): NewDelivery[] {
    return submission.deliveries.map(delivery => ({
      messageId: id,
      id: this.ids.uuid(),
      submissionId,
      phoneNumber: delivery.phoneNumber,
      territory: submission.territory,
      status: delivery.optedOut ? 'OPTED_OUT' : 'WAITING',
      cost: delivery.cost,
      charge: delivery.optedOut || plan.request.sandbox ? 'NONE' : 'RESERVED',
    }));
  }
}

function submissionOf({ id, plan, submission, submissionId }: Part, now: Date): NewSubmission {
  const { territory, departure, deliveries } = submission;
  const leavesAt = departure.releaseAt ?? now;
  const expiresAt = new Date(leavesAt.getTime() + plan.options.validitySeconds * 1_000);
  const optedOut = deliveries.filter(delivery => delivery.optedOut).length;
  const waiting = deliveries.length - optedOut;
  const { category } = plan.options;
  const { sandbox } = plan.request;
  const of = { messageId: id, id: submissionId, category, sandbox, territory, expiresAt, waiting, optedOut };
  if (waiting === 0) {
    return { ...of, state: 'DONE', releaseAt: null, dueAt: null, hold: null };
  }
  const hold = departure.hold && toStoredHold(departure.hold);
  return { ...of, state: departure.state, releaseAt: departure.releaseAt, dueAt: leavesAt, hold };
}

const IN_ORDER = ['QUEUED', 'HELD', 'SCHEDULED'] as const;

/** Of a message just accepted: as progress.store derives it from then on. Where everybody opted out, nothing will reach the provider. */
export function statusOf({ submissions }: Pick<MessagePlan, 'submissions'>): MessageStatus {
  const going = submissions.filter(({ deliveries }) => deliveries.some(delivery => !delivery.optedOut));
  return IN_ORDER.find(status => going.some(({ departure }) => departure.state === status)) ?? 'FAILED';
}

function eventsOf({ id, plan }: PlannedMessage): NewTimelineEvent[] {
  const optedOut = plan.submissions.flatMap(({ deliveries }) =>
    deliveries.filter(delivery => delivery.optedOut),
  ).length;
  const except = optedOut === 0 ? '' : `; ${recipientsInWords(optedOut)} of them opted out and get nothing`;
  const accepted = `${recipientsInWords(plan.recipients.length)}${except}`;
  const departures = plan.submissions.flatMap(({ departure, deliveries }): NewTimelineEvent[] => {
    const recipients = recipientsInWords(deliveries.length);
    const { hold, releaseAt } = departure;
    if (hold !== null) return [{ messageId: id, kind: 'held', detail: `${recipients}: ${hold.explanation}` }];
    if (releaseAt === null) return [];
    return [{ messageId: id, kind: 'scheduled', detail: `${recipients} for ${releaseAt.toISOString()}` }];
  });
  return [{ messageId: id, kind: 'accepted', detail: accepted }, ...departures];
}
