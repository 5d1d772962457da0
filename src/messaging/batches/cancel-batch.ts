import { Injectable } from '@nestjs/common';
import { NotFound, type TenantId, Transactions } from '../../kernel/index.js';
import { CancelMessage } from '../cancel-message.js';
import { RecallFromProvider } from '../leaving/recall-from-provider.js';
import { TooLate } from '../messaging.errors.js';
import { BatchStore } from './batch.store.js';

@Injectable()
export class CancelBatch {
  constructor(
    private readonly transactions: Transactions,
    private readonly batches: BatchStore,
    private readonly cancel: CancelMessage,
    private readonly recall: RecallFromProvider,
  ) {}

  /**
   * Stops whatever of the batch has provably not gone, and calls back what the provider still keeps; both are paid back.
   * Throws NotFound, and TooLate where nothing is left.
   */
  async execute(tenantId: TenantId, id: string): Promise<void> {
    const { messageIds, stopped } = await this.transactions.run(tenantId, async tx => {
      const ids = await this.batches.messageIds(tx, tenantId, id);
      if (ids.length === 0) throw new NotFound('batch');
      return { messageIds: ids, stopped: await this.cancel.within(tx, tenantId, ids) };
    });
    const recalled = await this.recall.execute(tenantId, messageIds);
    if (stopped > 0 || recalled > 0) return;
    const { status } = await this.transactions.run(tenantId, tx => this.batches.progress(tx, tenantId, id));
    throw new TooLate(status);
  }
}
