import { Injectable } from '@nestjs/common';
import { PLATFORM, type TenantId, type Tx } from '../../kernel/index.js';
import type { OptOut } from './opt-out.js';
import { STOP_ID_NOT_KNOWN_YET } from './opt-out-removal.entity.js';

const COLUMNS = `id, number::integer as number, phone_number as "phoneNumber", source, created_at as "createdAt"`;

@Injectable()
export class OptOutStore {
  /** Which of these E.164 numbers have opted out. */
  async among(tx: Tx, tenantId: TenantId, phoneNumbers: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.rows<{ phoneNumber: string }>(
      'select phone_number as "phoneNumber" from opt_outs where tenant_id = $1 and phone_number = any($2)',
      [tenantId, phoneNumbers],
    );
    return new Set(rows.map(row => row.phoneNumber));
  }

  /** Those of some submissions that still wait and have opted out meanwhile. */
  async waitingIn(tx: Tx, tenantId: TenantId, submissionIds: readonly string[]): Promise<string[]> {
    if (submissionIds.length === 0) return [];
    const rows = await tx.rows<{ phoneNumber: string }>(
      `select d.phone_number as "phoneNumber" from deliveries d
         join opt_outs o on o.tenant_id = d.tenant_id and o.phone_number = d.phone_number
        where d.tenant_id = $1 and d.submission_id = any($2) and d.status = 'WAITING'`,
      [tenantId, submissionIds],
    );
    return rows.map(row => row.phoneNumber);
  }

  /** Whether answers from handsets that came in this time are not read yet: one may be a STOP. */
  async areUnread(tx: Tx, tenantId: TenantId, came: { readonly after: Date; readonly before: Date }): Promise<boolean> {
    const unread = await tx.first(
      `select 1 from reply_posts where tenant_id = $1 and state = 'NEW' and received_at > $2 and received_at <= $3 limit 1`,
      [tenantId, came.after, came.before],
    );
    return unread !== null;
  }

  /** Those of some submissions that still wait and stand on the platform's own list, which the transaction must see. */
  async suppressedIn(tx: Tx, tenantId: TenantId, submissionIds: readonly string[]): Promise<string[]> {
    const rows = await tx.rows<{ phoneNumber: string }>(
      `select d.phone_number as "phoneNumber" from deliveries d
         join opt_outs o on o.tenant_id = $3 and o.phone_number = d.phone_number
        where d.tenant_id = $1 and d.submission_id = any($2) and d.status = 'WAITING'`,
      [tenantId, submissionIds, PLATFORM],
    );
    return rows.map(row => row.phoneNumber);
  }

  /**
   * The first opt-out of a number stays as it was made; null where there was one. `gap` as for messages' numbers. What was
   * lifted before stands again, so nothing of it is to be deleted at the provider any more.
   */
  add(tx: Tx, tenantId: TenantId, optOut: Omit<OptOut, 'number'>, gap: number): Promise<OptOut | null> {
    return tx.first(
      `with stands_again as (delete from opt_out_removals where tenant_id = $1 and phone_number = $2)
       insert into opt_outs (tenant_id, phone_number, id, number, source, created_at)
       values ($1, $2, $3, nextval('opt_out_numbers') * 4 + $6, $4, $5)
       on conflict (tenant_id, phone_number) do nothing returning ${COLUMNS}`,
      [tenantId, optOut.phoneNumber, optOut.id, optOut.source, optOut.createdAt, gap],
    );
  }

  find(tx: Tx, tenantId: TenantId, phoneNumber: string): Promise<OptOut | null> {
    return tx.first(`select ${COLUMNS} from opt_outs where tenant_id = $1 and phone_number = $2`, [
      tenantId,
      phoneNumber,
    ]);
  }

  findByNumber(tx: Tx, tenantId: TenantId, number: number): Promise<OptOut | null> {
    return tx.first(`select ${COLUMNS} from opt_outs where tenant_id = $1 and number = $2`, [tenantId, number]);
  }

  /**
   * What the tenant's own provider account still lists, or may list, is written down as lifted, so that it is deleted there
   * too. A lift and a sync of that account take turns: neither acts on what the other is about to change.
   */
  async remove(tx: Tx, tenantId: TenantId, phoneNumber: string, now: Date): Promise<boolean> {
    const synced = await tx.first('select 1 from opt_out_syncs where tenant_id = $1 for share', [tenantId]);
    const removed = await tx.first<{ providerStopId: string | null }>(
      'delete from opt_outs where tenant_id = $1 and phone_number = $2 returning provider_stop_id as "providerStopId"',
      [tenantId, phoneNumber],
    );
    if (removed === null) return false;
    const { providerStopId } = removed;
    if (synced !== null || providerStopId !== null) {
      await tx.rows(
        `insert into opt_out_removals (tenant_id, phone_number, provider_stop_id, created_at) values ($1, $2, $3, $4)
         on conflict (tenant_id, phone_number)
           do update set provider_stop_id = excluded.provider_stop_id, created_at = excluded.created_at`,
        [tenantId, phoneNumber, providerStopId ?? STOP_ID_NOT_KNOWN_YET, now],
      );
    }
    return true;
  }

  page(tx: Tx, tenantId: TenantId, page: { readonly after: string | null; readonly limit: number }): Promise<OptOut[]> {
    return tx.rows(
      `select ${COLUMNS} from opt_outs where tenant_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
      [tenantId, page.after, page.limit],
    );
  }
}
