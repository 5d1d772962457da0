import { Injectable } from '@nestjs/common';
import { ProviderCredentials } from '../../accounts/index.js';
import type { TenantId, Tx } from '../../kernel/index.js';
import { Providers } from '../../providers/index.js';
import type { Changing } from '../change-message.js';
import type { Message } from '../message.js';
import type { AccountBlock } from '../waiting.js';
import { BlockedAccounts } from './blocked-accounts.js';
import { Breakers, HALF_OPEN_AFTER_MS } from './breakers.js';
import { type Carrier, Carriers } from './carriers.js';
import type { QueueWait } from './set-aside.js';

export type AccountAtHand =
  /** `probe`: the account is blocked, and this call finds out whether it still is. */
  | { readonly ok: true; readonly carrier: Carrier; readonly probe: boolean }
  | { readonly ok: false; readonly wait: QueueWait };

const UNREADABLE = {
  code: 'CREDENTIAL_UNREADABLE',
  reason: "the tenant's provider credential does not open: it was sealed under another MASTER_KEY, or is damaged",
} as const;

/** Which account carries a message, and whether it may be called now. */
@Injectable()
export class AccountsAtHand {
  constructor(
    private readonly carriers: Carriers,
    private readonly providers: Providers,
    private readonly blocked: BlockedAccounts,
    private readonly breakers: Breakers,
    private readonly credentials: ProviderCredentials,
  ) {}

  async take(tx: Tx, { message, now }: Changing): Promise<AccountAtHand> {
    const { tenantId } = message;
    const carrier = await this.carriers.carrierOf(tx, message);
    if (carrier === null) {
      const provider = this.providers.carrierOf(message).name;
      const account = { tenantId, owner: 'tenant', provider } as const;
      const asked = await this.blocked.ask(tx, account, now);
      if (asked.kind !== 'blocked')
        await this.blocked.block(tx, account, { ...UNREADABLE, now, probe: asked.kind === 'probe' });
      return { ok: false, wait: this.blocked.waitFor(UNREADABLE.reason, now) };
    }
    // What reaches nobody waits for no account.
    if (message.sandbox) return { ok: true, carrier, probe: false };
    const name = accountName(tenantId, carrier);
    if (this.breakers.isOpen(name)) return { ok: false, wait: waitForProvider(now) };
    const account = { tenantId, owner: carrier.owner, provider: carrier.provider.name };
    const block = await this.blocked.ask(tx, account, now);
    return block.kind === 'blocked'
      ? { ok: false, wait: this.blocked.waitFor(block.reason, now) }
      : { ok: true, carrier, probe: block.kind === 'probe' };
  }

  /** Whether the account or its provider failed last, so that the next call only tries whether that is over. */
  async isTroubled(tx: Tx, message: Message): Promise<boolean> {
    const { tenantId } = message;
    const carrier = await this.carriers.carrierOf(tx, message);
    if (carrier === null || !this.breakers.isClosed(accountName(tenantId, carrier))) return true;
    return (await this.blocked.find(tx, { tenantId, owner: carrier.owner, provider: carrier.provider.name })) !== null;
  }

  /** What the account that is to carry a tenant's SMS is blocked by; null: it is not. */
  async blockOf(tx: Tx, tenantId: TenantId): Promise<AccountBlock | null> {
    const provider = this.providers.carrierOf({ sandbox: false }).name;
    const own = await this.credentials.open(tx, tenantId, provider);
    return this.blocked.find(tx, { tenantId, owner: own.kind === 'none' ? 'platform' : 'tenant', provider });
  }
}

/** One for each account, in logs and breakers. */
export const accountName = (tenantId: TenantId, { provider, owner }: Carrier): string =>
  `${provider.name} ${owner === 'platform' ? 'platform' : tenantId}`;

const waitForProvider = (now: Date): QueueWait => ({
  dueAt: new Date(now.getTime() + HALF_OPEN_AFTER_MS),
  waitKind: 'PROVIDER_DOWN',
  kind: 'not-sent',
  detail: 'the provider failed too often in a row; it is left alone for a moment',
});
