import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import type { ProviderBlockRow } from './provider-block.entity.js';

export type ProviderBlock = ProviderBlockRow;

/** `owner`: whose account it is; the platform's stands under the platform's id. */
@Injectable()
export class ProviderBlockStore {
  find(tx: Tx, owner: TenantId, provider: string): Promise<ProviderBlock | null> {
    return tx.first(
      `select tenant_id as "tenantId", provider, code, reason, since, probe_at as "probeAt" from provider_blocks
        where tenant_id = $1 and provider = $2`,
      [owner, provider],
    );
  }

  /** Begins a block, or moves its next probe. False where another has, for this minute. */
  async block(
    tx: Tx,
    owner: TenantId,
    block: Pick<ProviderBlock, 'provider' | 'code' | 'reason' | 'probeAt'> & {
      readonly now: Date;
      readonly probe: boolean;
    },
  ): Promise<boolean> {
    const written = await tx.count(
      `insert into provider_blocks (tenant_id, provider, code, reason, since, probe_at) values ($1, $2, $3, $4, $5, $6)
       on conflict (tenant_id, provider) do update set code = excluded.code, reason = excluded.reason, probe_at = excluded.probe_at
         where provider_blocks.probe_at <= excluded.probe_at - interval '1 minute' or $7`,
      [owner, block.provider, block.code, block.reason, block.now, block.probeAt, block.probe],
    );
    return written === 1;
  }

  /** One of all workers gets to probe: false where another has. */
  async takeProbe(
    tx: Tx,
    owner: TenantId,
    of: { readonly provider: string; readonly now: Date; readonly next: Date },
  ): Promise<boolean> {
    const taken = await tx.count(
      'update provider_blocks set probe_at = $4 where tenant_id = $1 and provider = $2 and probe_at <= $3',
      [owner, of.provider, of.now, of.next],
    );
    return taken === 1;
  }

  /** True where there was a block. */
  async clear(tx: Tx, owner: TenantId, provider: string): Promise<boolean> {
    const sql = 'delete from provider_blocks where tenant_id = $1 and provider = $2';
    return (await tx.count(sql, [owner, provider])) === 1;
  }
}
