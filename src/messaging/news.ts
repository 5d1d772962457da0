import type { Tx } from '../kernel/index.js';

/**
 * Tells inside the transaction of a change what it changes, so that whoever tells the tenant writes it down with the change or
 * not at all. Messaging knows nobody who listens.
 */
export abstract class News<T> {
  private readonly listeners: ((tx: Tx, news: T) => Promise<void>)[] = [];

  listen(listener: (tx: Tx, news: T) => Promise<void>): void {
    this.listeners.push(listener);
  }

  async announce(tx: Tx, news: T): Promise<void> {
    for (const listener of this.listeners) await listener(tx, news);
  }
}
