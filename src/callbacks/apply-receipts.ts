import { Injectable } from '@nestjs/common';
import { Clock, crashPoint, Ids, Metrics, Transactions, type Tx } from '../kernel/index.js';
import { ApplyDeliveryReports, type DeliveryReport, readPhoneNumber, type ReportResult } from '../messaging/index.js';
import { readSmsPartnerReceipt } from '../providers/index.js';
import { parseBody } from './callback-body.js';
import type { ClaimedPosts } from './claimed-posts.js';
import type { ReceiptRow } from './receipt.entity.js';
import { ReceiptStore } from './receipt.store.js';

const LEASE_MS = 30_000;
/** A receipt that comes before our own record of the call waits for it this long, again and again. */
const EARLY_MS = 1_000;

/** Takes stored receipts, an attempt's together, and moves their deliveries on in one transaction with the receipts' own end. */
@Injectable()
export class ApplyReceipts {
  constructor(
    private readonly transactions: Transactions,
    private readonly receipts: ReceiptStore,
    private readonly reports: ApplyDeliveryReports,
    private readonly ids: Ids,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** Those of up to `limit` attempts. */
  claim(limit: number): Promise<ClaimedPosts[]> {
    const now = this.clock.now();
    const lease = { id: this.ids.uuid(), now, until: new Date(now.getTime() + LEASE_MS), limit };
    return this.transactions.run([], tx => this.receipts.claim(tx, lease));
  }

  async apply(claimed: ClaimedPosts): Promise<void> {
    const { tenantId, attemptId } = claimed;
    await this.transactions.run(tenantId, async tx => {
      const readable: { readonly receipt: ReceiptRow; readonly report: DeliveryReport }[] = [];
      for (const receipt of await this.receipts.held(tx, claimed)) {
        const reading = read(receipt.raw ?? '');
        if (reading.ok) readable.push({ receipt, report: reading.report });
        else await this.receipts.finish(tx, tenantId, receipt.id, { state: 'UNREADABLE', reason: reading.reason });
      }
      const results = await this.reports.execute(
        tx,
        { tenantId, attemptId },
        readable.map(({ report }) => report),
      );
      for (const [index, { receipt, report }] of readable.entries()) {
        await this.end(tx, receipt, report, results[index] ?? { kind: 'unknown' });
      }
      crashPoint('receipts.before-apply-commit');
    });
    crashPoint('receipts.after-apply');
  }

  private end(
    tx: Tx,
    { tenantId, id, receivedAt }: ReceiptRow,
    report: DeliveryReport,
    result: ReportResult,
  ): Promise<void> {
    switch (result.kind) {
      case 'applied':
        tx.afterCommit(() =>
          this.metrics.receiptLag.observe((this.clock.now().getTime() - receivedAt.getTime()) / 1_000),
        );
        return this.receipts.finish(tx, tenantId, id, { ...result, state: 'APPLIED', status: report.status });
      case 'redundant':
        return this.receipts.finish(tx, tenantId, id, { ...result, state: 'REDUNDANT', status: report.status });
      case 'unknown':
        return this.receipts.finish(tx, tenantId, id, {
          state: 'UNKNOWN',
          reason: 'it names no recipient of its attempt',
        });
      case 'early':
        return this.receipts.postpone(tx, tenantId, id, new Date(this.clock.now().getTime() + EARLY_MS));
    }
  }
}

type Reading = { readonly ok: true; readonly report: DeliveryReport } | { readonly ok: false; readonly reason: string };

function read(raw: string): Reading {
  const reading = readSmsPartnerReceipt(parseBody(raw));
  if (!reading.ok) return reading;
  const { phoneNumber: given, status, errorCode, providerMessageId } = reading.receipt;
  const phoneNumber = readPhoneNumber(given);
  return {
    ok: true,
    report: { phoneNumber: phoneNumber.ok ? phoneNumber.e164 : given, status, errorCode, providerMessageId },
  };
}
