import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../kernel/index.js';
import type { Charge } from './charge.js';
import type { DeliveryRow } from './delivery.entity.js';
import { type DeliveryStatus, statusesBefore } from './delivery-status.js';

export type Delivery = DeliveryRow;

export interface NewDelivery {
  readonly id: string;
  readonly submissionId: string;
  readonly phoneNumber: string;
  readonly territory: string;
  readonly status: DeliveryStatus;
  readonly cost: string;
  readonly charge: Charge;
}

/** Which deliveries of a submission; all of them where no numbers are named. */
export interface DeliveriesOf {
  readonly tenantId: TenantId;
  readonly submissionId: string;
  readonly phoneNumbers?: readonly string[];
}

export interface DeliveryEnd {
  readonly status: 'REFUSED' | 'OPTED_OUT' | 'CANCELLED';
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly now: Date;
}

const COLUMNS = `tenant_id as "tenantId", id, message_id as "messageId", submission_id as "submissionId", phone_number as "phoneNumber",
  territory, status, cost, charge, error_code as "errorCode", error_message as "errorMessage", updated_at as "updatedAt"`;

@Injectable()
export class DeliveryStore {
  async insert(
    tx: Tx,
    tenantId: TenantId,
    { messageId, now }: { readonly messageId: string; readonly now: Date },
    deliveries: readonly NewDelivery[],
  ): Promise<void> {
    await tx.rows(
      `insert into deliveries (tenant_id, message_id, updated_at, id, submission_id, phone_number, territory, status, cost, charge)
       select $1, $2, $3, d.* from unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::numeric[], $10::text[]) as d`,
      [
        tenantId,
        messageId,
        now,
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

  async waitingNumbers(tx: Tx, tenantId: TenantId, submissionId: string): Promise<string[]> {
    const rows = await tx.rows<{ phoneNumber: string }>(
      `select phone_number as "phoneNumber" from deliveries where tenant_id = $1 and submission_id = $2 and status = 'WAITING' order by id`,
      [tenantId, submissionId],
    );
    return rows.map(row => row.phoneNumber);
  }

  /**
   * Ends what did not go, and says how many there were and how much of their reservation is due back. The WHERE on the
   * status makes it happen once.
   */
  async end(tx: Tx, of: DeliveriesOf, end: DeliveryEnd): Promise<{ count: number; due: string }> {
    const ended = await tx.first<{ count: number; due: string }>(
      `with ended as (
         update deliveries set status = $4, error_code = $5, error_message = $6, updated_at = $7,
                charge = case charge when 'RESERVED' then 'RETURNED' else charge end
          where tenant_id = $1 and submission_id = $2 and status = any($8) and ($3::text[] is null or phone_number = any($3))
         returning cost, charge)
       select count(*)::integer as count, coalesce(sum(cost) filter (where charge = 'RETURNED'), 0)::numeric(14,4)::text as due from ended`,
      [
        of.tenantId,
        of.submissionId,
        of.phoneNumbers ?? null,
        end.status,
        end.errorCode,
        end.errorMessage,
        end.now,
        statusesBefore(end.status),
      ],
    );
    return ended ?? { count: 0, due: '0.0000' };
  }

  /** The provider took them: their price is charged for good. */
  markSent(tx: Tx, of: DeliveriesOf, now: Date): Promise<number> {
    return tx.count(
      `update deliveries set status = 'SENT', updated_at = $4, charge = case charge when 'RESERVED' then 'CHARGED' else charge end
        where tenant_id = $1 and submission_id = $2 and ($3::text[] is null or phone_number = any($3)) and status = any($5)`,
      [of.tenantId, of.submissionId, of.phoneNumbers ?? null, now, statusesBefore('SENT')],
    );
  }

  markUnconfirmed(tx: Tx, of: DeliveriesOf, now: Date): Promise<number> {
    return tx.count(
      `update deliveries set status = 'UNCONFIRMED', updated_at = $3 where tenant_id = $1 and submission_id = $2 and status = any($4)`,
      [of.tenantId, of.submissionId, now, statusesBefore('UNCONFIRMED')],
    );
  }

  /** Out of doubt: it provably did not go. */
  markWaiting(tx: Tx, of: DeliveriesOf, now: Date): Promise<number> {
    return tx.count(
      `update deliveries set status = 'WAITING', updated_at = $3 where tenant_id = $1 and submission_id = $2 and status = any($4)`,
      [of.tenantId, of.submissionId, now, statusesBefore('WAITING')],
    );
  }

  /** Among the submissions of an attempt, the one to this number. */
  findByNumber(
    tx: Tx,
    tenantId: TenantId,
    submissionIds: readonly string[],
    phoneNumber: string,
  ): Promise<Delivery | null> {
    return tx.first(
      `select ${COLUMNS} from deliveries where tenant_id = $1 and submission_id = any($2) and phone_number = $3`,
      [tenantId, submissionIds, phoneNumber],
    );
  }

  /** Only forward: false where the delivery is already there or beyond. */
  async report(
    tx: Tx,
    delivery: Pick<Delivery, 'tenantId' | 'id'>,
    report: {
      readonly status: DeliveryStatus;
      readonly errorCode: string | null;
      readonly errorMessage: string | null;
      readonly now: Date;
    },
  ): Promise<boolean> {
    const moved = await tx.count(
      `update deliveries set status = $3, error_code = $4, error_message = $5, updated_at = $6
        where tenant_id = $1 and id = $2 and status = any($7)`,
      [
        delivery.tenantId,
        delivery.id,
        report.status,
        report.errorCode,
        report.errorMessage,
        report.now,
        statusesBefore(report.status),
      ],
    );
    return moved === 1;
  }

  /** In the order they were given; the newest first is meaningless within a message. */
  page(
    tx: Tx,
    tenantId: TenantId,
    of: { readonly messageId: string; readonly status: DeliveryStatus | null },
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<Delivery[]> {
    return tx.rows(
      `select ${COLUMNS} from deliveries where tenant_id = $1 and message_id = $2 and ($3::text is null or status = $3)
          and ($4::uuid is null or id > $4) order by id limit $5`,
      [tenantId, of.messageId, of.status, page.after, page.limit],
    );
  }

  async count(
    tx: Tx,
    tenantId: TenantId,
    of: { readonly messageId: string; readonly status: DeliveryStatus | null },
  ): Promise<number> {
    const row = await tx.first<{ count: number }>(
      `select count(*)::integer as count from deliveries where tenant_id = $1 and message_id = $2 and ($3::text is null or status = $3)`,
      [tenantId, of.messageId, of.status],
    );
    return row?.count ?? 0;
  }
}
