import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import type { WebhookEventType } from './event-types.js';
import type { WebhookRow } from './webhook.entity.js';

export type Webhook = WebhookRow;

/** Where events of some types go. */
export type Subscription = Pick<Webhook, 'id' | 'events'>;

const COLUMNS = `tenant_id as "tenantId", id, url, events, sealed_secret as "sealedSecret", previous_sealed_secret as "previousSealedSecret",
  previous_until as "previousUntil", switched_off_at as "switchedOffAt", switched_off_because as "switchedOffBecause",
  created_at as "createdAt"`;

@Injectable()
export class WebhookStore {
  async insert(
    tx: Tx,
    { tenantId, id, url, events, sealedSecret, createdAt }: Omit<Webhook, `previous${string}` | `switchedOff${string}`>,
  ): Promise<Webhook> {
    const row = await tx.first<Webhook>(
      `insert into webhooks (tenant_id, id, url, events, sealed_secret, created_at) values ($1, $2, $3, $4, $5, $6)
       returning ${COLUMNS}`,
      [tenantId, id, url, events, sealedSecret, createdAt],
    );
    if (row === null) throw new Error('a webhook was not inserted');
    return row;
  }

  /** Oldest first. */
  list(tx: Tx, tenantId: TenantId): Promise<Webhook[]> {
    return tx.rows(`select ${COLUMNS} from webhooks where tenant_id = $1 order by id`, [tenantId]);
  }

  find(tx: Tx, tenantId: TenantId, id: string): Promise<Webhook | null> {
    return tx.first(`select ${COLUMNS} from webhooks where tenant_id = $1 and id = $2`, [tenantId, id]);
  }

  /** Of several tenants, which the transaction must see. */
  findMany(tx: Tx, tenants: readonly TenantId[], ids: readonly string[]): Promise<Webhook[]> {
    return tx.rows(`select ${COLUMNS} from webhooks where tenant_id = any($1) and id = any($2)`, [tenants, ids]);
  }

  /** Those that are called. */
  enabled(tx: Tx, tenantId: TenantId): Promise<Subscription[]> {
    return tx.prepared('select id, events from webhooks where tenant_id = $1 and switched_off_at is null', [tenantId]);
  }

  /** Those that are called and told of any of these types. */
  subscribed(tx: Tx, tenantId: TenantId, types: readonly WebhookEventType[]): Promise<Subscription[]> {
    return tx.rows(
      'select id, events from webhooks where tenant_id = $1 and switched_off_at is null and events && $2::text[]',
      [tenantId, types],
    );
  }

  /** The old secret signs beside the new one until then. */
  rotate(
    tx: Tx,
    tenantId: TenantId,
    id: string,
    { sealedSecret, previousUntil }: { readonly sealedSecret: Buffer; readonly previousUntil: Date },
  ): Promise<Webhook | null> {
    return tx.first(
      `update webhooks set previous_sealed_secret = sealed_secret, previous_until = $4, sealed_secret = $3
        where tenant_id = $1 and id = $2 returning ${COLUMNS}`,
      [tenantId, id, sealedSecret, previousUntil],
    );
  }

  /** False where it is off already, or gone. */
  async switchOff(
    tx: Tx,
    tenantId: TenantId,
    id: string,
    { at, because }: { readonly at: Date; readonly because: string },
  ): Promise<boolean> {
    const switched = await tx.count(
      `update webhooks set switched_off_at = $3, switched_off_because = $4
        where tenant_id = $1 and id = $2 and switched_off_at is null`,
      [tenantId, id, at, because],
    );
    return switched > 0;
  }

  /** False where it is on already, or gone. */
  async switchOn(tx: Tx, tenantId: TenantId, id: string): Promise<boolean> {
    const switched = await tx.count(
      `update webhooks set switched_off_at = null, switched_off_because = null
        where tenant_id = $1 and id = $2 and switched_off_at is not null`,
      [tenantId, id],
    );
    return switched > 0;
  }

  async delete(tx: Tx, tenantId: TenantId, id: string): Promise<boolean> {
    return (await tx.count('delete from webhooks where tenant_id = $1 and id = $2', [tenantId, id])) > 0;
  }
}
