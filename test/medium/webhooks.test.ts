import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { everythingStored } from '../support/everything-stored.js';
import { accepted } from '../support/messages.js';
import { answer, Receiver } from '../support/receiver.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';
import {
  change,
  createWebhook,
  type CreatedWebhookView,
  EVERY_EVENT,
  eventIn,
  isSigned,
  webhookDeliveriesOf,
  webhooksOf,
  type WebhookView,
} from '../support/webhooks.js';

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

const refusalOf = async (input: { url: string; events: readonly string[] }, of = tenant): Promise<string> => {
  const document = 'mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { secret } }';
  const { errors } = await of.gql.ask(document, { input });
  expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  return errors[0]?.message ?? '';
};

const audited = (): Promise<{ action: string; detail: Record<string, unknown>; by: boolean }[]> =>
  app.sql(
    `select action, detail, actor_key_id is not null as by from audit_entries
      where tenant_id = $1 and action like 'webhook%' order by id`,
    [tenant.id],
  );

/** A message whose acceptance the webhook is told of. */
const happen = async (): Promise<void> => {
  await accepted(tenant.gql);
};

describe('a webhook', () => {
  test('is created with a secret that is told once, kept sealed, and listed without it', async () => {
    const { webhook, secret } = await createWebhook(tenant.gql, receiver.url('/hooks?key=1'), [
      'message.sent',
      'message.accepted',
      'message.sent',
    ]);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const events = ['message.accepted', 'message.sent'];
    expect(webhook).toMatchObject({ url: receiver.url('/hooks?key=1'), events, enabled: true });
    expect(await webhooksOf(tenant.gql)).toEqual([webhook]);
    const stored = await everythingStored(app);
    expect(stored).not.toContain(secret.slice(6));
    expect(stored).not.toContain(Buffer.from(secret).toString('hex'));
    const detail = { webhookId: webhook.id, host: new URL(receiver.url()).host, events };
    expect(await audited()).toEqual([{ action: 'webhook.created', detail, by: true }]);
  });

  test.each([
    ['no URL', 'must be an http or https URL such as'],
    ['ftp://hooks.example.com/', 'must be an http or https URL such as'],
    ['http://hooks.example.com/', 'must be an https URL'],
    ['https://user:secret@hooks.example.com/', 'without user name and password'],
    ['https://localhost/', 'private, local and reserved addresses are not called'],
    ['https://relais.internal/', 'private, local and reserved addresses are not called'],
    ['https://127.0.0.1/', 'private, local and reserved addresses are not called'],
    ['https://2130706433/', 'private, local and reserved addresses are not called'],
    ['https://0x7f.1/', 'private, local and reserved addresses are not called'],
    ['https://[::1]/', 'private, local and reserved addresses are not called'],
    ['https://[::ffff:10.0.0.1]/', 'private, local and reserved addresses are not called'],
    ['https://169.254.169.254/latest', 'private, local and reserved addresses are not called'],
    ['https://hooks.example.com:25/', 'port 80, 443 or one from 1024 up'],
  ])('at %s is refused, and why', async (url, why) => {
    await app.close();
    app = await appAt(TUESDAY);
    const of = await app.tenant();
    const refusal = await refusalOf({ url, events: ['message.sent'] }, of);
    expect(refusal).toContain(why);
    expect(refusal).toMatch(/^url /);
    expect(refusal).not.toContain('secret@');
    expect(await webhooksOf(of.gql)).toEqual([]);
  });

  test('for no event, or one that does not exist, is refused with those that do', async () => {
    for (const events of [[], ['*'], ['message.sent', 'message.Sent']]) {
      const refusal = await refusalOf({ url: receiver.url(), events });
      expect(refusal).toBe(`events must be some of these, spelled so: ${EVERY_EVENT.join(', ')}`);
    }
  });

  test('is one of twenty at most, also where several are asked for at once', async () => {
    for (let count = 0; count < 18; count += 1) await createWebhook(tenant.gql, receiver.url());
    const document = 'mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { secret } }';
    const input = { url: receiver.url(), events: ['message.sent'] };
    const answers = await Promise.all([1, 2, 3, 4].map(() => tenant.gql.ask(document, { input })));
    expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(2);
    expect(await webhooksOf(tenant.gql)).toHaveLength(20);
    expect(await refusalOf(input)).toContain('at most 20 webhooks; delete one first');
    await createWebhook((await app.tenant()).gql, receiver.url());
  });
});

