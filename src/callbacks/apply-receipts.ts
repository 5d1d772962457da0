import { Injectable } from '@nestjs/common';
import { Clock, crashPoint, Ids, isUnavailable, Metrics, Transactions, type Tx } from '../kernel/index.js';
import { ApplyDeliveryReports, type AttemptReport, readPhoneNumber, type ReportResult } from '../messaging/index.js';
import { readSmsPartnerReceipt } from '../providers/index.js';
import { parseBody } from './callback-body.js';
import { type ClaimedReceipts, halvesOf, setsOf } from './claimed-receipts.js';
import { type HeldReceipt, type ReceiptEnd, ReceiptStore } from './receipt.store.js';

const LEASE_MS = 30_000;
/** A receipt that comes before our own record of the call waits for it this long, again and again. */
const EARLY_MS = 1_000;
/** Of one claim. A set of this size holds the locks of its messages for some tens of milliseconds. */
const ATTEMPTS = 250;
/** Of one transaction: each has statements of its own in it. */
const TENANTS = 16;

interface Read {
  readonly receipt: HeldReceipt;
  readonly report: AttemptReport;
}

/**
 * Takes stored receipts, many at once, and moves their deliveries on in one transaction with the receipts' own end. What the
 * database refuses to take of one does not keep the others: a set that fails is halved until that one is alone.
 */
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

  /** All that is due together, if there is any. */
  async claim(): Promise<ClaimedReceipts[]> {
    const now = this.clock.now();
    const lease = { id: this.ids.uuid(), now, until: new Date(now.getTime() + LEASE_MS), limit: ATTEMPTS };
    const claimed = await this.transactions.alone(tx => this.receipts.claim(tx, lease));
    return claimed.receipts.length === 0 ? [] : [claimed];
  }

  async apply(claimed: ClaimedReceipts): Promise<void> {
    await this.each(setsOf(claimed, TENANTS));
  }

  /** Each set for itself, one after the other; what the first that failed threw is thrown at the end. */
  private async each(sets: readonly ClaimedReceipts[]): Promise<void> {
    const failures: unknown[] = [];
    for (const set of sets) {
      try {
        await this.applySet(set);
      } catch (error) {
        if (isUnavailable(error)) throw error;
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  private async applySet(set: ClaimedReceipts): Promise<void> {
    try {
      await this.together(set);
    } catch (error) {
      if (isUnavailable(error) || set.receipts.length === 1) throw error;
      await this.each(halvesOf(set));
    }
  }

  private async together(set: ClaimedReceipts): Promise<void> {
    const tenants = [...new Set(set.receipts.map(({ tenantId }) => tenantId))];
    await this.transactions.run(tenants, async tx => {
      const [, held] = await Promise.all([this.receipts.waitBriefly(tx), this.receipts.held(tx, set)]);
      const ends = await this.endsOf(tx, held);
      await this.receipts.finish(tx, ends);
      crashPoint('receipts.before-apply-commit');
    });
    crashPoint('receipts.after-apply');
  }

  /** What becomes of the receipts, with their deliveries moved on. */
  private async endsOf(tx: Tx, held: readonly HeldReceipt[]): Promise<ReceiptEnd[]> {
    const ends: ReceiptEnd[] = [];
    const readable: Read[] = [];
    for (const receipt of held) {
      const reading = read(receipt);
      if (reading.ok) readable.push({ receipt, report: reading.report });
      else ends.push({ ...receipt, state: 'UNREADABLE', reason: reading.reason });
    }
    const results = await this.reports.together(
      tx,
      readable.map(({ report }) => report),
    );
    return [...ends, ...readable.map((one, index) => this.endOf(tx, one, results[index] ?? { kind: 'unknown' }))];
  }

  private endOf(tx: Tx, { receipt, report }: Read, result: ReportResult): ReceiptEnd {
    const { tenantId, id, receivedAt } = receipt;
    const { status } = report;
    const passedMs = (): number => this.clock.now().getTime() - receivedAt.getTime();
    switch (result.kind) {
      case 'applied':
        tx.afterCommit(() => this.metrics.receiptLag.observe(passedMs() / 1_000));
        return { ...result, tenantId, id, state: 'APPLIED', status };
      case 'redundant':
        return { ...result, tenantId, id, state: 'REDUNDANT', status };
      case 'unknown':
        return { tenantId, id, state: 'UNKNOWN', reason: 'it names no recipient of its attempt' };
      case 'early':
        return { tenantId, id, state: 'NEW', dueAt: new Date(this.clock.now().getTime() + EARLY_MS) };
    }
  }
}

type Reading = { readonly ok: true; readonly report: AttemptReport } | { readonly ok: false; readonly reason: string };

function read({ raw, tenantId, attemptId }: HeldReceipt): Reading {
  const reading = readSmsPartnerReceipt(parseBody(raw ?? ''));
  if (!reading.ok) return reading;
  const { phoneNumber: given, status, errorCode, providerMessageId } = reading.receipt;
  const number = readPhoneNumber(given);
  const phoneNumber = number.ok ? number.e164 : given;
  return { ok: true, report: { tenantId, attemptId, phoneNumber, status, errorCode, providerMessageId } };
}
