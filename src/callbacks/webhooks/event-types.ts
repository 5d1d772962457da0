/** What a webhook may be told of. */
export const WEBHOOK_EVENT_TYPES = [
  'message.accepted',
  'message.held',
  'message.released',
  'message.sent',
  'message.completed',
  'message.unconfirmed',
  'delivery.updated',
  'reply.received',
  'optout.created',
] as const;
export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number];

export type MessageEventType = Extract<WebhookEventType, `message.${string}`>;

export const isEventType = (name: string): name is WebhookEventType => WEBHOOK_EVENT_TYPES.some(type => type === name);
