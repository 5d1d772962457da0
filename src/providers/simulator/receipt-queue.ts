import { Agent, request } from 'undici';

/** A delivery report in SMS Partner's wire format. */
export interface WireReceipt {
  readonly status: 'delivered' | 'not delivered' | 'ko';
  readonly msgId: string;
  readonly date: number;
  readonly phone: string;
  readonly cost: string;
  readonly currency: string;
  readonly tag: string;
}

/** An answer to a short code in SMS Partner's wire format. */
export interface WireReply {
  readonly type: 'response' | 'stop';
  readonly phone_number: string;
  readonly text: string;
  readonly message_id: number;
}

interface Pending {
  readonly url: string;
  readonly body: WireReceipt | WireReply;
  readonly dueAt: number;
  readonly failures: number;
}

const MOST_PENDING = 100_000;
const AT_ONCE = 8;
const RETRY_DELAYS_MS = [1_000, 5_000, 30_000, 120_000];
const TIMEOUT_MS = 5_000;

/** Receipts and replies that wait for their time and are then posted. In memory only: like a real provider's, some may never come. */
export class ReceiptQueue {
  private pending: Pending[] = [];
  private readonly agent = new Agent({
    connections: AT_ONCE,
    connectTimeout: TIMEOUT_MS,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });

  get size(): number {
    return this.pending.length;
  }

  /** Beyond the limit it is dropped. */
  add(url: string, body: WireReceipt | WireReply, dueAt: Date): void {
    this.push({ url, body, dueAt: dueAt.getTime(), failures: 0 });
  }

  /** Posts what is due and says how many were taken; the others come back later. Never rejects. */
  async deliverDue(now: Date): Promise<number> {
    const due = this.takeDue(now.getTime());
    const todo = due.values();
    let delivered = 0;
    const worker = async (): Promise<void> => {
      for (const item of todo) {
        if (await this.post(item)) delivered += 1;
        else this.retryLater(item, now.getTime());
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, due.length) }, worker));
    return delivered;
  }

  async close(): Promise<void> {
    this.pending = [];
    await this.agent.destroy();
  }

  private takeDue(now: number): readonly Pending[] {
    const due = this.pending.filter(item => item.dueAt <= now);
    if (due.length > 0) this.pending = this.pending.filter(item => item.dueAt > now);
    return due;
  }

  private retryLater(item: Pending, now: number): void {
    const delay = RETRY_DELAYS_MS[item.failures];
    if (delay !== undefined) this.push({ ...item, dueAt: now + delay, failures: item.failures + 1 });
  }

  private push(item: Pending): void {
    if (this.pending.length < MOST_PENDING) this.pending.push(item);
  }

  private async post(item: Pending): Promise<boolean> {
    try {
      const { statusCode, body } = await request(item.url, {
        dispatcher: this.agent,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(item.body),
      });
      await body.dump();
      return statusCode >= 200 && statusCode < 300;
    } catch {
      return false;
    }
  }
}
