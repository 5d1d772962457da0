import { Injectable } from '@nestjs/common';
import { type TenantId, Transactions } from '../../kernel/index.js';
import { type Reply, ReplyStore } from './reply.store.js';

/** What handsets have answered to a tenant's messages. */
@Injectable()
export class Replies {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: ReplyStore,
  ) {}

  /** Newest first. */
  page(tenantId: TenantId, page: { readonly after: string | null; readonly limit: number }): Promise<Reply[]> {
    return this.transactions.run(tenantId, tx => this.store.page(tx, tenantId, page));
  }
}
