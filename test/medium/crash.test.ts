import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClaimSubmissions } from '../../src/messaging/leaving/claim-submissions.js';
import { DispatchSubmission } from '../../src/messaging/leaving/dispatch-submission.js';
import { EnterDoubt } from '../../src/messaging/leaving/enter-doubt.js';
import { PrepareAttempt } from '../../src/messaging/leaving/prepare-attempt.js';
import type { PreparedCall } from '../../src/messaging/leaving/start-attempt.js';
import { RecordOutcome } from '../../src/messaging/leaving/record-outcome.js';
import type { ClaimedSubmission } from '../../src/messaging/submission.store.js';
import type { OutgoingSms, SendOutcome } from '../../src/providers/index.js';
import { attemptsOf, chargesOf, outcomesOf, refundsOf } from '../support/attempts.js';
import { accepted, balanceOf, deliveriesOf, look, type MessageView } from '../support/messages.js';
import { post, receipt } from '../support/receipts.js';
import {
  BLOCKED,
  REFUSED,
  refuseOnly,
  ScriptedProvider,
  UNKNOWN,
  UNREACHABLE,
  NO_ANSWER,
} from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const PHONE = '+33612345678';
const BOOKED: SendOutcome = { status: 'accepted', providerMessageId: '9', parts: 1, cost: '0.045', currency: 'EUR' };

let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;

beforeEach(async () => {
  provider = new ScriptedProvider();
  app = await appAt(TUESDAY, { provider });
  tenant = await app.tenant();
});
afterEach(() => app.close());

const see = (message: MessageView): Promise<MessageView> => look(tenant.gql, message.id);
const kindsOf = async (message: MessageView): Promise<string[]> =>
  (await see(message)).timeline.map(({ kind }) => kind);
const after = async (seconds: number): Promise<void> => {
  app.clock.advance({ seconds });
  await app.tick();
};

async function claim(): Promise<ClaimedSubmission> {
  const [claimed, ...others] = await app.nest.get(ClaimSubmissions).execute('QUEUED', 10);
  if (claimed === undefined || others.length > 0) throw new Error('expected one submission to be due');
  return claimed;
}

/** The process dies here: the attempt is committed, the call may have been made, nothing is recorded. */
async function prepare(): Promise<Omit<PreparedCall, 'sms'> & { readonly sms: OutgoingSms }> {
  const call = await app.nest.get(PrepareAttempt).execute(await claim());
  if (call?.sms.kind !== 'one') throw new Error('nothing to call for');
  return { ...call, sms: call.sms.sms };
}

/** A call whose process did not record its answer in time: doubt has begun. */
async function doubtful(to: readonly string[] = [PHONE]) {
  const message = await accepted(tenant.gql, { to });
  const call = await prepare();
  await after(30);
  expect((await see(message)).status).toBe('UNCONFIRMED');
  return { message, record: (outcome: SendOutcome) => app.nest.get(RecordOutcome).execute(call, outcome), call };
}

/** Once: the clock goes on while this process stands still, its attempt just committed. */
function freezeOnce(seconds: number, meanwhile: () => Promise<void> = () => Promise.resolve()): void {
  const preparing = app.nest.get(PrepareAttempt);
  const execute = preparing.execute.bind(preparing);
  Object.assign(preparing, {
    execute: async (claimed: ClaimedSubmission) => {
      const call = await execute(claimed);
      Object.assign(preparing, { execute });
      app.clock.advance({ seconds });
      await meanwhile();
      return call;
    },
  });
}

describe('a process that dies between its claim and the attempt', () => {
  test('loses nothing: another takes it when the lease ends, and calls once', async () => {
    const message = await accepted(tenant.gql);
    await claim();
    await app.tick();
    await after(29.999);
    expect(provider.calls).toEqual([]);
    await after(0.001);
    await after(60);
    expect(provider.calls).toHaveLength(1);
    expect((await see(message)).status).toBe('SENT');
  });

  test('and turns out to have slept only, does not call what another has taken meanwhile', async () => {
    const message = await accepted(tenant.gql);
    const asleep = await claim();
    await after(30);
    await app.nest.get(DispatchSubmission).execute(asleep);
    expect(provider.calls).toHaveLength(1);
    expect(await attemptsOf(app, message.id)).toHaveLength(1);
  });

  test('and woke up before anybody took it, may still call, once', async () => {
    await accepted(tenant.gql);
    const asleep = await claim();
    app.clock.advance({ seconds: 31 });
    await app.nest.get(DispatchSubmission).execute(asleep);
    await after(60);
    expect(provider.calls).toHaveLength(1);
  });
});

