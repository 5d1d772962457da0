import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ReadTenants, type Tenant } from '../../accounts/index.js';
import { AppConfig, Clock, PLATFORM, type TenantId, Transactions } from '../../kernel/index.js';
import { Ticker } from '../../scheduling/index.js';
import { OptOutSyncStore, type SyncClaim } from './opt-out-sync.store.js';
import { SyncAccount } from './sync-account.js';

const LOOK_MS = 10_000;
const TENANTS_AT_A_TIME = 500;

/**
 * Keeps opt-outs in step with the STOP lists of provider accounts: both ways with a tenant's own, read-only with the
 * platform's. Any number of processes look; each account is claimed by one of them, and again when it is next due.
 */
@Injectable()
export class SyncOptOuts implements OnModuleInit, OnModuleDestroy {
  private readonly log = new Logger(SyncOptOuts.name);
  private stopping = false;

  constructor(
    private readonly ticker: Ticker,
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly transactions: Transactions,
    private readonly tenants: ReadTenants,
    private readonly syncs: OptOutSyncStore,
    private readonly account: SyncAccount,
  ) {}

  onModuleInit(): void {
    this.ticker.register({ name: 'sync-opt-outs', everyMs: LOOK_MS, run: () => this.execute() });
  }

  /** Before the hook in which the ticker waits for the run under way. */
  onModuleDestroy(): void {
    this.stopping = true;
  }

  async execute(): Promise<void> {
    if (this.config.smsProvider !== 'smspartner') return;
    if (this.config.smspartnerApiKey !== null) await this.syncDue([PLATFORM]);
    let after: string | null = null;
    while (!this.stopping) {
      const page: Tenant[] = await this.tenants.page(after, TENANTS_AT_A_TIME);
      const owners = await this.tenants.withOwnCredential(page.map(({ id }) => id));
      await this.syncDue([...owners]);
      const last = page.at(-1);
      if (last === undefined || page.length < TENANTS_AT_A_TIME) return;
      after = last.id;
    }
  }

  private async syncDue(tenantIds: readonly TenantId[]): Promise<void> {
    if (tenantIds.length === 0) return;
    const now = this.clock.now();
    const due = await this.transactions.run(tenantIds, tx => this.syncs.dueAmong(tx, tenantIds, now));
    for (const { tenantId } of due) {
      if (this.stopping) return;
      await this.sync(tenantId);
    }
  }

  /** Never rejects: what goes wrong with one account keeps no other waiting. */
  private async sync(tenantId: TenantId): Promise<void> {
    try {
      const claim = await this.claim(tenantId);
      if (claim !== null) await this.account.execute(claim);
    } catch (error) {
      const message = 'opt-outs could not be brought into step with a provider account; tried again when next due';
      this.log.error({ message, account: tenantId, error });
    }
  }

  private async claim(tenantId: TenantId): Promise<SyncClaim | null> {
    const now = this.clock.now();
    const until = new Date(now.getTime() + this.config.optOutSyncSeconds * 1_000);
    if (!(await this.transactions.run(tenantId, tx => this.syncs.claim(tx, tenantId, now, until)))) return null;
    return { tenantId, until, mayGoOn: () => !this.stopping && this.clock.now() < until };
  }
}
