import { Injectable } from '@nestjs/common';
import { Ids, type TenantId, type Tx } from '../../kernel/index.js';
import { FindMessage, type MessageAsItStands } from '../../messaging/index.js';
import { type EventCall, WebhookDeliveryStore } from '../outgoing/webhook-delivery.store.js';
import { bodyOf, messageData } from './event-body.js';
import type { MessageEventType, WebhookEventType } from './event-types.js';
import { type Subscription, WebhookStore } from './webhook.store.js';

/** `data` null: of a message, as it stands when the transaction is committed. */
export type NewTenantEvent = { readonly tenantId: TenantId; readonly at: Date } & (
  | { readonly type: MessageEventType; readonly messageId: string; readonly data: null }
  | { readonly type: WebhookEventType; readonly messageId: string | null; readonly data: object }
);

/** With its id, the same for all webhooks, attempts and replays, so that a receiver knows it again. */
export type TenantEvent = NewTenantEvent & { readonly id: string };

/** Writes down the calls that tell webhooks of events. A tenant without webhooks costs one look at an index. */
@Injectable()
export class WriteEvents {
  /** Who listens, where it was asked ahead. */
  private readonly ahead = new WeakMap<Tx, { readonly tenantId: TenantId; readonly asked: Promise<Subscription[]> }>();

  constructor(
    private readonly webhooks: WebhookStore,
    private readonly deliveries: WebhookDeliveryStore,
    private readonly messages: FindMessage,
    private readonly ids: Ids,
  ) {}

  /** Asks who listens before there is anything to tell: it costs no wait of its own then. */
  lookAhead(tx: Tx, tenantId: TenantId): void {
    const asked = this.webhooks.enabled(tx, tenantId);
    // Where it fails, so does all that is asked after it.
    asked.catch(() => undefined);
    this.ahead.set(tx, { tenantId, asked });
  }

  /** False where nobody is told. */
  async execute(tx: Tx, events: readonly TenantEvent[]): Promise<boolean> {
    let written = 0;
    for (const [tenantId, own] of Map.groupBy(events, event => event.tenantId)) {
      written += await this.ofTenant(tx, tenantId, own);
    }
    return written > 0;
  }

  private async ofTenant(tx: Tx, tenantId: TenantId, events: readonly TenantEvent[]): Promise<number> {
    const types = [...new Set(events.map(({ type }) => type))];
    const subscribed = await this.subscribed(tx, tenantId, types);
    if (subscribed.length === 0) return 0;
    const wanted = once(events).filter(({ type }) => subscribed.some(webhook => webhook.events.includes(type)));
    const standing = wanted.flatMap(({ data, messageId }) => (data === null ? [messageId] : []));
    const messages = await this.messages.asTheyStand(tx, tenantId, [...new Set(standing)]);
    const calls = wanted.flatMap(event => this.callsFor(event, messages, subscribed));
    if (calls.length > 0) await this.deliveries.insertForWebhooks(tx, tenantId, calls);
    return calls.length;
  }

  private async subscribed(
    tx: Tx,
    tenantId: TenantId,
    types: readonly WebhookEventType[],
  ): Promise<readonly Subscription[]> {
    const ahead = this.ahead.get(tx);
    if (ahead?.tenantId !== tenantId) return this.webhooks.subscribed(tx, tenantId, types);
    return (await ahead.asked).filter(({ events }) => types.some(type => events.includes(type)));
  }

  private callsFor(
    event: TenantEvent,
    messages: ReadonlyMap<string, MessageAsItStands>,
    subscribed: readonly Subscription[],
  ): EventCall[] {
    const { id: eventId, type, at, messageId } = event;
    const data = dataOf(event, messages);
    // Its message was purged in the same breath: there is nothing left to tell of.
    if (data === null) return [];
    const webhookIds = subscribed.filter(({ events }) => events.includes(type)).map(({ id }) => id);
    const to = webhookIds.map(webhookId => ({ webhookId, id: this.ids.uuid() }));
    return [{ eventId, type, payload: bodyOf(type, at, data), messageId, to, at }];
  }
}

function dataOf(event: TenantEvent, messages: ReadonlyMap<string, MessageAsItStands>): object | null {
  if (event.data !== null) return event.data;
  const message = messages.get(event.messageId);
  return message === undefined ? null : messageData(event.type, message);
}

/** Two parts of a message that were held in one transaction make one event: it tells of both. */
function once(events: readonly TenantEvent[]): TenantEvent[] {
  const seen = new Set<string>();
  return events.filter(({ type, messageId, data }) => {
    if (data !== null) return true;
    const key = `${type} ${messageId}`;
    const first = !seen.has(key);
    seen.add(key);
    return first;
  });
}
