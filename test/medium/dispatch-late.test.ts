import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OutgoingSms, SendOutcome } from '../../src/providers/index.js';
import type { CallTerms } from '../../src/providers/sms-provider.js';
import { attemptsOf, outcomesOf, refundsOf } from '../support/attempts.js';
import { accepted, balanceOf, look, type MessageView } from '../support/messages.js';
import { accept, notSent, ScriptedProvider } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const CLOSING = '2026-01-13T19:00:00.000Z';
const WEDNESDAY_8 = '2026-01-14T07:00:00.000Z';

let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;
/** What the provider was told each time it asked whether it may write now. */
let told: boolean[];

beforeEach(async () => {
  provider = new ScriptedProvider();
  told = [];
  app = await appAt(TUESDAY, { provider });
  tenant = await app.tenant();
});
afterEach(() => app.close());

const see = (message: MessageView): Promise<MessageView> => look(tenant.gql, message.id);
const at = async (instant: string): Promise<void> => {
  app.clock.set(instant);
  await app.tick();
};

/** Connects for this long, asks whether it may still write, and does or does not, as an adapter must. */
const connectsFor =
  (seconds: number) =>
  (sms: OutgoingSms, call: CallTerms): SendOutcome => {
    app.clock.advance({ seconds });
    const mayStart = call.mayStart();
    told.push(mayStart);
    return mayStart ? accept(sms) : notSent('unreachable', null);
  };

async function nextLook(message: MessageView): Promise<void> {
  const next = (await see(message)).waiting[0]?.nextCheckAt;
  if (next === undefined || next === null) throw new Error('nobody looks at it again');
  await at(next);
}

describe('a commercial SMS whose connection takes its time', () => {
  test('over the closing hour does not leave any more: it is held at the next look, and leaves in the morning', async () => {
    app.clock.set('2026-01-13T18:59:58Z');
    provider.answers(connectsFor(2));
    const message = await accepted(tenant.gql);
    await app.tick();
    expect(app.clock.now()).toEqual(new Date(CLOSING));
    expect(told).toEqual([false]);
    expect(await see(message)).toMatchObject({ status: 'QUEUED', counts: { waiting: 1, sent: 0 } });
    await nextLook(message);
    expect(await see(message)).toMatchObject({ status: 'HELD', releaseAt: WEDNESDAY_8 });
    expect(provider.calls).toHaveLength(1);
    await at(WEDNESDAY_8);
    expect((await see(message)).status).toBe('SENT');
    expect(await outcomesOf(app, message.id)).toEqual(['not-sent', 'accepted']);
    expect(await refundsOf(app, message.id)).toEqual([]);
  });

  test('up to the last moment before it leaves', async () => {
    app.clock.set('2026-01-13T18:59:58Z');
    provider.answers(connectsFor(1.999));
    const message = await accepted(tenant.gql);
    await app.tick();
    expect(told).toEqual([true]);
    expect((await see(message)).status).toBe('SENT');
  });

  test('by day may take five seconds as well, not more', async () => {
    provider.answers(connectsFor(5));
    const message = await accepted(tenant.gql);
    await app.tick();
    expect(told).toEqual([false]);
    expect((await see(message)).status).toBe('QUEUED');
  });

  test('over an evening in another territory keeps that territory’s hours', async () => {
    // 19:59:58 in Réunion, 16:59:58 in Paris.
    app.clock.set('2026-01-13T15:59:58Z');
    provider.otherwise = connectsFor(2);
    const overseas = await accepted(tenant.gql, { to: ['+262692123456'] });
    await app.tick();
    const here = await accepted(tenant.gql);
    await app.tick();
    expect(told).toEqual([false, true]);
    expect((await see(here)).status).toBe('SENT');
    await nextLook(overseas);
    expect(await see(overseas)).toMatchObject({ status: 'HELD', releaseAt: '2026-01-14T04:00:00.000Z' });
  });
});

describe('a transactional SMS whose connection takes its time', () => {
  test('for five seconds is not written any more; a new attempt with a tag of its own makes it later', async () => {
    provider.answers(connectsFor(5));
    const message = await accepted(tenant.gql, { category: 'TRANSACTIONAL' });
    await app.tick();
    expect(told).toEqual([false]);
    expect(await see(message)).toMatchObject({ status: 'QUEUED', waiting: [{ kind: 'PROVIDER_DOWN' }] });
    await nextLook(message);
    expect((await see(message)).status).toBe('SENT');
    const attempts = await attemptsOf(app, message.id);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['not-sent', 'accepted']);
    expect(provider.tags).toEqual(attempts.map(({ tag }) => tag));
    expect(new Set(provider.tags).size).toBe(2);
  });

  test('for less leaves at once, in the evening too', async () => {
    app.clock.set('2026-01-13T18:59:58Z');
    provider.answers(connectsFor(4.999));
    const message = await accepted(tenant.gql, { category: 'TRANSACTIONAL' });
    await app.tick();
    expect(told).toEqual([true]);
    expect((await see(message)).status).toBe('SENT');
  });
});

test('a Retry-After that reaches beyond closing and validity: looked at when the window closes, held, and sent in the morning', async () => {
  app.clock.set('2026-01-13T18:30:00Z');
  provider.answers(notSent('rate-limited', 3_600_000));
  const message = await accepted(tenant.gql, { validitySeconds: 3_600 });
  await app.tick();
  expect(await see(message)).toMatchObject({
    status: 'QUEUED',
    waiting: [{ kind: 'RATE_LIMIT', nextCheckAt: CLOSING }],
  });
  await at(CLOSING);
  expect(provider.calls).toHaveLength(1);
  expect(await see(message)).toMatchObject({ status: 'HELD', releaseAt: WEDNESDAY_8 });
  await at('2026-01-13T19:30:00Z');
  await at('2026-01-14T06:59:59.999Z');
  expect(provider.calls).toHaveLength(1);
  await at(WEDNESDAY_8);
  expect((await see(message)).status).toBe('SENT');
  expect(provider.calls).toHaveLength(2);
  expect(await balanceOf(tenant.gql)).toBe('99.9550');
});
