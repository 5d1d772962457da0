import { Injectable } from '@nestjs/common';
import { asTenantId, Clock, Transactions } from '../kernel/index.js';
import { SandboxStore } from './sandbox.store.js';

const KEPT_MS = 24 * 60 * 60 * 1_000;
const AT_A_TIME = 500;

/** Sandbox messages reached nobody and cost nothing; a day later they are gone, as SMS Partner's are (its page, `sandbox`). */
@Injectable()
export class PurgeSandbox {
  constructor(
    private readonly transactions: Transactions,
    private readonly sandbox: SandboxStore,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - KEPT_MS);
    for (;;) {
      const old = await this.transactions.run([], tx => this.sandbox.before(tx, before, AT_A_TIME));
      for (const [tenantId, messages] of Map.groupBy(old, message => asTenantId(message.tenantId))) {
        const ids = messages.map(message => message.id);
        await this.transactions.run(tenantId, tx => this.sandbox.remove(tx, tenantId, ids));
      }
      if (old.length < AT_A_TIME) return;
    }
  }
}
