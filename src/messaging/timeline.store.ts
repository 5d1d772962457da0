import { Injectable } from '@nestjs/common';
import { Clock, Ids, Metrics, type TenantId, type Tx } from '../kernel/index.js';

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
  | 'called-back'
  | 'absent'
  | 'denied'
  | 'given-up'
  | 'silent'
  | 'rescheduled';

export interface NewTimelineEvent {
  readonly messageId: string;
  readonly kind: TimelineKind;
  readonly detail: string;
}

@Injectable()
export class TimelineStore {
  constructor(
    private readonly ids: Ids,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  add(
    tx: Tx,
    tenantId: TenantId,
    messageId: string,
    event: { readonly kind: TimelineKind; readonly detail: string },
  ): Promise<void> {
    return this.addAll(tx, tenantId, [{ ...event, messageId }]);
  }

  /** `detail` is for people and never carries a text or a phone number. */
  async addAll(tx: Tx, tenantId: TenantId, events: readonly NewTimelineEvent[]): Promise<void> {
    if (events.length === 0) return;
    tx.afterCommit(() => this.count(events));
    await tx.prepared(
      `insert into timeline_events (tenant_id, at, message_id, id, kind, detail)
       select $1, $2, e.* from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[]) as e`,
      [
        tenantId,
        this.clock.now(),
        events.map(event => event.messageId),
        events.map(() => this.ids.uuid()),
        events.map(event => event.kind),
        events.map(event => event.detail),
      ],
    );
  }

  /** Oldest first. Receipts come from the receipts themselves, together per minute and status, so that a large message stays readable. */
  ofMessages(
    tx: Tx,
    tenantId: TenantId,
    messageIds: readonly string[],
  ): Promise<(TimelineEvent & { readonly messageId: string })[]> {
    return tx.rows(
      `select message_id as "messageId", at, kind, detail from (
         select message_id, at, kind, detail, id::text as place from timeline_events
          where tenant_id = $1 and message_id = any($2)
         union all
         select message_id, max(received_at), 'receipt', count(*) || ' ' || lower(status), 'z'
           from receipts where tenant_id = $1 and message_id = any($2) and state = 'APPLIED'
          group by message_id, date_trunc('minute', received_at), status) events
        order by at, place`,
      [tenantId, messageIds],
    );
  }

  private count(events: readonly NewTimelineEvent[]): void {
    for (const { kind } of events) {
      if (kind === 'accepted' || kind === 'held' || kind === 'released') this.metrics[kind].inc();
    }
  }
}
