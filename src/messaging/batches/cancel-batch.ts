import { Injectable } from '@nestjs/common';
import { NotFound, type TenantId, Transactions } from '../../kernel/index.js';
import { CancelMessage } from '../cancel-message.js';
import { TooLate } from '../messaging.errors.js';
import { BatchStore } from './batch.store.js';

@Injectable()
export class CancelBatch {
  constructor(
    private readonly transactions: Transactions,
    private readonly batches: BatchStore,
    private readonly cancel: CancelMessage,
  ) {}

  /**
   * Stops whatever of the batch has provably not gone, all at once or not at all, and pays it back. Throws NotFound, and
   * TooLate where nothing is left.
   */
  execute(tenantId: TenantId, id: string): Promise<void> {
    return this.transactions.run(tenantId, async tx => {
      const messageIds = await this.batches.messageIds(tx, tenantId, id);
      if (messageIds.length === 0) throw new NotFound('batch');
      if ((await this.cancel.within(tx, tenantId, messageIds)) > 0) return;
      throw new TooLate((await this.batches.progress(tx, tenantId, id)).status);
    });
  }
}
