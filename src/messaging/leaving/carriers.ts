import { Injectable } from '@nestjs/common';
import { type CredentialOwner, ProviderCredentials } from '../../accounts/index.js';
import type { Tx } from '../../kernel/index.js';
import { type ProviderCredential, Providers, type SmsProvider } from '../../providers/index.js';
import type { LockedMessage } from '../message.js';

/** Who carries a call, and on whose account. */
export interface Carrier {
  readonly provider: SmsProvider;
  /** Null: the platform's. */
  readonly credential: ProviderCredential | null;
  readonly owner: CredentialOwner;
}

/** The tenant's own account goes first; a sandbox message stays in the simulator. */
@Injectable()
export class Carriers {
  constructor(
    private readonly credentials: ProviderCredentials,
    private readonly providers: Providers,
  ) {}

  /** Null where the tenant's own credential does not open: sealed under another master key, or damaged. */
  async carrierOf(tx: Tx, { tenantId, sandbox }: LockedMessage): Promise<Carrier | null> {
    const provider = this.providers.carrierOf({ sandbox });
    const own = await this.credentials.open(tx, tenantId, provider.name);
    switch (own.kind) {
      case 'none':
        return { provider, credential: null, owner: 'platform' };
      case 'sealed-otherwise':
        return null;
      case 'opened':
        return { provider, credential: { apiKey: own.apiKey }, owner: 'tenant' };
    }
  }
}
