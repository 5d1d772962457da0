import { setTimeout } from 'node:timers/promises';
import { receiptOf } from './answers.js';
import type { BookedSms } from './book.js';
import type { Chance } from './chance.js';
import { type FaultRates, RECEIPT_FAULTS, type ReceiptFault } from './faults.js';

const POST_WITHIN_MS = 2_000;

export interface ReceiptTerms {
  readonly chance: Chance;
  readonly rates: () => FaultRates;
  readonly now: () => Date;
  readonly delayMs: number;
}

interface Planned {
  readonly sms: BookedSms;
  readonly fault: ReceiptFault | null;
  readonly status: 'Delivered' | 'Not delivered';
}

/** Posts delivery receipts, one for each recipient, once: who does not take one has missed it. */
export class Receipts {
  private readonly stopped = new AbortController();

  constructor(private readonly terms: ReceiptTerms) {}

  /** Chance decides now what becomes of each SMS; settles when the early receipts are out. */
  async plan(booked: readonly BookedSms[]): Promise<void> {
    const { chance, rates } = this.terms;
    const planned = booked.map((sms): Planned => {
      const fault = chance.atMostOne(RECEIPT_FAULTS, rates());
      return { sms, fault, status: chance.fraction() < rates()['not-delivered'] ? 'Not delivered' : 'Delivered' };
    });
    const early = planned.filter(({ fault }) => fault === 'early-receipt');
    for (const one of planned) if (one.fault !== 'early-receipt') void this.deliver(one);
    await Promise.all(early.map(one => this.post(settle(one))));
  }

  stop(): void {
    this.stopped.abort();
  }

  private async deliver(planned: Planned): Promise<void> {
    try {
      await this.pause();
      const { fault, sms } = planned;
      const final = settle(planned);
      if (fault === 'missing-receipt') return;
      await this.post(final);
      if (fault === null || fault === 'early-receipt') return;
      await this.pause();
      await this.post(fault === 'double-receipt' ? final : { sms, status: 'waiting' });
    } catch {
      // Stopped: what is not posted by now is missed.
    }
  }

  private async pause(): Promise<void> {
    await setTimeout(this.terms.delayMs, undefined, { signal: this.stopped.signal, ref: false });
  }

  private async post({ sms, status }: { readonly sms: BookedSms; readonly status: string }): Promise<void> {
    if (sms.receiptUrl === null) return;
    sms.receipts.push(status);
    const body = JSON.stringify(receiptOf(sms, status, this.terms.now()));
    const signal = AbortSignal.any([this.stopped.signal, AbortSignal.timeout(POST_WITHIN_MS)]);
    const headers = { 'content-type': 'application/json' };
    const posted = await fetch(sms.receiptUrl, { method: 'POST', headers, body, signal }).catch(() => null);
    await posted?.body?.cancel();
  }
}

/** From now on lookups tell it too. */
function settle({ sms, status }: Planned): { readonly sms: BookedSms; readonly status: string } {
  sms.status = status;
  return { sms, status: status.toLowerCase() };
}
