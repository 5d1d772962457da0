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

interface Carrying {
  readonly tenantId: TenantId;
  readonly attemptId: string;
  readonly submissionId: string;
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
    const attempts = [...new Map(all.map(named => [named.attemptId, named])).values()];
    const carrying = await this.carrying(tx, attempts);
    const rows = await this.recipients(tx, carrying, [...new Set(all.map(({ phoneNumber }) => phoneNumber))]);
    const bySubmission = Map.groupBy(rows, ({ submissionId }) => submissionId);
    const known = new Map<string, Carried>();
    const found = new Set<string>();
    for (const { attemptId, submissionId } of carrying) {
      for (const row of bySubmission.get(submissionId) ?? []) {
        known.set(`${attemptId} ${row.phoneNumber}`, row);
        found.add(attemptId);
      }
    }
    const without = attempts.filter(({ attemptId }) => !found.has(attemptId));
    const erased = await this.erased(tx, without);
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

  private carrying(tx: Tx, attempts: readonly Named[]): Promise<Carrying[]> {
    return tx.rows(
      `select c.tenant_id as "tenantId", c.attempt_id as "attemptId", c.submission_id as "submissionId"
         from unnest($1::uuid[], $2::uuid[]) as given (tenant_id, id)
         join attempt_submissions c on c.tenant_id = given.tenant_id and c.attempt_id = given.id`,
      [attempts.map(({ tenantId }) => tenantId), attempts.map(({ attemptId }) => attemptId)],
    );
  }

  /** Those of what was carried that have these numbers. */
  private recipients(tx: Tx, carrying: readonly Carrying[], phoneNumbers: readonly string[]): Promise<Carried[]> {
    const submissions = [...new Map(carrying.map(one => [one.submissionId, one])).values()];
    return tx.rows(
      `select ${CARRIED} from unnest($1::uuid[], $2::uuid[]) as given (tenant_id, id)
         join deliveries d on d.tenant_id = given.tenant_id and d.submission_id = given.id
        where d.phone_number = any($3)`,
      [submissions.map(({ tenantId }) => tenantId), submissions.map(({ submissionId }) => submissionId), phoneNumbers],
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
