import { Injectable } from '@nestjs/common';
import { type Caller, maySee, maySeePersonalData, TenantStore } from '../accounts/index.js';
import { InvalidArgument, PLATFORM, type TenantId, Transactions, type Tx } from '../kernel/index.js';
import { AuditedReading } from './audited-reading.js';
import { type Delivery, DeliveryStore } from './delivery.store.js';
import type { DeliveryStatus } from './delivery-status.js';
import { AccountsAtHand } from './leaving/accounts-at-hand.js';
import type { Message } from './message.js';
import { type MessageFilter, MessageStore } from './message.store.js';
import { type Submission, SubmissionStore } from './submission.store.js';
import { type TimelineEvent, TimelineStore } from './timeline.store.js';
import type { TenantWait } from './waiting.js';

interface PageRequest {
  readonly after: string | null;
  readonly limit: number;
}

/** Of these messages; null: whatever their status. */
interface DeliveriesAsked {
  readonly messageIds: readonly string[];
  readonly status: DeliveryStatus | null;
}

/** What `Message` shows besides its own row. */
export interface MessageParts {
  readonly submissions: readonly Submission[];
  readonly tenant: TenantWait;
}

@Injectable()
export class ReadMessages {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly messages: MessageStore,
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly timeline: TimelineStore,
    private readonly audited: AuditedReading,
    private readonly accounts: AccountsAtHand,
  ) {}

  /** `named`: the tenant an administrator reads; null: the caller's own. What a browser's token does not open looks missing. */
  byId(caller: Caller, named: TenantId | null, id: string): Promise<Message | null> {
    return this.one(caller, named, (tx, tenantId) => this.messages.find(tx, tenantId, id));
  }

  byNumber(caller: Caller, named: TenantId | null, number: number): Promise<Message | null> {
    return this.one(caller, named, (tx, tenantId) => this.messages.findByNumber(tx, tenantId, number));
  }

  /** Newest first. */
  page(caller: Caller, named: TenantId | null, filter: MessageFilter, page: PageRequest): Promise<Message[]> {
    // Else a page that is shown no numbers could ask for them one by one.
    if (filter.phoneNumber !== null && !maySeePersonalData(caller))
      throw new InvalidArgument('filter.phoneNumber', 'needs a token that was issued with personalData');
    return this.audited.execute(caller, named, (tx, tenantId) =>
      this.messages.page(tx, tenantId, { ...filter, only: caller.clientView }, page),
    );
  }

  private async one(
    caller: Caller,
    named: TenantId | null,
    find: (tx: Tx, tenantId: TenantId) => Promise<Message | null>,
  ): Promise<Message | null> {
    const message = await this.audited.execute(caller, named, find);
    return message !== null && maySee(caller, message) ? message : null;
  }

  /** For many messages of one tenant at once; in the order asked for. Sees the platform's rows too: its account may be blocked. */
  partsOf(tenantId: TenantId, messageIds: readonly string[]): Promise<MessageParts[]> {
    return this.transactions.run([tenantId, PLATFORM], async tx => {
      const submissions = await this.submissions.ofMessages(tx, tenantId, messageIds);
      const suspendedSince = (await this.tenants.find(tx, tenantId))?.suspendedAt ?? null;
      const queued = submissions.some(({ state }) => state === 'QUEUED');
      const block = queued ? await this.accounts.blockOf(tx, tenantId) : null;
      return messageIds.map(messageId => ({
        submissions: submissions.filter(submission => submission.messageId === messageId),
        tenant: { suspendedSince, block },
      }));
    });
  }

  /** In the order in which the recipients were given, by territory; the page of each of the messages. */
  async deliveriesOf(tenantId: TenantId, of: DeliveriesAsked, page: PageRequest): Promise<Delivery[][]> {
    const found = await this.transactions.run(tenantId, tx => this.deliveries.pages(tx, tenantId, of, page));
    const byMessage = Map.groupBy(found, ({ messageId }) => messageId);
    return of.messageIds.map(id => byMessage.get(id) ?? []);
  }

  async countDeliveries(tenantId: TenantId, of: DeliveriesAsked): Promise<number[]> {
    const counts = await this.transactions.run(tenantId, tx => this.deliveries.counts(tx, tenantId, of));
    return of.messageIds.map(id => counts.get(id) ?? 0);
  }

  /** Oldest first, of each of the messages. */
  async timelinesOf(tenantId: TenantId, messageIds: readonly string[]): Promise<TimelineEvent[][]> {
    const events = await this.transactions.run(tenantId, tx => this.timeline.ofMessages(tx, tenantId, messageIds));
    const byMessage = Map.groupBy(events, ({ messageId }) => messageId);
    return messageIds.map(id => byMessage.get(id) ?? []);
  }
}
