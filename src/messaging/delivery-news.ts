import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';
import type { DeliveryStatus } from './delivery-status.js';
import type { Message } from './message.js';

/** What became of recipients of a message, as it is being written down. */
export interface DeliveryNewsItem {
  readonly message: Message;
  readonly at: Date;
  readonly deliveries: readonly {
    readonly id: string;
    /** E.164; null once erased. */
    readonly phoneNumber: string | null;
    readonly status: DeliveryStatus;
    /** What the tenant pays for it. Exact decimal. */
    readonly cost: string;
  }[];
}

type ChangeListener = (tx: Tx, tenantId: TenantId, messageIds: readonly string[]) => void;
type Listener = (tx: Tx, news: DeliveryNewsItem) => Promise<void>;

/**
 * Tells inside the transaction of a change what became of deliveries, so that whoever tells the tenant writes it down with
 * the change or not at all. Messaging knows nobody who listens.
 */
@Injectable()
export class DeliveryNews {
  private readonly listeners: Listener[] = [];
  private readonly changeListeners: ChangeListener[] = [];

  listen(listener: Listener): void {
    this.listeners.push(listener);
  }

  async announce(tx: Tx, news: DeliveryNewsItem): Promise<void> {
    if (news.deliveries.length === 0) return;
    for (const listener of this.listeners) await listener(tx, news);
  }

  onChange(listener: ChangeListener): void {
    this.changeListeners.push(listener);
  }

  /** Of these messages anything at all has changed. */
  changed(tx: Tx, tenantId: TenantId, messageIds: readonly string[]): void {
    for (const listener of this.changeListeners) listener(tx, tenantId, messageIds);
  }
}
