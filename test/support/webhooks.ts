import { Webhook as Verifier } from 'standardwebhooks';
import { vi } from 'vitest';
import type { GraphqlClient } from './graphql-client.js';
import type { Received } from './receiver.js';

export const EVERY_EVENT = [
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

export interface WebhookView {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly enabled: boolean;
  readonly switchedOffBecause: string | null;
  readonly previousSecretUntil: string | null;
}

export interface CreatedWebhookView {
  readonly webhook: WebhookView;
  readonly secret: string;
}

const WEBHOOK = 'id url events enabled switchedOffBecause previousSecretUntil createdAt';

export async function createWebhook(
  gql: GraphqlClient,
  url: string,
  events: readonly string[] = EVERY_EVENT,
): Promise<CreatedWebhookView> {
  const document = `mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { secret webhook { ${WEBHOOK} } } }`;
  return (await gql.run<{ createWebhook: CreatedWebhookView }>(document, { input: { url, events } })).createWebhook;
}

export const webhooksOf = async (gql: GraphqlClient): Promise<readonly WebhookView[]> =>
  (await gql.run<{ webhooks: WebhookView[] }>(`{ webhooks { ${WEBHOOK} } }`)).webhooks;

export interface WebhookDeliveryView {
  readonly id: string;
  readonly webhookId: string | null;
  readonly eventId: string | null;
  readonly eventType: string;
  readonly status: string;
  readonly attempts: number;
  readonly lastStatusCode: number | null;
  readonly lastError: string | null;
  readonly nextAttemptAt: string | null;
}

const DELIVERY = 'id webhookId eventId eventType url status attempts lastStatusCode lastError nextAttemptAt createdAt';

/** Newest first. */
export async function webhookDeliveriesOf(
  gql: GraphqlClient,
  webhookId?: string,
): Promise<readonly WebhookDeliveryView[]> {
  const document = `query ($id: ID) { webhookDeliveries(webhookId: $id, first: 500) { nodes { ${DELIVERY} } } }`;
  const answer = await gql.run<{ webhookDeliveries: { nodes: WebhookDeliveryView[] } }>(document, {
    id: webhookId ?? null,
  });
  return answer.webhookDeliveries.nodes;
}

/** A mutation that takes an id alone; its answer where it has fields. */
export async function change<T>(gql: GraphqlClient, name: string, id: string): Promise<T> {
  const selections: Readonly<Record<string, string>> = {
    rotateWebhookSecret: `{ secret webhook { ${WEBHOOK} } }`,
    enableWebhook: `{ ${WEBHOOK} }`,
    replayWebhookDelivery: `{ ${DELIVERY} }`,
  };
  const document = `mutation ($id: ID!) { change: ${name}(id: $id) ${selections[name] ?? ''} }`;
  return (await gql.run<{ change: T }>(document, { id })).change;
}

/** Whether a receiver that has this secret takes the call for ours, by the library that it would use, at the time of the call. */
export function isSigned({ body, headers }: Received, secret: string): boolean {
  // It takes only signatures of the present hour, and the test's clock is another one.
  vi.useFakeTimers({ toFake: ['Date'], now: Number(headers['webhook-timestamp']) * 1_000 });
  try {
    new Verifier(secret).verify(body, {
      'webhook-id': String(headers['webhook-id']),
      'webhook-timestamp': String(headers['webhook-timestamp']),
      'webhook-signature': String(headers['webhook-signature']),
    });
    return true;
  } catch {
    return false;
  } finally {
    vi.useRealTimers();
  }
}

export interface EventView {
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a call tells. */
export function eventIn({ body }: Received): EventView {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the test says what it expects
  return JSON.parse(body) as EventView;
}
