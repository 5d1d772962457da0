import { Injectable } from '@nestjs/common';
import type { Caller } from '../../accounts/index.js';
import { type TenantId, Transactions } from '../../kernel/index.js';
import { AuditedReading } from '../audited-reading.js';
import type { Message } from '../message.js';
import { MessageStore } from '../message.store.js';
import type { Batch, BatchProgress } from './batch.js';
import { BatchStore } from './batch.store.js';

export interface BatchView {
  readonly batch: Batch;
  readonly progress: BatchProgress;
}

@Injectable()
export class ReadBatches {
  constructor(
    private readonly transactions: Transactions,
    private readonly audited: AuditedReading,
    private readonly batches: BatchStore,
    private readonly messages: MessageStore,
  ) {}

  /** `named`: the tenant an administrator reads; null: the caller's own. */
  byId(caller: Caller, named: TenantId | null, id: string): Promise<BatchView | null> {
    return this.audited.execute(caller, named, async (tx, tenantId) => {
      const batch = await this.batches.find(tx, tenantId, id);
      return batch && { batch, progress: await this.batches.progress(tx, tenantId, id) };
    });
  }

  byNumber(caller: Caller, named: TenantId | null, number: number): Promise<BatchView | null> {
    return this.audited.execute(caller, named, async (tx, tenantId) => {
      const batch = await this.batches.findByNumber(tx, tenantId, number);
      return batch && { batch, progress: await this.batches.progress(tx, tenantId, batch.id) };
    });
  }

  /** In the order of the request. */
  messagesOf(
    tenantId: TenantId,
    id: string,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<Message[]> {
    return this.transactions.run(tenantId, tx => this.messages.ofBatch(tx, tenantId, id, page));
  }
}
