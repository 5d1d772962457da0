import { afterEach, describe, expect, test } from 'vitest';
import {
  accepted,
  acceptedFor,
  balanceOf,
  cancel,
  look,
  type MessageView,
  reschedule,
  send,
} from '../support/messages.js';
import { BLOCKED, notSent, ScriptedProvider, UNREACHABLE } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

let app: TestApp;
afterEach(() => app.close());

const OPEN = '2026-01-12T10:00:00Z';
const NIGHT = '2026-01-12T21:00:00Z';
const MORNING = '2026-01-13T07:00:00Z';

const instant = (text: string, afterMs = 0): string => new Date(Date.parse(text) + afterMs).toISOString();

/** The only reason, and when it says that it is looked at next, in milliseconds after `from`. */
function onlyReason(
  { waiting }: MessageView,
  from: string,
): MessageView['waiting'][number] & { readonly inMs: number } {
  const [reason] = waiting;
  if (reason === undefined || waiting.length > 1) throw new Error(`not one reason: ${JSON.stringify(waiting)}`);
  return {
    ...reason,
    inMs: reason.nextCheckAt === null ? Number.NaN : Date.parse(reason.nextCheckAt) - Date.parse(from),
  };
}

const suspension = (operation: 'suspendTenant' | 'reactivateTenant', { id }: TestTenant): Promise<unknown> =>
  operation === 'suspendTenant'
    ? app.admin.run('mutation ($id: ID!) { suspendTenant(id: $id, reason: "unpaid") { status } }', { id })
    : app.admin.run('mutation ($id: ID!) { reactivateTenant(id: $id) { status } }', { id });

describe('by choice of the tenant and the law', () => {
  test('SCHEDULE: the tenant asked for a later time', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    const message = await acceptedFor(gql, '2026-01-12T12:00:00Z', { to: ['+33612345678', '+33687654321'] });
    expect(message.waiting).toEqual([
      {
        kind: 'SCHEDULE',
        recipients: 2,
        since: instant(OPEN),
        nextCheckAt: '2026-01-12T12:00:00.000Z',
        explanation: expect.stringContaining('asked'),
      },
    ]);
    expect(message.holds).toEqual([]);
    app.clock.set('2026-01-12T11:00:00Z');
    await app.tick();
    expect((await look(gql, message.id)).waiting).toEqual(message.waiting);
  });

  test('LAW: quiet hours, in the words of the hold', async () => {
    app = await appAt(NIGHT);
    const { gql } = await app.tenant();
    const message = await accepted(gql);
    expect(message.holds).toHaveLength(1);
    expect(message.waiting).toEqual([
      {
        kind: 'LAW',
        recipients: 1,
        since: instant(NIGHT),
        nextCheckAt: instant(MORNING),
        explanation: message.holds[0]?.explanation,
      },
    ]);
    expect(message.holds[0]?.explanation).toMatch(/22:00 on Monday 12 January 2026.*08:00 on Tuesday 13 January 2026/);
  });

  test('both, told side by side, where territories differ; an opted-out recipient waits for nothing', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    await gql.run('mutation { addOptOut(phoneNumber: "+262692654321") { phoneNumber } }');
    // 18:00 in Paris and Martinique 13:00; 21:00 in Réunion.
    const message = await acceptedFor(gql, '2026-01-12T17:00:00Z', {
      to: ['+33612345678', '+596696123456', '+262692123456', '+262692654321'],
    });
    expect(message.status).toBe('HELD');
    expect(message.waiting).toEqual([
      expect.objectContaining({ kind: 'SCHEDULE', recipients: 2, nextCheckAt: '2026-01-12T17:00:00.000Z' }),
      expect.objectContaining({ kind: 'LAW', recipients: 1, nextCheckAt: '2026-01-13T04:00:00.000Z' }),
    ]);
    expect(message.holds).toEqual([expect.objectContaining({ territory: 'REUNION', recipients: 1 })]);
    expect(message.counts).toMatchObject({ waiting: 3, optedOut: 1 });
  });

  test('the law in several territories is told for each, with its own hour', async () => {
    app = await appAt(NIGHT);
    const { gql } = await app.tenant();
    const message = await accepted(gql, { to: ['+33612345678', '+262692123456'] });
    expect(message.waiting).toEqual([
      expect.objectContaining({ kind: 'LAW', recipients: 1, nextCheckAt: '2026-01-13T07:00:00.000Z' }),
      expect.objectContaining({ kind: 'LAW', recipients: 1, nextCheckAt: '2026-01-13T04:00:00.000Z' }),
    ]);
    expect(message.holds.map(hold => hold.territory).toSorted()).toEqual(['METROPOLE', 'REUNION']);
    // What has left waits for its receipt, the rest for the law.
    app.clock.set('2026-01-13T04:00:00Z');
    await app.tick();
    const between = await look(gql, message.id);
    expect(between.waiting.map(({ kind, recipients }) => `${kind} ${recipients}`).toSorted()).toEqual([
      'LAW 1',
      'RECEIPT 1',
    ]);
    expect(between.holds.map(hold => hold.territory)).toEqual(['METROPOLE']);
  });
});

