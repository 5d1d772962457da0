import { Injectable } from '@nestjs/common';
import { type CredentialOwner, ProviderCredentials } from '../accounts/index.js';
import type { Tx } from '../kernel/index.js';
import { type ProviderCredential, Providers, type SmsProvider } from '../providers/index.js';
import type { Message } from './message.js';

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

  async carrierOf(tx: Tx, { tenantId, sandbox }: Message): Promise<Carrier> {
    const ownKey = sandbox ? null : await this.credentials.open(tx, tenantId, this.providers.smspartner.name);
    const provider = this.providers.carrierOf({ sandbox, hasOwnCredential: ownKey !== null });
    return ownKey === null
      ? { provider, credential: null, owner: 'platform' }
      : { provider, credential: { apiKey: ownKey }, owner: 'tenant' };
  }
}
