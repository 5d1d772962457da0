import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock, type TenantId, Transactions } from '../kernel/index.js';
import { ApiKeyStore } from './api-key.store.js';

const WRITTEN_EVERY_MS = 30_000;

interface Use {
  readonly tenantId: TenantId;
  readonly at: Date;
}

/**
 * When keys were last used: noted in memory and written together twice a minute and at shutdown, so that authentication only
 * reads. Right to the minute; a process that is killed takes at most half of one with it.
 */
@Injectable()
export class KeyUses implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(KeyUses.name);
  private unwritten = new Map<string, Use>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly transactions: Transactions,
    private readonly keys: ApiKeyStore,
    private readonly clock: Clock,
  ) {}

  note({ id, tenantId }: { readonly id: string; readonly tenantId: TenantId }): void {
    this.unwritten.set(id, { tenantId, at: this.clock.now() });
  }

  /** The later of what is stored and what this process knows and has not written yet. */
  latest(id: string, stored: Date | null): Date | null {
    const noted = this.unwritten.get(id)?.at ?? null;
    return noted !== null && (stored === null || noted > stored) ? noted : stored;
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.write(), WRITTEN_EVERY_MS).unref();
  }

  /** The database closes in the hook after this one. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.write();
  }

  /** Never rejects: what could not be written is written the next time. */
  async write(): Promise<void> {
    const uses = this.unwritten;
    if (uses.size === 0) return;
    this.unwritten = new Map();
    try {
      const rows = [...uses].map(([id, { tenantId, at }]) => ({ id, tenantId, at }));
      const tenants = [...new Set(rows.map(({ tenantId }) => tenantId))];
      await this.transactions.run(tenants, tx => this.keys.noteUses(tx, tenants, rows));
    } catch (error) {
      this.unwritten = new Map([...uses, ...this.unwritten]);
      this.log.warn({ message: 'when keys were last used could not be written; it is tried again', error });
    }
  }
}
