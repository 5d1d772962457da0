import { Injectable } from '@nestjs/common';
import { Clock, type TenantId, Transactions, type Tx } from '../kernel/index.js';
import type { Message } from './message.js';
import { MessageStore } from './message.store.js';
import { ProgressStore } from './progress.store.js';

/** A message under its lock: nothing else changes it until the transaction ends. */
export interface Changing {
  readonly message: Message;
  readonly now: Date;
  /** A submission that was changed: its counts and the message's status are brought into step at the end. */
  readonly touch: (submissionId: string) => void;
}

/**
 * The one way an accepted message changes: in a transaction, under the message's lock, with its derived state brought into
 * step at the end. So all changes of a message happen one after the other.
 */
@Injectable()
export class ChangeMessage {
  constructor(
    private readonly transactions: Transactions,
    private readonly messages: MessageStore,
    private readonly progress: ProgressStore,
    private readonly clock: Clock,
  ) {}

  /** Null where there is no such message; `work` is not called then. */
  execute<T>(tenantId: TenantId, id: string, work: (tx: Tx, changing: Changing) => Promise<T>): Promise<T | null> {
    return this.transactions.run(tenantId, tx => this.within(tx, tenantId, id, work));
  }

  /** The same inside a transaction that is already open. */
  async within<T>(
    tx: Tx,
    tenantId: TenantId,
    id: string,
    work: (tx: Tx, changing: Changing) => Promise<T>,
  ): Promise<T | null> {
    const message = await this.messages.lock(tx, tenantId, id);
    if (message === null) return null;
    const touched = new Set<string>();
    const changing = {
      message,
      now: this.clock.now(),
      touch: (submissionId: string) => void touched.add(submissionId),
    };
    const result = await work(tx, changing);
    if (touched.size > 0) await this.progress.refresh(tx, tenantId, id, [...touched]);
    return result;
  }
}