describe('for the provider', () => {
  test('QUEUE: accepted and not yet dispatched', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    const message = await accepted(gql);
    expect(message).toMatchObject({ status: 'QUEUED', holds: [] });
    expect(message.waiting).toEqual([
      {
        kind: 'QUEUE',
        recipients: 1,
        since: instant(OPEN),
        nextCheckAt: instant(OPEN),
        explanation: expect.stringContaining('queue'),
      },
    ]);
  });

  test('PROVIDER_DOWN: it could not be reached; tried again after a growing delay, never before it', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    const { id } = await accepted(gql, { to: ['+33612340005', '+33612345678'] });
    await app.tick();
    const message = await look(gql, id);
    expect(message.status).toBe('QUEUED');
    const reason = onlyReason(message, OPEN);
    expect(reason).toMatchObject({ kind: 'PROVIDER_DOWN', recipients: 2, since: instant(OPEN) });
    expect(reason.explanation).toMatch(/could not be reached.*tried again/);
    expect(reason.inMs).toBeGreaterThanOrEqual(15_000);
    expect(reason.inMs).toBeLessThanOrEqual(30_000);

    app.clock.set(instant(OPEN, reason.inMs - 1));
    await app.tick();
    expect((await look(gql, id)).waiting).toEqual(message.waiting);
    const second = instant(OPEN, reason.inMs);
    app.clock.set(second);
    await app.tick();
    const again = onlyReason(await look(gql, id), second);
    expect(again).toMatchObject({ kind: 'PROVIDER_DOWN', since: second });
    expect(again.inMs).toBeGreaterThanOrEqual(30_000);
    expect(again.inMs).toBeLessThanOrEqual(60_000);
    expect((await look(gql, id)).timeline.map(event => event.kind)).toEqual([
      'accepted',
      'attempt',
      'not-sent',
      'attempt',
      'not-sent',
    ]);
  });

  test('PROVIDER_ACCOUNT: the account refuses to send; nothing is lost, one probe a minute', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    const { id } = await accepted(gql, { to: ['+33612340006'] });
    await app.tick();
    const message = await look(gql, id);
    expect(message).toMatchObject({ status: 'QUEUED', counts: { waiting: 1, refused: 0 } });
    expect(message.waiting).toEqual([
      {
        kind: 'PROVIDER_ACCOUNT',
        recipients: 1,
        since: instant(OPEN),
        nextCheckAt: instant(OPEN, 60_000),
        explanation: expect.stringMatching(/account.*alarmed.*tried again/),
      },
    ]);
    expect(await balanceOf(gql)).toBe('99.9550');
    for (let minute = 1; minute <= 3; minute++) {
      app.clock.set(instant(OPEN, minute * 60_000));
      await app.tick();
    }
    expect((await look(gql, id)).timeline.filter(event => event.kind === 'attempt')).toHaveLength(4);
  });

  test('RATE_LIMIT: it asked to slow down; tried again no sooner than it said, and then it leaves', async () => {
    const provider = new ScriptedProvider().answers(notSent('rate-limited', 120_000));
    app = await appAt(OPEN, { provider });
    const { gql } = await app.tenant();
    const { id } = await accepted(gql);
    await app.tick();
    expect((await look(gql, id)).waiting).toEqual([
      {
        kind: 'RATE_LIMIT',
        recipients: 1,
        since: instant(OPEN),
        nextCheckAt: instant(OPEN, 120_000),
        explanation: expect.stringMatching(/slow down \(.+\).*tried again/),
      },
    ]);
    app.clock.advance({ seconds: 119 });
    await app.tick();
    expect(provider.calls).toHaveLength(1);
    app.clock.advance({ seconds: 1 });
    await app.tick();
    expect(provider.calls).toHaveLength(2);
    expect(new Set(provider.tags).size).toBe(2);
    expect(await look(gql, id)).toMatchObject({ status: 'SENT', waiting: [{ kind: 'RECEIPT' }] });
  });

  test('RATE_LIMIT without a delay of the provider’s is tried again within half a minute', async () => {
    const provider = new ScriptedProvider().answers(notSent('rate-limited', null));
    app = await appAt(OPEN, { provider });
    const { gql } = await app.tenant();
    const { id } = await accepted(gql);
    await app.tick();
    const reason = onlyReason(await look(gql, id), OPEN);
    expect(reason.kind).toBe('RATE_LIMIT');
    expect(reason.inMs).toBeGreaterThanOrEqual(15_000);
    expect(reason.inMs).toBeLessThanOrEqual(30_000);
  });

  test('a change of the obstacle is told: unreachable first, then the account, then it leaves', async () => {
    const provider = new ScriptedProvider().answers(UNREACHABLE, BLOCKED);
    app = await appAt(OPEN, { provider });
    const { gql } = await app.tenant();
    const { id } = await accepted(gql);
    const told: string[] = [];
    for (let step = 0; step < 3; step++) {
      await app.tick();
      told.push((await look(gql, id)).waiting.map(({ kind }) => kind).join());
      app.clock.advance({ minutes: 1 });
    }
    expect(told).toEqual(['PROVIDER_DOWN', 'PROVIDER_ACCOUNT', 'RECEIPT']);
  });
});

