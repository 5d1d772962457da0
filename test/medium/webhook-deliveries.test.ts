import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accepted } from '../support/messages.js';
import { answer, Receiver } from '../support/receiver.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';
import { change, createWebhook, isSigned, webhookDeliveriesOf, type WebhookDeliveryView } from '../support/webhooks.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const NOBODY = '0198a1b2-0000-7000-8000-00000000ffff';

let app: TestApp;
let tenant: TestTenant;
let receiver: Receiver;
beforeEach(async () => {
  app = await appAt(TUESDAY, { env: { WEBHOOK_ALLOW: '127.0.0.0/8' } });
  tenant = await app.tenant();
  receiver = await Receiver.start();
});
afterEach(async () => {
  await receiver.close();
  await app.close();
});

/** A message whose acceptance the webhook is told of. */
const happen = async (): Promise<void> => {
  await accepted(tenant.gql);
};

const replay = (id = ''): Promise<WebhookDeliveryView> => change(tenant.gql, 'replayWebhookDelivery', id);

const lastAudited = (): Promise<Record<string, unknown>[]> =>
  app.sql(
    `select action, detail, actor_key_id is not null as by from audit_entries
      where tenant_id = $1 and action like 'webhook%' order by id desc limit 1`,
    [tenant.id],
  );

describe('replayWebhookDelivery', () => {
  test('tells again what was delivered: a new delivery of the same event', async () => {
    const { secret } = await createWebhook(tenant.gql, receiver.url(), ['message.accepted']);
    await happen();
    await app.tick();
    app.clock.advance({ hours: 1 });
    const [first] = await webhookDeliveriesOf(tenant.gql);
    const again = await replay(first?.id);
    expect(again).toMatchObject({
      status: 'PENDING',
      attempts: 0,
      eventId: first?.eventId,
      eventType: 'message.accepted',
    });
    expect(again.id).not.toBe(first?.id);
    await app.tick();
    const [before, after] = receiver.received;
    if (before === undefined || after === undefined) throw new Error('it was not called twice');
    expect(after.body).toBe(before.body);
    expect(after.headers['webhook-id']).toBe(before.headers['webhook-id']);
    expect(isSigned(after, secret)).toBe(true);
    expect((await webhookDeliveriesOf(tenant.gql)).map(({ id, status }) => [id, status])).toEqual([
      [again.id, 'DELIVERED'],
      [first?.id, 'DELIVERED'],
    ]);
    const detail = { webhookDeliveryId: first?.id, replayId: again.id };
    expect(await lastAudited()).toEqual([{ action: 'webhook-delivery.replayed', detail, by: true }]);
  });

  test('of what still waits calls now and makes no second one', async () => {
    receiver.answering = answer(500);
    await createWebhook(tenant.gql, receiver.url(), ['message.accepted']);
    await happen();
    await app.tick();
    const [waiting] = await webhookDeliveriesOf(tenant.gql);
    receiver.answering = answer(200);
    expect(await replay(waiting?.id)).toMatchObject({ id: waiting?.id, nextAttemptAt: TUESDAY, attempts: 1 });
    await app.tick();
    expect(receiver.received).toHaveLength(2);
    expect(await webhookDeliveriesOf(tenant.gql)).toMatchObject([{ status: 'DELIVERED', attempts: 2 }]);
  });

  test("works for a message's own address too", async () => {
    await accepted(tenant.gql, { receiptUrl: receiver.url('/dlr?key=1') });
    await app.tick();
    app.clock.advance({ seconds: 2 });
    await app.tick();
    const [told] = await webhookDeliveriesOf(tenant.gql);
    expect(told).toMatchObject({ webhookId: null, eventId: null, eventType: 'receipt', status: 'DELIVERED' });
    await replay(told?.id);
    await app.tick();
    expect(receiver.received.map(({ path }) => path)).toEqual(['/dlr?key=1', '/dlr?key=1']);
    expect(receiver.bodies[1]).toEqual(receiver.bodies[0]);
  });

  test('is refused where the webhook is switched off, and why', async () => {
    receiver.answering = answer(410);
    await createWebhook(tenant.gql, receiver.url(), ['message.accepted']);
    await happen();
    await app.tick();
    const [gone] = await webhookDeliveriesOf(tenant.gql);
    await expect(replay(gone?.id)).rejects.toThrow('switched off: call enableWebhook first');
  });
});

describe('webhookDeliveries', () => {
  test('are listed newest first, by webhook, with cursors that stay', async () => {
    const { webhook } = await createWebhook(tenant.gql, receiver.url('/a'), ['message.accepted']);
    await createWebhook(tenant.gql, receiver.url('/b'), ['message.accepted']);
    for (let count = 0; count < 3; count += 1) await happen();
    const page = async (after: string | null) => {
      const document = `query ($id: ID, $after: String) { webhookDeliveries(webhookId: $id, first: 2, after: $after) {
        nodes { id webhookId } pageInfo { hasNextPage endCursor } } }`;
      const answered = await tenant.gql.run<{
        webhookDeliveries: {
          nodes: { id: string; webhookId: string }[];
          pageInfo: { hasNextPage: boolean; endCursor: string };
        };
      }>(document, { id: webhook.id, after });
      return answered.webhookDeliveries;
    };
    const first = await page(null);
    await happen();
    const second = await page(first.pageInfo.endCursor);
    const ids = [...first.nodes, ...second.nodes].map(({ id }) => id);
    expect(ids).toHaveLength(3);
    expect(ids).toEqual(ids.toSorted().toReversed());
    expect([...first.nodes, ...second.nodes].every(({ webhookId }) => webhookId === webhook.id)).toBe(true);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
    expect(await webhookDeliveriesOf(tenant.gql)).toHaveLength(8);
    // Two webhooks are told of one event under one id, so that a receiver behind both knows it again.
    expect(new Set((await webhookDeliveriesOf(tenant.gql)).map(({ eventId }) => eventId)).size).toBe(4);
    await expect(webhookDeliveriesOf(tenant.gql, NOBODY)).rejects.toThrow('NOT_FOUND');
  });
});