describe('a process that dies between the attempt and the record', () => {
  test('leaves a doubt when the lease ends; nobody calls again while the provider does not say, and it says why', async () => {
    provider.onFindByTag = NO_ANSWER;
    const message = await accepted(tenant.gql);
    await prepare();
    await after(29.999);
    expect(await see(message)).toMatchObject({ status: 'SENDING', waiting: [{ kind: 'QUEUE' }] });
    await after(0.001);
    expect(await see(message)).toMatchObject({
      status: 'UNCONFIRMED',
      counts: { unconfirmed: 1 },
      waiting: [{ kind: 'DOUBT', explanation: expect.stringContaining('no answer was recorded') }],
    });
    for (let day = 0; day < 5; day += 1) await after(86_400);
    expect(provider.calls).toEqual([]);
    expect(await outcomesOf(app, message.id)).toEqual(['unknown']);
    expect((await kindsOf(message)).filter(kind => kind === 'unconfirmed')).toHaveLength(1);
    expect(await chargesOf(app, message.id)).toEqual(['RESERVED']);
  });

  test('is healed by a receipt: the doubt becomes SENT, then DELIVERED, and is charged', async () => {
    const message = await accepted(tenant.gql, { to: [PHONE, '+33612345679'] });
    const { sms } = await prepare();
    await after(30);
    await after(7_200);
    await post(sms.receiptUrl, receipt(PHONE, 'delivered'));
    await app.tick();
    expect(await see(message)).toMatchObject({ status: 'SENT', counts: { delivered: 1, sent: 1, unconfirmed: 0 } });
    await post(sms.receiptUrl, receipt('+33612345679', 'not delivered'));
    await app.tick();
    expect(await see(message)).toMatchObject({ status: 'COMPLETED', counts: { delivered: 1, undelivered: 1 } });
    expect(await chargesOf(app, message.id)).toEqual(['CHARGED', 'CHARGED']);
    expect(await attemptsOf(app, message.id)).toMatchObject([{ outcome: 'accepted', provider_message_id: '95415616' }]);
    expect(provider.calls).toEqual([]);
  });

  test('is healed by a receipt that says only that the operator still works on it', async () => {
    const message = await accepted(tenant.gql);
    const { sms } = await prepare();
    await after(30);
    await post(sms.receiptUrl, receipt(PHONE, 'waiting'));
    await app.tick();
    expect((await see(message)).status).toBe('SENT');
    expect(provider.calls).toEqual([]);
  });

  test('keeps a receipt that comes before the doubt, and applies it when the doubt begins', async () => {
    const message = await accepted(tenant.gql);
    const { sms } = await prepare();
    await post(sms.receiptUrl, receipt(PHONE, 'delivered'));
    await app.tick();
    expect((await see(message)).status).toBe('SENDING');
    await after(30);
    expect((await see(message)).status).toBe('COMPLETED');
    expect(provider.calls).toEqual([]);
  });
});

