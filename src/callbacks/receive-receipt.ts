import { Injectable } from '@nestjs/common';
import { Clock, crashPoint, hashSecret, Ids, Transactions, WakeUps } from '../kernel/index.js';
import { storable } from './callback-body.js';
import { ReceiptStore } from './receipt.store.js';

export const APPLY_RECEIPTS = 'apply-receipts';

/** Stores what the provider says of an attempt, as it came. Understanding it is work for later: the answer goes out first. */
@Injectable()
export class ReceiveReceipt {
  constructor(
    private readonly transactions: Transactions,
    private readonly receipts: ReceiptStore,
    private readonly wakeUps: WakeUps,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** False where the secret is nobody's; then nothing is stored. */
  execute(secret: string, raw: string): Promise<boolean> {
    return this.transactions.run([], async tx => {
      const attempt = await this.receipts.attemptBySecret(tx, hashSecret(secret));
      if (attempt === null) return false;
      await tx.admit([attempt.tenantId]);
      const { attemptId } = attempt;
      await this.receipts.insert(tx, attempt.tenantId, {
        id: this.ids.uuid(),
        attemptId,
        raw: storable(raw),
        receivedAt: this.clock.now(),
      });
      crashPoint('receipt.before-commit');
      tx.afterCommit(() => crashPoint('receipt.after-commit'));
      tx.afterCommit(() => this.wakeUps.announce(APPLY_RECEIPTS));
      return true;
    });
  }
}
