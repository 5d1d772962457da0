import { Injectable } from '@nestjs/common';
import { type CredentialOwner, ProviderCredentials } from '../../accounts/index.js';
import type { Tx } from '../../kernel/index.js';
import { type ProviderCredential, Providers, type SmsProvider } from '../../providers/index.js';
import type { Message } from '../message.js';

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
  async carrierOf(tx: Tx, { tenantId, sandbox }: Message): Promise<Carrier | null> {
    if (sandbox) return this.platform(sandbox);
    const own = await this.credentials.open(tx, tenantId, this.providers.smspartner.name);
    switch (own.kind) {
      case 'none':
        return this.platform(sandbox);
      case 'sealed-otherwise':
        return null;
      case 'opened': {
        const provider = this.providers.carrierOf({ sandbox, hasOwnCredential: true });
        return { provider, credential: { apiKey: own.apiKey }, owner: 'tenant' };
      }
    }
  }

  private platform(sandbox: boolean): Carrier {
    return {
      provider: this.providers.carrierOf({ sandbox, hasOwnCredential: false }),
      credential: null,
      owner: 'platform',
    };
  }
}