describe('an answer that is recorded after the doubt began', () => {
  test('accepted: SENT and charged', async () => {
    const { message, record } = await doubtful();
    await record(BOOKED);
    expect((await see(message)).status).toBe('SENT');
    expect(await chargesOf(app, message.id)).toEqual(['CHARGED']);
    expect(await attemptsOf(app, message.id)).toMatchObject([{ outcome: 'accepted', provider_message_id: '9' }]);
  });

  test('refused: FAILED and paid back, once', async () => {
    const { message, record } = await doubtful();
    await record(REFUSED);
    await record(REFUSED);
    expect((await see(message)).status).toBe('FAILED');
    expect(await refundsOf(app, message.id)).toEqual(['0.0450']);
    expect(await balanceOf(tenant.gql)).toBe('100.0000');
  });

  test('refused for one of two: that one is paid back, the other is called in a new attempt', async () => {
    const { message, record, call } = await doubtful([PHONE, '+33612345679']);
    await record(refuseOnly(PHONE));
    await app.tick();
    expect(provider.recipients).toEqual([['+33612345679']]);
    expect(provider.tags).not.toContain(call.sms.tag);
    expect((await deliveriesOf(tenant.gql, message.id)).map(({ status }) => status)).toEqual(['REFUSED', 'SENT']);
  });

  test('not sent: queued again and called in a new attempt, no earlier than its back-off', async () => {
    const { message, record, call } = await doubtful();
    await record(UNREACHABLE);
    expect(await see(message)).toMatchObject({ status: 'QUEUED', waiting: [{ kind: 'PROVIDER_DOWN' }] });
    await app.tick();
    expect(provider.calls).toEqual([]);
    await after(30);
    expect(provider.tags).toHaveLength(1);
    expect(provider.tags).not.toContain(call.sms.tag);
    expect((await see(message)).status).toBe('SENT');
  });

  test('blocked: it waits for the account, and goes', async () => {
    const { message, record } = await doubtful();
    await record(BLOCKED);
    expect(await see(message)).toMatchObject({ status: 'QUEUED', waiting: [{ kind: 'PROVIDER_ACCOUNT' }] });
    await after(60);
    expect((await see(message)).status).toBe('SENT');
  });

  test('unknown: it stays in doubt', async () => {
    const { message, record } = await doubtful();
    await record(UNKNOWN);
    await after(3_600);
    expect((await see(message)).status).toBe('UNCONFIRMED');
    expect(provider.calls).toEqual([]);
  });

  test('changes nothing where a receipt has settled the doubt already', async () => {
    const { message, record, call } = await doubtful();
    await post(call.sms.receiptUrl, receipt(PHONE, 'delivered'));
    await app.tick();
    for (const outcome of [REFUSED, UNREACHABLE, UNKNOWN, BOOKED]) await record(outcome);
    await after(3_600);
    expect((await see(message)).status).toBe('COMPLETED');
    expect(await refundsOf(app, message.id)).toEqual([]);
    expect(provider.calls).toEqual([]);
  });

  test('changes nothing where the call was made again after an earlier answer', async () => {
    const { message, record } = await doubtful();
    await record(UNREACHABLE);
    await after(30);
    for (const outcome of [REFUSED, UNREACHABLE, UNKNOWN]) await record(outcome);
    await after(3_600);
    expect((await see(message)).status).toBe('SENT');
    expect(await outcomesOf(app, message.id)).toEqual(['not-sent', 'accepted']);
    expect(provider.calls).toHaveLength(1);
  });
});

describe('a process that freezes between the attempt and the call', () => {
  test('for less than five seconds calls all the same', async () => {
    const message = await accepted(tenant.gql);
    freezeOnce(4.999);
    await app.tick();
    expect(await outcomesOf(app, message.id)).toEqual(['accepted']);
  });

  test('for longer does not make that call any more; a new attempt makes it', async () => {
    const message = await accepted(tenant.gql);
    freezeOnce(5);
    await app.tick();
    expect(await outcomesOf(app, message.id)).toEqual(['abandoned', 'accepted']);
    const [abandoned, made] = await attemptsOf(app, message.id);
    expect(provider.tags).toEqual([made?.tag]);
    expect(made?.tag).not.toBe(abandoned?.tag);
    expect(await kindsOf(message)).toEqual(['accepted', 'attempt', 'abandoned', 'attempt', 'sent']);
  });

  test('beyond its lease, while another took it for a doubt, makes no call and heals the doubt', async () => {
    const message = await accepted(tenant.gql);
    freezeOnce(3_600, async () => {
      for (const claimed of await app.nest.get(ClaimSubmissions).execute('SENDING', 10)) {
        await app.nest.get(EnterDoubt).execute(claimed);
      }
      expect((await see(message)).status).toBe('UNCONFIRMED');
    });
    await app.tick();
    expect(await outcomesOf(app, message.id)).toEqual(['abandoned', 'accepted']);
    expect((await see(message)).status).toBe('SENT');
    expect(provider.calls).toHaveLength(1);
  });

  test('into the evening makes no commercial call: it is held to the morning', async () => {
    app.clock.set('2026-01-13T18:59:58Z');
    const message = await accepted(tenant.gql);
    freezeOnce(2);
    await app.tick();
    expect(provider.calls).toEqual([]);
    expect(await see(message)).toMatchObject({ status: 'HELD', releaseAt: '2026-01-14T07:00:00.000Z' });
    app.clock.set('2026-01-14T07:00:00Z');
    await app.tick();
    expect(await outcomesOf(app, message.id)).toEqual(['abandoned', 'accepted']);
  });
});

test('a provider that takes its time does not make a slow call twice: ticks meanwhile find nothing to do', async () => {
  const message = await accepted(tenant.gql);
  const answer = Promise.withResolvers<SendOutcome>();
  provider.answers(() => answer.promise);
  const ticking = app.tick();
  while (provider.calls.length === 0) await nextTurn();
  app.clock.advance({ seconds: 20 });
  expect(await app.nest.get(ClaimSubmissions).execute('QUEUED', 10)).toEqual([]);
  expect(await app.nest.get(ClaimSubmissions).execute('SENDING', 10)).toEqual([]);
  answer.resolve(BOOKED);
  await ticking;
  expect((await see(message)).status).toBe('SENT');
  expect(provider.calls).toHaveLength(1);
});
