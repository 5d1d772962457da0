import { Injectable, Logger } from '@nestjs/common';
import { ProviderCredentials } from '../../accounts/index.js';
import { AppConfig, Clock, PLATFORM, type TenantId, Transactions } from '../../kernel/index.js';
import { Providers } from '../../providers/index.js';
import { ProviderRate } from '../leaving/provider-rate.js';
import type { SyncClaim } from './opt-out-sync.store.js';
import { type Pulled, PullOptOuts } from './pull-opt-outs.js';
import { type ListedAccount, type Pushed, PushOptOuts } from './push-opt-outs.js';

const NOTHING: Pushed = { added: 0, deleted: 0, unanswered: 0 };

/** One provider account: what its STOP list has comes here, what only we have goes there. The platform's is only read. */
@Injectable()
export class SyncAccount {
  private readonly log = new Logger(SyncAccount.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly credentials: ProviderCredentials,
    private readonly providers: Providers,
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly pull: PullOptOuts,
    private readonly push: PushOptOuts,
    private readonly rate: ProviderRate,
  ) {}

  async execute(claim: SyncClaim): Promise<void> {
    const account = await this.accountOf(claim.tenantId);
    if (account === null) return;
    const askedAt = this.clock.now();
    await this.rate.turn();
    const answer = await account.provider.optOuts(account.credential);
    if (answer.status === 'no-answer') {
      const message = 'the STOP list of a provider account did not come; it is asked for again when next due';
      this.log.warn({ message, account: nameOf(claim.tenantId), reason: answer.reason });
      return;
    }
    const pulled = await this.pull.execute(claim, answer.value, askedAt);
    if (pulled === null) return;
    const pushed = claim.tenantId === PLATFORM ? NOTHING : await this.push.execute(claim, account);
    this.tell(claim.tenantId, pulled, pushed);
  }

  /** Null: a tenant that has none, or none that its list may be read by. */
  private async accountOf(tenantId: TenantId): Promise<ListedAccount | null> {
    const provider = this.providers.carrierOf({ sandbox: false });
    if (tenantId === PLATFORM) return { provider, credential: null };
    const own = await this.transactions.run(tenantId, tx => this.credentials.open(tx, tenantId, provider.name));
    switch (own.kind) {
      case 'none':
        return null;
      case 'sealed-otherwise':
        return this.skip(tenantId, "the tenant's provider credential does not open: set it anew");
      case 'opened':
        // Taken for the tenant's own, it would show and hand over the STOPs of everybody on the platform's account.
        if (own.apiKey === this.config.smspartnerApiKey)
          return this.skip(tenantId, "the tenant's provider credential is the platform's own");
        return { provider, credential: { apiKey: own.apiKey } };
    }
  }

  private skip(tenantId: TenantId, reason: string): null {
    this.log.warn({ message: "a tenant's opt-outs are not kept in step with its account", account: tenantId, reason });
    return null;
  }

  private tell(tenantId: TenantId, pulled: Pulled, pushed: Pushed): void {
    const counts = { ...pulled, ...pushed };
    if (Object.values(counts).every(count => count === 0)) return;
    const line = { message: 'opt-outs are in step with a provider account', account: nameOf(tenantId), ...counts };
    if (pushed.unanswered > 0) this.log.warn({ ...line, message: 'a provider account did not take all opt-outs' });
    else this.log.log(line);
  }
}

const nameOf = (tenantId: TenantId): string => (tenantId === PLATFORM ? 'platform' : tenantId);
