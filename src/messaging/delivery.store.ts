import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';
import type { Charge } from './charge.js';
import type { DeliveryRow } from './delivery.entity.js';
import { type DeliveryStatus, statusesBefore } from './delivery-status.js';

export type Delivery = DeliveryRow;

export interface NewDelivery {
  readonly messageId: string;
  readonly id: string;
  readonly submissionId: string;
  readonly phoneNumber: string;
  readonly territory: string;
  readonly status: DeliveryStatus;
  readonly cost: string;
  readonly charge: Charge;
}

/** Which deliveries of some submissions; all of them where no numbers are named. */
export interface DeliveriesOf {
  readonly tenantId: TenantId;
  readonly submissionIds: readonly string[];
  readonly phoneNumbers?: readonly string[];
}

export interface EndedDelivery {
  readonly id: string;
  readonly messageId: string;
  readonly submissionId: string;
  readonly phoneNumber: string | null;
  readonly cost: string;
  /** Its reservation is due back now. */
  readonly paidBack: boolean;
}

export interface DeliveryEnd {
  readonly status: 'REFUSED' | 'OPTED_OUT' | 'CANCELLED';
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly now: Date;
  /** The provider had taken it and gave it back. Else: it never went. */
  readonly calledBack?: boolean;
}

const COLUMNS = `tenant_id as "tenantId", id, message_id as "messageId", submission_id as "submissionId", phone_number as "phoneNumber",
  territory, status, cost, charge, error_code as "errorCode", error_message as "errorMessage", updated_at as "updatedAt"`;

const OF_ATTEMPT = 'select submission_id from attempt_submissions where tenant_id = $1 and attempt_id = $2';

@Injectable()
export class DeliveryStore {
  async insert(tx: Tx, tenantId: TenantId, now: Date, deliveries: readonly NewDelivery[]): Promise<void> {
    await tx.prepared(
      `insert into deliveries (tenant_id, updated_at, message_id, id, submission_id, phone_number, territory, status, cost, charge)
       select $1, $2, d.* from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::numeric[], $10::text[]) as d`,
      [
        tenantId,
        now,
        deliveries.map(d => d.messageId),
        deliveries.map(d => d.id),
        deliveries.map(d => d.submissionId),
        deliveries.map(d => d.phoneNumber),
        deliveries.map(d => d.territory),
        deliveries.map(d => d.status),
        deliveries.map(d => d.cost),
        deliveries.map(d => d.charge),
      ],
    );
  }

  /** E.164, by submission, in the order given. */
  async waiting(tx: Tx, tenantId: TenantId, submissionIds: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
    const rows = await tx.rows<{ submissionId: string; phoneNumber: string }>(
      `select submission_id as "submissionId", phone_number as "phoneNumber" from deliveries
        where tenant_id = $1 and submission_id = any($2) and status = 'WAITING' order by id`,
      [tenantId, submissionIds],
    );
    const bySubmission = Map.groupBy(rows, row => row.submissionId);
    return new Map([...bySubmission].map(([id, waiting]) => [id, waiting.map(row => row.phoneNumber)]));
  }

  /** Ends what did not go and says what that was. The WHERE on the status makes it happen once. */
  end(tx: Tx, of: DeliveriesOf, end: DeliveryEnd): Promise<EndedDelivery[]> {
    return tx.rows(
      `update deliveries set status = $4, error_code = $5, error_message = $6, updated_at = $7,
              charge = case when charge in ('RESERVED', 'CHARGED') then 'RETURNED' else charge end
        where tenant_id = $1 and submission_id = any($2) and status = any($8) and ($3::text[] is null or phone_number = any($3))
       returning id, message_id as "messageId", submission_id as "submissionId", phone_number as "phoneNumber", cost, charge = 'RETURNED' as "paidBack"`,
      [
        of.tenantId,
        of.submissionIds,
        of.phoneNumbers ?? null,
        end.status,
        end.errorCode,
        end.errorMessage,
        end.now,
        end.calledBack === true ? ['SENT'] : statusesBefore(end.status).filter(status => status !== 'SENT'),
      ],
    );
  }

  /** The provider took them: their price is charged for good. Answers how many, by submission. */
  markSent(tx: Tx, of: DeliveriesOf, now: Date): Promise<ReadonlyMap<string, number>> {
    return this.mark(tx, of, 'SENT', now);
  }

  markUnconfirmed(tx: Tx, of: DeliveriesOf, now: Date): Promise<ReadonlyMap<string, number>> {
    return this.mark(tx, of, 'UNCONFIRMED', now);
  }

  /** Out of doubt: they provably did not go. */
  markWaiting(tx: Tx, of: DeliveriesOf, now: Date): Promise<ReadonlyMap<string, number>> {
    return this.mark(tx, of, 'WAITING', now);
  }

  /** E.164 numbers of a submission that the provider has and of whom nothing was heard. */
  async sentTo(tx: Tx, tenantId: TenantId, submissionId: string): Promise<string[]> {
    const rows = await tx.rows<{ phoneNumber: string }>(
      `select phone_number as "phoneNumber" from deliveries
        where tenant_id = $1 and submission_id = $2 and status = 'SENT' and phone_number is not null order by id`,
      [tenantId, submissionId],
    );
    return rows.map(row => row.phoneNumber);
  }

