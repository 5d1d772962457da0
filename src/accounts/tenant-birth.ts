import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';

type Listener = (tx: Tx, tenantId: TenantId) => Promise<void>;

/**
 * Lets modules above add what a new tenant needs (billing: its balance), in the transaction that creates it. Accounts
 * does not know them.
 */
@Injectable()
export class TenantBirth {
  private readonly listeners: Listener[] = [];

  listen(listener: Listener): void {
    this.listeners.push(listener);
  }

  async happened(tx: Tx, tenantId: TenantId): Promise<void> {
    for (const listener of this.listeners) await listener(tx, tenantId);
  }
}
