import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CallTenants } from '../../src/callbacks/outgoing/call-tenants.js';
import { GuardedSender } from '../../src/callbacks/outgoing/guarded-sender.js';
import { PostCall } from '../../src/callbacks/outgoing/post-call.js';
import { WebhookDeliveryStore } from '../../src/callbacks/outgoing/webhook-delivery.store.js';
import { SwitchWebhook } from '../../src/callbacks/webhooks/switch-webhook.js';
import { WebhookSecrets } from '../../src/callbacks/webhooks/webhook-secrets.js';
import { WebhookStore } from '../../src/callbacks/webhooks/webhook.store.js';
import { AppConfig, Ids, Metrics, Transactions } from '../../src/kernel/index.js';
import { accepted } from '../support/messages.js';
import { answer, HOOKS_TLS, Receiver } from '../support/receiver.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';
import { createWebhook, isSigned, webhookDeliveriesOf } from '../support/webhooks.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';

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

/** Keeps every request waiting until told. */
class Gate {
  private readonly held: ServerResponse[] = [];

  constructor(private readonly at: Receiver) {
    at.answering = response => void this.held.push(response);
  }

  letOneGo(): void {
    this.held.shift()?.writeHead(200).end();
  }

  open(): void {
    this.at.answering = answer(200);
    for (const response of this.held.splice(0)) response.writeHead(200).end();
  }
}

/** That many acceptances, told to the webhooks there are. */
async function happen(count: number, of = tenant): Promise<void> {
  for (let done = 0; done < count; done += 1) await accepted(of.gql);
}

const ACCEPTED = ['message.accepted'];

describe("a tenant's dead receiver", () => {
  test("delays none of its other webhooks, nor its messages' own addresses", async () => {
    const dead = await Receiver.start();
    const gate = new Gate(dead);
    await createWebhook(tenant.gql, dead.url(), ACCEPTED);
    await happen(12);
    await createWebhook(tenant.gql, receiver.url('/hooks'), ACCEPTED);
    await happen(12);
    await app.sql(
      `insert into webhook_deliveries (tenant_id, id, event_type, url, payload, lane, state, attempts, due_at, created_at)
       select $1, gen_random_uuid(), 'receipt', $2, '{}', 'own/1', 'PENDING', 0, $3, $3 from generate_series(1, 12)`,
      [tenant.id, receiver.url('/dlr'), TUESDAY],
    );
    const ticking = app.tick();
    await receiver.has(24);
    await dead.has(8);
    expect(dead.received).toHaveLength(8);
    gate.open();
    await ticking;
    expect(dead.received).toHaveLength(24);
  });

  test('and a second one leave the next free place to a third receiver, however many of theirs wait', async () => {
    const dead = await Promise.all([Receiver.start(), Receiver.start()]);
    const gates = dead.map(at => new Gate(at));
    for (const at of dead) await createWebhook(tenant.gql, at.url(), ACCEPTED);
    await happen(12);
    const ticking = app.tick();
    await Promise.all(dead.map(at => at.has(8)));
    await createWebhook(tenant.gql, receiver.url(), ACCEPTED);
    await happen(3);
    gates[0]?.letOneGo();
    // Its three go through the one place, one after the other, before any of the others'.
    await receiver.has(3);
    expect(dead.map(at => at.received.length)).toEqual([8, 8]);
    for (const gate of gates) gate.open();
    await ticking;
    for (const at of dead) await at.close();
  });
});

const counted = async (): Promise<string[]> => {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  return text.split('\n').filter(line => line.startsWith('relais_webhook_calls_total'));
};

describe('a call to a webhook', () => {
  test('that was made and not recorded is made again under the same id, signed anew', async () => {
    const { secret } = await createWebhook(tenant.gql, receiver.url(), ACCEPTED);
    await happen(1);
    const [held] = await app.nest.get(CallTenants).claim(10);
    if (held === undefined) throw new Error('nothing was claimed');
    // Posted, and the process dies before it is written down.
    await app.nest.get(PostCall).execute(held);
    app.clock.advance({ seconds: 31 });
    await app.tick();
    const [first, second] = receiver.received;
    if (first === undefined || second === undefined) throw new Error('it was not called twice');
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(second.body).toBe(first.body);
    expect(Number(second.headers['webhook-timestamp']) - Number(first.headers['webhook-timestamp'])).toBe(31);
    expect([first, second].map(call => isSigned(call, secret))).toEqual([true, true]);
    expect(await webhookDeliveriesOf(tenant.gql)).toMatchObject([{ status: 'DELIVERED', attempts: 1 }]);
  });

  test('does not leave by http, even where the address was written down by other rules', async () => {
    await createWebhook(tenant.gql, receiver.url(), ACCEPTED);
    await app.sql(`update webhooks set url = 'http://93.184.216.34/'`);
    await happen(1);
    await app.tick();
    expect(await webhookDeliveriesOf(tenant.gql)).toMatchObject([
      { status: 'PENDING', attempts: 1, lastError: 'its port, or http in place of https, is not permitted' },
    ]);
  });

  test('whose name leads inside meanwhile does not leave, says so, and goes once its DNS is mended', async () => {
    const hooks = await Receiver.startTls();
    const { secret } = await createWebhook(tenant.gql, hooks.url('/in', 'hooks.example.test'), ACCEPTED);
    await happen(1);
    const dns = ['10.0.0.1', '169.254.169.254', '127.0.0.1'];
    const sender = new GuardedSender(app.nest.get(AppConfig), {
      resolve: () => Promise.resolve([{ address: dns.shift() ?? '', family: 4 }]),
      ca: HOOKS_TLS.cert,
    });
    const calls = callsThrough(sender);
    const kept = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const [held] = await calls.claim(10);
      if (held === undefined) throw new Error('nothing was claimed');
      await calls.call(held);
      kept.push(...(await webhookDeliveriesOf(tenant.gql)));
      app.clock.advance({ minutes: 6 });
    }
    const lastError = 'it leads to a private, local or reserved address';
    expect(kept).toMatchObject([
      { status: 'PENDING', attempts: 1, lastStatusCode: null, lastError },
      { status: 'PENDING', attempts: 2, lastStatusCode: null, lastError },
      { status: 'DELIVERED', attempts: 3, lastStatusCode: 200, lastError: null },
    ]);
    expect(hooks.received.map(call => [call.path, call.servername, isSigned(call, secret)])).toEqual([
      ['/in', 'hooks.example.test', true],
    ]);
    await sender.onApplicationShutdown();
    await hooks.close();
  });

  test('is counted by its end', async () => {
    await createWebhook(tenant.gql, receiver.url(), ACCEPTED);
    for (const status of [200, 500, 410]) {
      receiver.answering = answer(status);
      await happen(1);
      await app.tick();
    }
    expect((await counted()).toSorted()).toEqual([
      'relais_webhook_calls_total{end="delivered"} 1',
      'relais_webhook_calls_total{end="failed"} 1',
      'relais_webhook_calls_total{end="retried"} 1',
    ]);
  });
});

/** As the application makes them, through a sender of the test's. */
function callsThrough(sender: GuardedSender): CallTenants {
  const { nest, clock } = app;
  return new CallTenants(
    nest.get(Transactions),
    nest.get(WebhookDeliveryStore),
    nest.get(WebhookStore),
    new PostCall(sender, nest.get(WebhookSecrets), clock),
    nest.get(SwitchWebhook),
    nest.get(Metrics),
    nest.get(Ids),
    clock,
  );
}
