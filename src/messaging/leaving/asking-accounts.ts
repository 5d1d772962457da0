import { Injectable } from '@nestjs/common';
import { ProviderCredentials } from '../../accounts/index.js';
import { AppConfig, credentialKey, Transactions } from '../../kernel/index.js';
import { type ProviderCredential, Providers, type SmsProvider } from '../../providers/index.js';
import type { Attempt } from './attempt.store.js';
import { ProviderRate } from './provider-rate.js';

export interface Account {
  readonly provider: SmsProvider;
  /** Null: the platform's. */
  readonly credential: ProviderCredential | null;
}

/** The account that an attempt was made on, to ask it about that attempt. */
@Injectable()
export class AskingAccounts {
  constructor(
    private readonly transactions: Transactions,
    private readonly credentials: ProviderCredentials,
    private readonly providers: Providers,
    private readonly config: AppConfig,
    private readonly rate: ProviderRate,
  ) {}

  /** Waits for its turn to ask. Null where it is not at hand any more: another account would deny what this one knows. */
  async of(attempt: Pick<Attempt, 'tenantId' | 'provider' | 'credential' | 'credentialKey'>): Promise<Account | null> {
    const provider = this.providers.named(attempt.provider);
    if (provider === null) return null;
    const apiKey = await this.keyOf(attempt);
    if (apiKey === undefined || (attempt.credentialKey !== null && attempt.credentialKey !== credentialKey(apiKey)))
      return null;
    await this.rate.turn();
    return { provider, credential: attempt.credential === 'platform' ? null : { apiKey: apiKey ?? '' } };
  }

  private async keyOf({
    tenantId,
    provider,
    credential,
  }: Pick<Attempt, 'tenantId' | 'provider' | 'credential'>): Promise<string | null | undefined> {
    if (credential === 'platform') return this.config.smspartnerApiKey;
    const own = await this.transactions.run(tenantId, tx => this.credentials.open(tx, tenantId, provider));
    return own.kind === 'opened' ? own.apiKey : undefined;
  }
}