describe('TENANT_SUSPENDED', () => {
  test('a held message waits past its hour, until the tenant is reactivated; then it leaves', async () => {
    app = await appAt(NIGHT);
    const tenant = await app.tenant();
    const { id } = await accepted(tenant.gql);
    app.clock.advance({ hours: 1 });
    const suspendedAt = app.clock.now().toISOString();
    await suspension('suspendTenant', tenant);
    app.clock.set('2026-01-13T09:00:00Z');
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(0);
    const waiting = await look(tenant.gql, id);
    expect(waiting.waiting).toEqual([
      {
        kind: 'TENANT_SUSPENDED',
        recipients: 1,
        since: suspendedAt,
        nextCheckAt: null,
        explanation: expect.stringContaining('suspended'),
      },
    ]);
    expect(await balanceOf(tenant.gql)).toBe('99.9550');

    await suspension('reactivateTenant', tenant);
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(1);
    expect(await look(tenant.gql, id)).toMatchObject({ status: 'SENT', waiting: [{ kind: 'RECEIPT' }] });
  });

  test('reactivated at night, it is held to the morning: the law is asked again', async () => {
    app = await appAt(NIGHT);
    const tenant = await app.tenant();
    const { id } = await accepted(tenant.gql);
    await suspension('suspendTenant', tenant);
    app.clock.set('2026-01-13T21:00:00Z');
    await suspension('reactivateTenant', tenant);
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(0);
    expect(await look(tenant.gql, id)).toMatchObject({
      status: 'HELD',
      releaseAt: '2026-01-14T07:00:00.000Z',
      waiting: [{ kind: 'LAW', nextCheckAt: '2026-01-14T07:00:00.000Z' }],
    });
  });

  test('queued and scheduled messages wait too, nothing new is accepted, and another tenant goes on', async () => {
    app = await appAt(OPEN);
    const tenant = await app.tenant();
    const queued = await accepted(tenant.gql);
    const scheduled = await acceptedFor(tenant.gql, '2026-01-12T12:00:00Z');
    await suspension('suspendTenant', tenant);
    await app.tick();
    for (const { id } of [queued, scheduled]) {
      expect((await look(tenant.gql, id)).waiting).toEqual([
        expect.objectContaining({ kind: 'TENANT_SUSPENDED', recipients: 1, nextCheckAt: null }),
      ]);
    }
    await expect(send(tenant.gql)).rejects.toThrow(/FORBIDDEN|suspended/);
    const other = await app.tenant();
    await accepted(other.gql, { to: ['+33687654321'] });
    await app.tick();
    expect(app.simulator.accepted.map(({ sms }) => sms.recipients)).toEqual([['+33687654321']]);
    await suspension('reactivateTenant', tenant);
    app.clock.set('2026-01-12T12:00:00Z');
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(3);
  });
});

