import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import type { Delivery } from '../delivery.store.js';
import type { DeliveryStatus } from '../delivery-status.js';
import type { StatusAfter } from './delivery-report.js';

/** What receipts are about: a recipient of an attempt. */
interface Named {
  readonly tenantId: TenantId;
  readonly attemptId: string;
  /** E.164. */
  readonly phoneNumber: string;
}

interface Carried {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly messageId: string;
  readonly submissionId: string;
  /** Null once erased. */
  readonly phoneNumber: string | null;
}

export type ReportedDelivery = Carried & Pick<Delivery, 'status' | 'cost'>;

export interface DeliveryMove extends StatusAfter {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly from: DeliveryStatus;
}

const CARRIED = `d.tenant_id as "tenantId", d.id, d.message_id as "messageId", d.submission_id as "submissionId",
  d.phone_number as "phoneNumber"`;

/**
 * Deliveries as receipts see them: many at a time, of many attempts and of several tenants, which the transaction must see.
 * Looked up pair by pair: by `any` of the tenants and `any` of the ids, an index is searched for each with each.
 */
@Injectable()
export class ReportedDeliveryStore {
  /**
   * Which delivery and message each names; null: none that its attempt carried. Where the number is erased and the attempt
   * carried nobody else, it is that one: a late receipt still finds it. What it answers never changes.
   */
  async named(tx: Tx, all: readonly Named[]): Promise<readonly (Carried | null)[]> {
    const known = new Map((await this.recipients(tx, all)).map(row => [`${row.attemptId} ${row.phoneNumber}`, row]));
    const found = new Set([...known.values()].map(({ attemptId }) => attemptId));
    const without = new Map(all.flatMap(named => (found.has(named.attemptId) ? [] : [[named.attemptId, named]])));
    const erased = await this.erased(tx, [...without.values()]);
    return all.map(
      ({ attemptId, phoneNumber }) => known.get(`${attemptId} ${phoneNumber}`) ?? erased.get(attemptId) ?? null,
    );
  }

  /** As they stand: to be asked under the locks of their messages. */
  async find(
    tx: Tx,
    deliveries: readonly Pick<Carried, 'tenantId' | 'id'>[],
  ): Promise<ReadonlyMap<string, ReportedDelivery>> {
    if (deliveries.length === 0) return new Map();
    const rows = await tx.rows<ReportedDelivery>(
      `select ${CARRIED}, d.status, d.cost
         from unnest($1::uuid[], $2::uuid[]) as given (tenant_id, id)
         join deliveries d on d.tenant_id = given.tenant_id and d.id = given.id`,
      [deliveries.map(({ tenantId }) => tenantId), deliveries.map(({ id }) => id)],
    );
    return new Map(rows.map(row => [row.id, row]));
  }

  /** Each at most once, from where it stood; answers which of them moved. */
  async move(tx: Tx, moves: readonly DeliveryMove[], now: Date): Promise<ReadonlySet<string>> {
    if (moves.length === 0) return new Set();
    const rows = await tx.rows<{ id: string }>(
      `update deliveries d set status = m.status, error_code = m.error_code, error_message = m.error_message, updated_at = $1
         from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
           as m (tenant_id, id, before, status, error_code, error_message)
        where d.tenant_id = m.tenant_id and d.id = m.id and d.status = m.before
       returning d.id`,
      [
        now,
        moves.map(({ tenantId }) => tenantId),
        moves.map(({ id }) => id),
        moves.map(({ from }) => from),
        moves.map(({ status }) => status),
        moves.map(({ errorCode }) => errorCode),
        moves.map(({ errorMessage }) => errorMessage),
      ],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** By the number, its newest message first: a call carries hundreds of them, and a receipt is about one of the last days. */
  private recipients(tx: Tx, all: readonly Named[]): Promise<(Carried & { readonly attemptId: string })[]> {
    return tx.rows(
      `select given.attempt_id as "attemptId", one.*
         from unnest($1::uuid[], $2::uuid[], $3::text[]) as given (tenant_id, attempt_id, phone_number)
        cross join lateral (
          select ${CARRIED} from deliveries d where d.tenant_id = given.tenant_id and d.phone_number = given.phone_number
             and exists (select 1 from attempt_submissions c
                  where c.tenant_id = d.tenant_id and c.attempt_id = given.attempt_id and c.submission_id = d.submission_id)
           order by d.message_id desc limit 1) as one`,
      [
        all.map(({ tenantId }) => tenantId),
        all.map(({ attemptId }) => attemptId),
        all.map(({ phoneNumber }) => phoneNumber),
      ],
    );
  }

  /** By attempt: the one that it carried, where its number is erased. */
  private async erased(tx: Tx, attempts: readonly Named[]): Promise<ReadonlyMap<string, Carried>> {
    if (attempts.length === 0) return new Map();
    const rows = await tx.rows<Carried & { readonly attemptId: string }>(
      `select given.id as "attemptId", two.* from unnest($1::uuid[], $2::uuid[]) as given (tenant_id, id)
        cross join lateral (
          select ${CARRIED} from deliveries d where d.tenant_id = given.tenant_id and d.submission_id = any(array(
            select c.submission_id from attempt_submissions c where c.tenant_id = given.tenant_id and c.attempt_id = given.id))
           limit 2) as two`,
      [attempts.map(({ tenantId }) => tenantId), attempts.map(({ attemptId }) => attemptId)],
    );
    const only = [...Map.groupBy(rows, row => row.attemptId).values()].filter(({ length }) => length === 1).flat();
    return new Map(only.filter(({ phoneNumber }) => phoneNumber === null).map(row => [row.attemptId, row]));
  }
}