describe('rotation', () => {
  test('keeps two secrets alive for a day, and then the new one alone', async () => {
    const { webhook, secret: old } = await createWebhook(tenant.gql, receiver.url(), ['message.accepted']);
    const { secret, webhook: rotated } = await change<CreatedWebhookView>(
      tenant.gql,
      'rotateWebhookSecret',
      webhook.id,
    );
    expect(secret).toMatch(/^whsec_/);
    expect(secret).not.toBe(old);
    expect(rotated).toMatchObject({ id: webhook.id, previousSecretUntil: '2026-01-14T10:00:00.000Z' });
    const signedBy = async (): Promise<boolean[]> => {
      await happen();
      await app.tick();
      const last = receiver.received.at(-1);
      return last === undefined ? [] : [isSigned(last, old), isSigned(last, secret)];
    };
    expect(await signedBy()).toEqual([true, true]);
    app.clock.advance({ hours: 23, minutes: 59 });
    expect(await signedBy()).toEqual([true, true]);
    app.clock.advance({ minutes: 1 });
    expect(await signedBy()).toEqual([false, true]);
    expect(receiver.received).toHaveLength(3);
    expect((await audited()).map(({ action }) => action)).toEqual(['webhook.created', 'webhook.secret-rotated']);
    expect(JSON.stringify(await audited())).not.toContain('whsec_');
  });

  test('twice in a day ends the first secret at once', async () => {
    const first = await createWebhook(tenant.gql, receiver.url(), ['message.accepted']);
    const rotate = (): Promise<CreatedWebhookView> => change(tenant.gql, 'rotateWebhookSecret', first.webhook.id);
    const secrets = [first.secret, (await rotate()).secret, (await rotate()).secret];
    await happen();
    await app.tick();
    const [call] = receiver.received;
    if (call === undefined) throw new Error('it was not called');
    expect(secrets.map(secret => isSigned(call, secret))).toEqual([false, true, true]);
  });

  test('is signed with what holds at the attempt, not at the event', async () => {
    receiver.answering = answer(500);
    const { webhook } = await createWebhook(tenant.gql, receiver.url(), ['message.accepted']);
    await happen();
    await app.tick();
    const { secret } = await change<CreatedWebhookView>(tenant.gql, 'rotateWebhookSecret', webhook.id);
    receiver.answering = answer(200);
    app.clock.advance({ hours: 25 });
    await app.tick();
    const [first, second] = receiver.received;
    if (first === undefined || second === undefined) throw new Error('it was not called twice');
    expect([isSigned(first, secret), isSigned(second, secret)]).toEqual([false, true]);
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(Number(second.headers['webhook-timestamp']) - Number(first.headers['webhook-timestamp'])).toBe(25 * 3_600);
  });

  test('is nothing that another master key survives: then nothing is called, and the delivery says why', async () => {
    const { webhook } = await createWebhook(tenant.gql, receiver.url(), ['message.accepted']);
    await app.sql(
      'update webhooks set sealed_secret = set_byte(sealed_secret, 30, 1 + get_byte(sealed_secret, 30) % 255)',
    );
    await happen();
    await app.tick();
    expect(receiver.received).toEqual([]);
    expect(await webhookDeliveriesOf(tenant.gql, webhook.id)).toMatchObject([
      { status: 'PENDING', attempts: 1, lastError: expect.stringContaining('secret cannot be opened') },
    ]);
  });
});

describe('a webhook that answers 410', () => {
  test('is switched off: what waits ends, nothing new comes, until it is switched on again', async () => {
    const { webhook } = await createWebhook(tenant.gql, receiver.url(), ['message.accepted']);
    receiver.answering = answer(500);
    await happen();
    await app.tick();
    receiver.answering = answer(410);
    await happen();
    await app.tick();
    expect(receiver.received).toHaveLength(2);
    const because = 'its receiver answered 410 (gone)';
    expect(await webhooksOf(tenant.gql)).toMatchObject([{ enabled: false, switchedOffBecause: because }]);
    expect(await webhookDeliveriesOf(tenant.gql)).toMatchObject([
      { status: 'FAILED', attempts: 1, lastStatusCode: 410, lastError: 'answered 410' },
      {
        status: 'FAILED',
        attempts: 1,
        lastStatusCode: 500,
        lastError: `the webhook was switched off: ${because}`,
        nextAttemptAt: null,
      },
    ]);
    await happen();
    app.clock.advance({ days: 5 });
    await app.tick();
    expect(receiver.received).toHaveLength(2);
    expect(await change<WebhookView>(tenant.gql, 'enableWebhook', webhook.id)).toMatchObject({
      enabled: true,
      switchedOffBecause: null,
    });
    receiver.answering = answer(200);
    await happen();
    await app.tick();
    expect(receiver.received).toHaveLength(3);
    const actions = (await audited()).map(({ action, by }) => `${action} ${by}`);
    expect(actions).toEqual(['webhook.created true', 'webhook.switched-off false', 'webhook.switched-on true']);
    await change(tenant.gql, 'enableWebhook', webhook.id);
    expect(await audited()).toHaveLength(3);
  });

  test('does not switch off the webhook next to it, and a 410 to a single message none at all', async () => {
    const gone = await Receiver.start();
    gone.answering = answer(410);
    const { webhook } = await createWebhook(tenant.gql, gone.url(), ['delivery.updated']);
    await createWebhook(tenant.gql, receiver.url(), ['delivery.updated']);
    await accepted(tenant.gql, { receiptUrl: gone.url('/own') });
    await app.tick();
    app.clock.advance({ seconds: 2 });
    await app.tick();
    expect((await webhooksOf(tenant.gql)).map(({ id, enabled }) => [id === webhook.id, enabled])).toEqual([
      [true, false],
      [false, true],
    ]);
    expect(receiver.received).toHaveLength(1);
    await gone.close();
  });

  test('is not called for what was written while it was being switched off', async () => {
    const { webhook } = await createWebhook(tenant.gql, receiver.url(), ['message.accepted']);
    await happen();
    await app.sql(`update webhooks set switched_off_at = now(), switched_off_because = 'x'`);
    await app.tick();
    expect(receiver.received).toEqual([]);
    expect(await webhookDeliveriesOf(tenant.gql, webhook.id)).toMatchObject([
      { status: 'FAILED', attempts: 0, lastStatusCode: null, lastError: 'the webhook is switched off' },
    ]);
  });
});

