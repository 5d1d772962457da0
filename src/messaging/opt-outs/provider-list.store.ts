import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import type { OptOut } from './opt-out.js';
import { STOP_ID_NOT_KNOWN_YET } from './opt-out-removal.entity.js';

/** A number on the STOP list of a provider account. */
export interface Listed {
  /** E.164. */
  readonly phoneNumber: string;
  /** The id it has there. */
  readonly stopId: string;
}

const LISTED = 'unnest($2::text[], $3::text[]) as l (phone_number, stop_id)';
const columns = (listed: readonly Listed[]): readonly [string[], string[]] => [
  listed.map(({ phoneNumber }) => phoneNumber),
  listed.map(({ stopId }) => stopId),
];

/** Our opt-outs held against the STOP list of a provider account. */
@Injectable()
export class ProviderListStore {
  /** What was lifted here before its id there was known gets that id. */
  async nameLifted(tx: Tx, tenantId: TenantId, listed: readonly Listed[]): Promise<void> {
    await tx.rows(
      `update opt_out_removals r set provider_stop_id = l.stop_id from ${LISTED}
        where r.tenant_id = $1 and r.phone_number = l.phone_number and r.provider_stop_id = $4`,
      [tenantId, ...columns(listed), STOP_ID_NOT_KNOWN_YET],
    );
  }

  /** Those that are not ours and not lifted either. The same number under another id than the lifted one is a new STOP. */
  newAmong(tx: Tx, tenantId: TenantId, listed: readonly Listed[]): Promise<Listed[]> {
    return tx.rows(
      `select l.phone_number as "phoneNumber", l.stop_id as "stopId" from ${LISTED}
        where not exists (select 1 from opt_outs o where o.tenant_id = $1 and o.phone_number = l.phone_number)
          and not exists (select 1 from opt_out_removals r where r.tenant_id = $1 and r.provider_stop_id = l.stop_id)`,
      [tenantId, ...columns(listed)],
    );
  }

  /** `gap` as for messages' numbers. Only what is new comes here, because the numbers' sequence has an end. */
  takeUp(
    tx: Tx,
    tenantId: TenantId,
    listed: readonly (Listed & { readonly id: string; readonly gap: number })[],
    now: Date,
  ): Promise<Omit<OptOut, 'number'>[]> {
    return tx.rows(
      `insert into opt_outs (tenant_id, phone_number, id, number, source, provider_stop_id, created_at)
       select $1, l.phone_number, l.id, nextval('opt_out_numbers') * 4 + l.gap, 'provider', l.stop_id, $6
         from unnest($2::text[], $3::text[], $4::uuid[], $5::integer[]) as l (phone_number, stop_id, id, gap)
       on conflict (tenant_id, phone_number) do nothing
       returning id, phone_number as "phoneNumber", source, created_at as "createdAt"`,
      [tenantId, ...columns(listed), listed.map(({ id }) => id), listed.map(({ gap }) => gap), now],
    );
  }

  /** Ours get the id they have there; not one that is about to be deleted. */
  async name(tx: Tx, tenantId: TenantId, listed: readonly Listed[]): Promise<void> {
    await tx.rows(
      `update opt_outs o set provider_stop_id = l.stop_id from ${LISTED}
        where o.tenant_id = $1 and o.phone_number = l.phone_number and o.provider_stop_id is distinct from l.stop_id
          and not exists (select 1 from opt_out_removals r where r.tenant_id = $1 and r.provider_stop_id = l.stop_id)`,
      [tenantId, ...columns(listed)],
    );
  }

  /** What was lifted before the list was asked for, and does not stand on it: nothing is left to delete. */
  async forgetUnlisted(tx: Tx, tenantId: TenantId, askedAt: Date): Promise<void> {
    await tx.rows('delete from opt_out_removals where tenant_id = $1 and provider_stop_id = $2 and created_at < $3', [
      tenantId,
      STOP_ID_NOT_KNOWN_YET,
      askedAt,
    ]);
  }

  async numbersAfter(tx: Tx, tenantId: TenantId, after: string, limit: number): Promise<string[]> {
    const rows = await tx.rows<{ phoneNumber: string }>(
      `select phone_number as "phoneNumber" from opt_outs
        where tenant_id = $1 and phone_number > $2 order by phone_number limit $3`,
      [tenantId, after, limit],
    );
    return rows.map(row => row.phoneNumber);
  }

  /** Only ever of the platform's mirror: a tenant's own STOP is final. */
  drop(tx: Tx, tenantId: TenantId, phoneNumbers: readonly string[]): Promise<number> {
    return tx.count('delete from opt_outs where tenant_id = $1 and phone_number = any($2)', [tenantId, phoneNumbers]);
  }

  /** Ours that the provider does not have; in no order, so that one it will not take does not keep others from their turn. */
  async toAdd(tx: Tx, tenantId: TenantId, limit: number): Promise<string[]> {
    const rows = await tx.rows<{ phoneNumber: string }>(
      `select phone_number as "phoneNumber" from opt_outs
        where tenant_id = $1 and provider_stop_id is null order by random() limit $2`,
      [tenantId, limit],
    );
    return rows.map(row => row.phoneNumber);
  }

  /** The provider has it now. One that was lifted meanwhile is deleted there by the id that the next list says. */
  async added(tx: Tx, tenantId: TenantId, { phoneNumber, stopId }: Listed): Promise<void> {
    await tx.rows('update opt_outs set provider_stop_id = $3 where tenant_id = $1 and phone_number = $2', [
      tenantId,
      phoneNumber,
      stopId,
    ]);
  }

  /** Lifted here and to be deleted there; in no order, as above. */
  toDelete(tx: Tx, tenantId: TenantId, limit: number): Promise<Listed[]> {
    return tx.rows(
      `select phone_number as "phoneNumber", provider_stop_id as "stopId" from opt_out_removals
        where tenant_id = $1 and provider_stop_id <> $2 order by random() limit $3`,
      [tenantId, STOP_ID_NOT_KNOWN_YET, limit],
    );
  }

  async deleted(tx: Tx, tenantId: TenantId, { phoneNumber, stopId }: Listed): Promise<void> {
    await tx.rows('delete from opt_out_removals where tenant_id = $1 and phone_number = $2 and provider_stop_id = $3', [
      tenantId,
      phoneNumber,
      stopId,
    ]);
  }
}
