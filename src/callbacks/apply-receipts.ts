import { Injectable } from '@nestjs/common';
import { Clock, Ids, Transactions, type Tx } from '../kernel/index.js';
import { ApplyDeliveryReport, readPhoneNumber } from '../messaging/index.js';
import { readSmsPartnerReceipt } from '../providers/index.js';
import type { ReceiptRow } from './receipt.entity.js';
import { type ClaimedReceipt, type ReceiptEnd, ReceiptStore } from './receipt.store.js';

const LEASE_MS = 30_000;
/** A receipt that comes before our own record of the call waits for it this long, again and again. */
const EARLY_MS = 1_000;

/** Takes stored receipts one by one and moves their deliveries on, each in one transaction with the receipt's own end. */
@Injectable()
export class ApplyReceipts {
  constructor(
    private readonly transactions: Transactions,
    private readonly receipts: ReceiptStore,
    private readonly reports: ApplyDeliveryReport,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  claim(limit: number): Promise<ClaimedReceipt[]> {
    const now = this.clock.now();
    const lease = { id: this.ids.uuid(), now, until: new Date(now.getTime() + LEASE_MS), limit };
    return this.transactions.run([], tx => this.receipts.claim(tx, lease));
  }

  async apply(claimed: ClaimedReceipt): Promise<void> {
    await this.transactions.run(claimed.tenantId, async tx => {
      const receipt = await this.receipts.find(tx, claimed.tenantId, claimed.id);
      if (receipt?.lease !== claimed.lease) return;
      const end = await this.endOf(tx, receipt);
      if (end === null) {
        await this.receipts.postpone(tx, claimed.tenantId, claimed.id, new Date(this.clock.now().getTime() + EARLY_MS));
      } else {
        await this.receipts.finish(tx, claimed.tenantId, claimed.id, end);
      }
    });
  }

  /** Null: too early. */
  private async endOf(tx: Tx, { tenantId, attemptId, raw }: ReceiptRow): Promise<ReceiptEnd | null> {
    const reading = readSmsPartnerReceipt(parse(raw));
    if (!reading.ok) return { state: 'UNREADABLE', reason: reading.reason };
    const { receipt } = reading;
    const phoneNumber = readPhoneNumber(receipt.phoneNumber);
    const report = { ...receipt, attemptId, phoneNumber: phoneNumber.ok ? phoneNumber.e164 : receipt.phoneNumber };
    const result = await this.reports.execute(tx, tenantId, report);
    switch (result.kind) {
      case 'applied':
        return { state: 'APPLIED', messageId: result.messageId, deliveryId: result.deliveryId, status: receipt.status };
      case 'redundant':
        return {
          state: 'REDUNDANT',
          messageId: result.messageId,
          deliveryId: result.deliveryId,
          status: receipt.status,
        };
      case 'unknown':
        return { state: 'UNKNOWN', reason: 'it names no recipient of its attempt' };
      case 'early':
        return null;
    }
  }
}

function parse(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return null;
  }
}