describe('deleteWebhook', () => {
  test('ends what was still to be delivered and keeps what was in the list', async () => {
    receiver.answering = answer(500);
    const { webhook } = await createWebhook(tenant.gql, receiver.url(), ['message.accepted']);
    await happen();
    await app.tick();
    expect(await change(tenant.gql, 'deleteWebhook', webhook.id)).toBe(true);
    expect(await webhooksOf(tenant.gql)).toEqual([]);
    await happen();
    app.clock.advance({ days: 5 });
    await app.tick();
    expect(receiver.received).toHaveLength(1);
    const [only] = await webhookDeliveriesOf(tenant.gql, webhook.id);
    expect(only).toMatchObject({ status: 'FAILED', attempts: 1, lastError: 'the webhook was deleted' });
    await expect(change(tenant.gql, 'replayWebhookDelivery', only?.id ?? '')).rejects.toThrow('was deleted');
    await expect(change(tenant.gql, 'deleteWebhook', webhook.id)).rejects.toThrow('NOT_FOUND');
    expect((await audited()).at(-1)).toMatchObject({ action: 'webhook.deleted', detail: { undelivered: 1 } });
    expect(await app.sql('select 1 from webhooks')).toEqual([]);
  });

  test('while it is being called leaves no attempt behind', async () => {
    const { webhook } = await createWebhook(tenant.gql, receiver.url(), ['message.accepted']);
    receiver.answering = response => {
      void change(tenant.gql, 'deleteWebhook', webhook.id).then(() => response.writeHead(500).end());
    };
    await happen();
    await app.tick();
    expect(await webhookDeliveriesOf(tenant.gql)).toMatchObject([{ status: 'PENDING', attempts: 1 }]);
    app.clock.advance({ seconds: 6 });
    await app.tick();
    expect(await webhookDeliveriesOf(tenant.gql)).toMatchObject([
      { status: 'FAILED', attempts: 1, lastStatusCode: 500, lastError: 'the webhook was deleted' },
    ]);
    expect(receiver.received).toHaveLength(1);
  });
});

describe("another tenant's", () => {
  test('webhooks and deliveries are not found, listed, changed or told of', async () => {
    const { webhook, secret } = await createWebhook(tenant.gql, receiver.url());
    await happen();
    const [delivery] = await webhookDeliveriesOf(tenant.gql);
    const other = await app.tenant();
    for (const [name, id] of [
      ['deleteWebhook', webhook.id],
      ['rotateWebhookSecret', webhook.id],
      ['enableWebhook', webhook.id],
      ['replayWebhookDelivery', delivery?.id ?? ''],
      ['deleteWebhook', NOBODY],
      ['replayWebhookDelivery', 'no id'],
    ] as const)
      await expect(change(other.gql, name, id)).rejects.toThrow('NOT_FOUND');
    expect(await webhooksOf(other.gql)).toEqual([]);
    expect(await webhookDeliveriesOf(other.gql)).toEqual([]);
    await expect(webhookDeliveriesOf(other.gql, webhook.id)).rejects.toThrow('NOT_FOUND');
    await accepted(other.gql);
    await app.tick();
    const told = receiver.received.map(call => eventIn(call).type);
    expect(told.filter(type => type === 'message.accepted')).toHaveLength(1);
    expect(receiver.received.every(call => isSigned(call, secret))).toBe(true);
    expect(await webhooksOf(tenant.gql)).toHaveLength(1);
  });
});