describe('after the call', () => {
  test('DOUBT: the provider’s answer is not known; it is not called again blindly', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    const { id } = await accepted(gql, { to: ['+33612340004', '+33612345678'] });
    await app.tick();
    const doubtful = await look(gql, id);
    expect(doubtful).toMatchObject({ status: 'UNCONFIRMED', counts: { unconfirmed: 2, waiting: 0 } });
    expect(doubtful.waiting).toEqual([
      {
        kind: 'DOUBT',
        recipients: 2,
        since: instant(OPEN),
        nextCheckAt: instant(OPEN, 20_000),
        explanation: expect.stringMatching(/not known.*not sent again blindly/),
      },
    ]);
    // Denied once: to be asked again a grace later.
    app.clock.advance({ seconds: 20 });
    await app.tick();
    expect(await look(gql, id)).toMatchObject({
      status: 'UNCONFIRMED',
      waiting: [{ kind: 'DOUBT', since: instant(OPEN), nextCheckAt: instant(OPEN, 620_000) }],
    });
    expect(await balanceOf(gql)).toBe('99.9100');
  });

  test('RECEIPT: the provider has it and has not said what became of it', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    const { id } = await accepted(gql, { to: ['+33612340003', '+33612345678'] });
    app.clock.advance({ seconds: 5 });
    await app.tick();
    const both = await look(gql, id);
    expect(both.waiting).toEqual([
      {
        kind: 'RECEIPT',
        recipients: 2,
        since: instant(OPEN, 5_000),
        nextCheckAt: instant(OPEN, 1_805_000),
        explanation: expect.stringContaining('receipt'),
      },
    ]);
    app.clock.advance({ seconds: 2 });
    await app.tick();
    const silent = await look(gql, id);
    expect(silent.status).toBe('SENT');
    expect(silent.waiting).toEqual([{ ...both.waiting[0], recipients: 1 }]);
  });
});

test('nothing waits once a message is COMPLETED, CANCELLED or FAILED', async () => {
  app = await appAt(OPEN);
  const { gql } = await app.tenant();
  const completed = await accepted(gql);
  const cancelled = await acceptedFor(gql, MORNING);
  const failed = await accepted(gql, { to: ['+33612340001'] });
  await cancel(gql, cancelled.id);
  await app.tick();
  app.clock.advance({ seconds: 2 });
  await app.tick();
  const settled = { waiting: [], holds: [], releaseAt: null };
  expect(await look(gql, completed.id)).toMatchObject({ status: 'COMPLETED', ...settled });
  expect(await look(gql, cancelled.id)).toMatchObject({ status: 'CANCELLED', ...settled });
  expect(await look(gql, failed.id)).toMatchObject({ status: 'FAILED', ...settled });
});

test('a reason begins anew with each new wait: since tells of the present one', async () => {
  app = await appAt(NIGHT);
  const { gql } = await app.tenant();
  const { id } = await accepted(gql);
  app.clock.advance({ minutes: 30 });
  const moved = await reschedule(gql, id, '2026-01-14T10:00:00Z');
  expect(moved).toMatchObject({
    waiting: [{ kind: 'SCHEDULE', since: instant(NIGHT, 30 * 60_000), nextCheckAt: '2026-01-14T10:00:00.000Z' }],
  });
});
