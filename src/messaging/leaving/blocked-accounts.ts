import { Injectable, Logger } from '@nestjs/common';
import type { CredentialOwner } from '../../accounts/index.js';
import { Metrics, PLATFORM, type TenantId, type Tx, WakeUps } from '../../kernel/index.js';
import { BLOCKED_RETRY_MS } from './retry-delay.js';
import { type ProviderBlock, ProviderBlockStore } from './provider-block.store.js';
import type { QueueWait } from './set-aside.js';
import { WORK } from './work-topics.js';

export type BlockState = { readonly kind: 'free' | 'probe' } | { readonly kind: 'blocked'; readonly reason: string };

/** The transaction sees the tenant's rows and the platform's. */
interface AccountOf {
  readonly tenantId: TenantId;
  readonly owner: CredentialOwner;
  readonly provider: string;
}

/**
 * Accounts that refuse to send (no credit, wrong key, closed): nothing fails for it, everything of the account waits, one
 * submission a minute goes as a probe, and with the first answer that is none of these all of it flows again.
 */
@Injectable()
export class BlockedAccounts {
  private readonly log = new Logger(BlockedAccounts.name);

  constructor(
    private readonly blocks: ProviderBlockStore,
    private readonly wakeUps: WakeUps,
    private readonly metrics: Metrics,
  ) {}

  /** Whether the account may be called; of all workers one a minute gets to probe a blocked one. */
  async ask(tx: Tx, { tenantId, owner, provider }: AccountOf, now: Date): Promise<BlockState> {
    const block = await this.blocks.find(tx, ownerId(tenantId, owner), provider);
    if (block === null) return { kind: 'free' };
    const next = new Date(now.getTime() + BLOCKED_RETRY_MS);
    const taken = await this.blocks.takeProbe(tx, block.tenantId, { provider, now, next });
    return taken ? { kind: 'probe' } : { kind: 'blocked', reason: block.reason };
  }

  find(tx: Tx, { tenantId, owner, provider }: AccountOf): Promise<ProviderBlock | null> {
    return this.blocks.find(tx, ownerId(tenantId, owner), provider);
  }

  /** How what meets a blocked account waits: it is due, and not claimed before the account is probed. */
  waitFor(reason: string, now: Date): QueueWait {
    return { dueAt: now, waitKind: 'PROVIDER_ACCOUNT', kind: 'blocked', detail: reason };
  }

  /** Where the account works and only refuses this kind of SMS. */
  waitAMinute(reason: string, now: Date): QueueWait {
    return { ...this.waitFor(reason, now), dueAt: new Date(now.getTime() + BLOCKED_RETRY_MS) };
  }

  /** Operators are alarmed when it begins and with each probe that fails, not by all who meet it meanwhile. */
  async block(
    tx: Tx,
    account: AccountOf,
    why: { code: string; reason: string; now: Date; probe: boolean },
  ): Promise<void> {
    const { tenantId, owner, provider } = account;
    const { code, reason, now, probe } = why;
    const probeAt = new Date(now.getTime() + BLOCKED_RETRY_MS);
    const block = { provider, code, reason, probeAt, now, probe };
    if (await this.blocks.block(tx, ownerId(tenantId, owner), block)) this.alarm(tenantId, why);
  }

  alarm(tenantId: TenantId, { code, reason }: { readonly code: string; readonly reason: string }): void {
    const message = 'ALARM: a provider account refuses to send; what should go through it waits';
    this.log.error({ message, tenantId, code, reason });
    this.metrics.accountAlarms.inc();
  }

  /** The account answered as one that works. */
  async works(tx: Tx, { tenantId, owner, provider }: AccountOf): Promise<void> {
    if (!(await this.blocks.clear(tx, ownerId(tenantId, owner), provider))) return;
    this.log.log({
      message: 'a provider account that refused to send works again',
      account: owner,
      tenantId,
      provider,
    });
    tx.afterCommit(() => this.wakeUps.announce(WORK.dispatch));
  }
}

const ownerId = (tenantId: TenantId, owner: CredentialOwner): TenantId => (owner === 'platform' ? PLATFORM : tenantId);
