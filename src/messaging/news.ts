import type { TenantId, Tx } from '../kernel/index.js';

/**
 * Tells inside the transaction of a change what it changes, so that whoever tells the tenant writes it down with the change or
 * not at all. Messaging knows nobody who listens.
 */
export abstract class News<T> {
  private readonly listeners: ((tx: Tx, news: T) => Promise<void>)[] = [];
  private readonly expectant: ((tx: Tx, tenantId: TenantId) => void)[] = [];

  listen(listener: (tx: Tx, news: T) => Promise<void>): void {
    this.listeners.push(listener);
  }

  /** For who asks the database something because of any news: asked at once, it travels with what makes the news. */
  whenExpected(listener: (tx: Tx, tenantId: TenantId) => void): void {
    this.expectant.push(listener);
  }

  expect(tx: Tx, tenantId: TenantId): void {
    for (const listener of this.expectant) listener(tx, tenantId);
  }

  async announce(tx: Tx, news: T): Promise<void> {
    for (const listener of this.listeners) await listener(tx, news);
  }
}
