import { Injectable } from '@nestjs/common';
import { Clock, Ids, type TenantId, type Tx } from '../kernel/index.js';

export interface TimelineEvent {
  readonly at: Date;
  readonly kind: string;
  readonly detail: string;
}

export type TimelineKind =
  | 'accepted'
  | 'scheduled'
  | 'held'
  | 'released'
  | 'attempt'
  | 'sent'
  | 'refused'
  | 'not-sent'
  | 'blocked'
  | 'unconfirmed'
  | 'confirmed'
  | 'abandoned'
  | 'opted-out'
  | 'expired'
  | 'cancelled'
  | 'rescheduled';

@Injectable()
export class TimelineStore {
  constructor(
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** `detail` is for people and never carries a text or a phone number. */
  async add(
    tx: Tx,
    tenantId: TenantId,
    messageId: string,
    event: { readonly kind: TimelineKind; readonly detail: string },
  ): Promise<void> {
    await tx.rows(
      'insert into timeline_events (tenant_id, message_id, id, at, kind, detail) values ($1, $2, $3, $4, $5, $6)',
      [tenantId, messageId, this.ids.uuid(), this.clock.now(), event.kind, event.detail],
    );
  }

  /** Oldest first. Receipts come from the receipts themselves, together per minute and status, so that a large message stays readable. */
  list(tx: Tx, tenantId: TenantId, messageId: string): Promise<TimelineEvent[]> {
    return tx.rows(
      `select at, kind, detail from (
         select at, kind, detail, id::text as place from timeline_events where tenant_id = $1 and message_id = $2
         union all
         select max(received_at), 'receipt', count(*) || ' ' || lower(status), 'z'
           from receipts where tenant_id = $1 and message_id = $2 and state = 'APPLIED'
          group by date_trunc('minute', received_at), status) events
        order by at, place`,
      [tenantId, messageId],
    );
  }
}
