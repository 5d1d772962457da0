import { Injectable, Logger } from '@nestjs/common';
import { TenantStore } from '../../accounts/index.js';
import { AppConfig, Clock, type TenantId, Transactions } from '../../kernel/index.js';
import { cutoffs } from './cutoffs.js';
import { RetentionStore } from './retention.store.js';

const FIRST = '00000000-0000-0000-0000-000000000000';
const TENANTS_AT_A_TIME = 100;
/** A run ends after so many short transactions, so that a shutdown does not wait for it; the next one goes on. */
const BATCHES_A_RUN = 100;

/** How many of each were erased, trimmed or removed. */
export interface Erased {
  messages: number;
  receipts: number;
  replies: number;
  replyPosts: number;
  webhookDeliveries: number;
  idempotencyKeys: number;
}

const nothing = (): Erased => ({
  messages: 0,
  receipts: 0,
  replies: 0,
  replyPosts: 0,
  webhookDeliveries: 0,
  idempotencyKeys: 0,
});
const sumOf = (erased: Erased): number => Object.values(erased).reduce((sum, count) => sum + count, 0);

/**
 * Erases texts and numbers, and removes what nobody needs any more, once its time is over. Tenants in turn, one small batch of
 * each in a transaction of its own. What is still under way is left alone; ledger, counts, statuses and timelines stay.
 */
@Injectable()
export class EraseOld {
  private readonly log = new Logger(EraseOld.name);
  /** Whose turn it was last: the next run goes on behind. */
  private turn: string = FIRST;

  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly store: RetentionStore,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<Erased> {
    const erased = nothing();
    let sumAtTheEnd = -1;
    for (let left = BATCHES_A_RUN; left > 0;) {
      const now = this.clock.now();
      const found = await this.next(now, Math.min(TENANTS_AT_A_TIME, left));
      for (const tenantId of found) await this.batch(tenantId, now, erased);
      left -= found.length;
      this.turn = found.at(-1) ?? FIRST;
      if (found.length > 0) continue;
      // Once round without a change: nothing is left, or only what others have in hand.
      if (sumOf(erased) === sumAtTheEnd) break;
      sumAtTheEnd = sumOf(erased);
    }
    if (sumOf(erased) > 0) this.log.log({ message: 'old texts, numbers and records were erased', ...erased });
    return erased;
  }

  private next(now: Date, limit: number): Promise<TenantId[]> {
    const old = { now, days: this.config.retention };
    return this.transactions.run([], tx => this.store.tenantsWithOldRows(tx, old, { after: this.turn, limit }));
  }

  private async batch(tenantId: TenantId, now: Date, erased: Erased): Promise<void> {
    const done = await this.transactions.run(tenantId, async (tx): Promise<Erased> => {
      const tenant = await this.tenants.find(tx, tenantId);
      if (tenant === null) return nothing();
      const before = cutoffs(now, this.config.retention, tenant.retentionDays);
      return {
        messages: await this.store.eraseMessages(tx, tenantId, before.messages, now),
        receipts: await this.store.trimReceipts(tx, tenantId, before.receipts),
        replies: await this.store.eraseReplies(tx, tenantId, before.messages, now),
        replyPosts: await this.store.removeReplyPosts(tx, tenantId, before.receipts),
        webhookDeliveries: await this.store.removeWebhookDeliveries(tx, tenantId, before.webhookDeliveries),
        idempotencyKeys: await this.store.removeIdempotencyRecords(tx, tenantId, before.idempotencyKeys),
      };
    });
    erased.messages += done.messages;
    erased.receipts += done.receipts;
    erased.replies += done.replies;
    erased.replyPosts += done.replyPosts;
    erased.webhookDeliveries += done.webhookDeliveries;
    erased.idempotencyKeys += done.idempotencyKeys;
  }
}
