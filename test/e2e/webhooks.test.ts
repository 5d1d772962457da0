import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accepted, look } from '../support/messages.js';
import { answer, Receiver } from '../support/receiver.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';
import {
  change,
  createWebhook,
  type CreatedWebhookView,
  eventIn,
  isSigned,
  webhookDeliveriesOf,
} from '../support/webhooks.js';

/** A Tuesday, 17:30 in Paris: what is sent now arrives, what is sent after eight waits for the morning. */
const AFTERNOON = '2026-01-13T16:30:00.000Z';
const EVENING = '2026-01-13T20:00:00.000Z';
const MORNING = '2026-01-14T07:00:00.000Z';

let app: TestApp;
beforeEach(async () => {
  app = await appAt(AFTERNOON, { env: { WEBHOOK_ALLOW: '127.0.0.0/8' } });
});
afterEach(() => app.close());

/** Calls made, receipts come and applied. */
async function settle(): Promise<void> {
  await app.tick();
  app.clock.advance({ seconds: 2 });
  await app.tick();
}

/** What a receiver was told, in the order of the events, and each event once: it knows them again by their id. */
function toldTo(receiver: Receiver): string[] {
  const byId = new Map(receiver.received.map(call => [String(call.headers['webhook-id']), eventIn(call)]));
  return [...byId].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, { type }]) => type);
}

describe('a receiver that is down for hours', () => {
  test('gets every event once it is back, each signed, whichever secret it has by then', async () => {
    const shop = await app.tenant({ name: 'Shop' });
    let receiver = await Receiver.start();
    const { port } = receiver;
    const { webhook, secret: old } = await createWebhook(shop.gql, receiver.url('/hooks'));
    await receiver.close();

    await accepted(shop.gql, { to: ['+33612345678', '+33612345679'], tag: 'afternoon' });
    await settle();
    app.clock.set(EVENING);
    const held = await accepted(shop.gql, { tag: 'evening' });
    expect(held).toMatchObject({ status: 'HELD', releaseAt: MORNING });
    const { secret } = await change<CreatedWebhookView>(shop.gql, 'rotateWebhookSecret', webhook.id);
    for (const hour of ['2026-01-13T21:00:00Z', '2026-01-13T23:30:00Z', '2026-01-14T03:00:00Z']) {
      app.clock.set(hour);
      await app.tick();
    }
    app.clock.set(MORNING);
    await settle();
    expect(await look(shop.gql, held.id)).toMatchObject({ status: 'COMPLETED' });
    const waiting = await webhookDeliveriesOf(shop.gql, webhook.id);
    expect(waiting).toHaveLength(11);
    expect(new Set(waiting.map(({ status, lastError }) => `${status} ${lastError}`))).toEqual(
      new Set(['PENDING no answer (ECONNREFUSED)']),
    );

    receiver = await Receiver.start('127.0.0.1', port);
    app.clock.advance({ hours: 11 });
    await app.tick();
    expect(toldTo(receiver)).toEqual([
      'message.accepted',
      'message.sent',
      'delivery.updated',
      'delivery.updated',
      'message.completed',
      'message.accepted',
      'message.held',
      'message.released',
      'message.sent',
      'delivery.updated',
      'message.completed',
    ]);
    expect(receiver.received).toHaveLength(11);
    // Fifteen hours after the rotation both secrets still hold, each time for that very body.
    for (const call of receiver.received) expect([isSigned(call, old), isSigned(call, secret)]).toEqual([true, true]);
    expect((await webhookDeliveriesOf(shop.gql, webhook.id)).every(({ status }) => status === 'DELIVERED')).toBe(true);
    app.clock.advance({ days: 30 });
    await app.tick();
    expect(receiver.received).toHaveLength(11);
    await receiver.close();
  });

  test('is told its events as they were then, whatever became of them since', async () => {
    const shop = await app.tenant();
    const receiver = await Receiver.start();
    receiver.answering = answer(503);
    await createWebhook(shop.gql, receiver.url(), ['message.accepted']);
    await accepted(shop.gql);
    await settle();
    receiver.answering = answer(200);
    app.clock.advance({ hours: 1 });
    await app.tick();
    const last = receiver.received.at(-1);
    expect(last === undefined ? null : eventIn(last)).toMatchObject({
      timestamp: AFTERNOON,
      data: { status: 'QUEUED' },
    });
    await receiver.close();
  });
});

describe("another tenant's dead endpoint", () => {
  test('delays nobody: who listens elsewhere has all of his events while it hangs', async () => {
    const dead = await Receiver.start();
    const hanging: ServerResponse[] = [];
    dead.answering = response => void hanging.push(response);
    const receiver = await Receiver.start();
    const noisy: TestTenant[] = [];
    for (let count = 0; count < 3; count += 1) {
      const one = await app.tenant();
      noisy.push(one);
      await createWebhook(one.gql, dead.url());
      for (let message = 0; message < 12; message += 1) await accepted(one.gql, { receiptUrl: dead.url('/own') });
    }
    const quiet = await app.tenant();
    const { secret } = await createWebhook(quiet.gql, receiver.url());
    for (let message = 0; message < 12; message += 1) await accepted(quiet.gql);

    const ticking = app.tick();
    await dead.has(24);
    // Accepted and sent; the dead ones came first and hold their places all the while.
    await receiver.has(24);
    expect(toldTo(receiver).toSorted()).toEqual([
      ...Array<string>(12).fill('message.accepted'),
      ...Array<string>(12).fill('message.sent'),
    ]);
    expect(receiver.received.every(call => isSigned(call, secret))).toBe(true);
    expect(hanging).toHaveLength(24);
    dead.answering = answer(200);
    for (const response of hanging) response.writeHead(200).end();
    await ticking;
    for (const { gql } of noisy)
      expect((await webhookDeliveriesOf(gql)).every(({ status }) => status === 'DELIVERED')).toBe(true);
    await dead.close();
    await receiver.close();
  });
});