  /** Nothing was heard of them for too long: charged all the same, and a late receipt may still tell better. */
  expire(tx: Tx, of: DeliveriesOf, now: Date): Promise<Pick<Delivery, 'id' | 'phoneNumber' | 'cost' | 'errorCode'>[]> {
    return tx.rows(
      `update deliveries set status = 'EXPIRED', error_code = 'NO_RECEIPT', error_message = 'No receipt came within 48 hours.',
              updated_at = $3
        where tenant_id = $1 and submission_id = any($2) and status = any($4)
       returning id, phone_number as "phoneNumber", cost, error_code as "errorCode"`,
      [of.tenantId, of.submissionIds, now, statusesBefore('EXPIRED')],
    );
  }

  /** How many deliveries of some submissions are open, and what they are to cost in all (exact decimal), by submission. */
  async open(
    tx: Tx,
    tenantId: TenantId,
    submissionIds: readonly string[],
  ): Promise<readonly { readonly submissionId: string; readonly count: number; readonly cost: string }[]> {
    return tx.rows(
      `select submission_id as "submissionId", count(*)::integer as count, sum(cost)::numeric(14,4)::text as cost from deliveries
        where tenant_id = $1 and submission_id = any($2) and status in ('WAITING', 'UNCONFIRMED') group by submission_id`,
      [tenantId, submissionIds],
    );
  }

  /**
   * Those that an attempt carried to these numbers. Where the number is erased and the attempt carried nobody else, it is that
   * one: a late receipt still finds it.
   */
  async carriedTo(tx: Tx, tenantId: TenantId, attemptId: string, phoneNumbers: readonly string[]): Promise<Delivery[]> {
    const of = `select ${COLUMNS} from deliveries where tenant_id = $1 and submission_id in (${OF_ATTEMPT})`;
    const carried = await tx.rows<Delivery>(`${of} and phone_number = any($3)`, [tenantId, attemptId, phoneNumbers]);
    if (carried.length > 0) return carried;
    const all = await tx.rows<Delivery>(`${of} limit 2`, [tenantId, attemptId]);
    return all.length === 1 ? all.filter(({ phoneNumber }) => phoneNumber === null) : [];
  }

  /** How many are in doubt, by submission; those with none are left out. */
  async countUnconfirmed(
    tx: Tx,
    tenantId: TenantId,
    submissionIds: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    const rows = await tx.rows<{ submissionId: string; count: number }>(
      `select submission_id as "submissionId", count(*)::integer as count from deliveries
        where tenant_id = $1 and submission_id = any($2) and status = 'UNCONFIRMED' group by submission_id`,
      [tenantId, submissionIds],
    );
    return new Map(rows.map(row => [row.submissionId, row.count]));
  }

  /** A page of each message, in the order they were given; the newest first is meaningless within a message. */
  pages(
    tx: Tx,
    tenantId: TenantId,
    of: { readonly messageIds: readonly string[]; readonly status: DeliveryStatus | null },
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<Delivery[]> {
    return tx.rows(
      `select d.* from unnest($2::uuid[]) as given (id) cross join lateral (
         select ${COLUMNS} from deliveries where tenant_id = $1 and message_id = given.id and ($3::text is null or status = $3)
            and ($4::uuid is null or id > $4) order by id limit $5) d`,
      [tenantId, of.messageIds, of.status, page.after, page.limit],
    );
  }

  /** By message; those with none are left out. */
  async counts(
    tx: Tx,
    tenantId: TenantId,
    of: { readonly messageIds: readonly string[]; readonly status: DeliveryStatus | null },
  ): Promise<ReadonlyMap<string, number>> {
    const rows = await tx.rows<{ messageId: string; count: number }>(
      `select message_id as "messageId", count(*)::integer as count from deliveries
        where tenant_id = $1 and message_id = any($2) and ($3::text is null or status = $3) group by message_id`,
      [tenantId, of.messageIds, of.status],
    );
    return new Map(rows.map(({ messageId, count }) => [messageId, count]));
  }

  private async mark(
    tx: Tx,
    of: DeliveriesOf,
    status: 'SENT' | 'UNCONFIRMED' | 'WAITING',
    now: Date,
  ): Promise<ReadonlyMap<string, number>> {
    const rows = await tx.rows<{ submissionId: string }>(
      `update deliveries set status = $4, updated_at = $5,
              charge = case when $4 = 'SENT' and charge = 'RESERVED' then 'CHARGED' else charge end
        where tenant_id = $1 and submission_id = any($2) and ($3::text[] is null or phone_number = any($3)) and status = any($6)
       returning submission_id as "submissionId"`,
      [of.tenantId, of.submissionIds, of.phoneNumbers ?? null, status, now, statusesBefore(status)],
    );
    return new Map([...Map.groupBy(rows, row => row.submissionId)].map(([id, marked]) => [id, marked.length]));
  }
}
