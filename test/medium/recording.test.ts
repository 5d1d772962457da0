import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClaimSubmissions } from '../../src/messaging/leaving/claim-submissions.js';
import { EnterDoubt } from '../../src/messaging/leaving/enter-doubt.js';
import { RecordOutcome } from '../../src/messaging/leaving/record-outcome.js';
import type { OutgoingSms, SendOutcome } from '../../src/providers/index.js';
import { chargesOf, outcomesOf, refundsOf } from '../support/attempts.js';
import { CuttableProxy } from '../support/cuttable-proxy.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { accepted, balanceOf, look, type MessageView } from '../support/messages.js';
import { accept, REFUSED, ScriptedProvider, UNREACHABLE } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
/** Real time, for the wire is real: long enough for more than one vain try to record. */
const CUT_MS = 400;

let database: TestDatabase;
let proxy: CuttableProxy;
let provider: ScriptedProvider;
let app: TestApp;
let tenant: TestTenant;

beforeEach(async () => {
  database = await createDatabase();
  proxy = await CuttableProxy.before(database.ownerUrl);
  provider = new ScriptedProvider();
  app = await appAt(TUESDAY, { provider, databaseUrl: proxy.url });
  tenant = await app.tenant();
});
afterEach(async () => {
  await app.close();
  await proxy.cut();
  await database.drop();
});

let mending: Promise<void>;

/** The wire is cut in mid-call, the provider answers this, and only a moment later is the wire mended. */
const cutOff =
  (answer: (sms: OutgoingSms) => SendOutcome) =>
  async (sms: OutgoingSms): Promise<SendOutcome> => {
    await proxy.cut();
    mending = setTimeout(CUT_MS).then(() => proxy.mend());
    return answer(sms);
  };

/** An answer that comes while the database is out of reach. */
async function answered(answer: (sms: OutgoingSms) => SendOutcome): Promise<MessageView> {
  provider.answers(cutOff(answer));
  const message = await accepted(tenant.gql);
  await app.tick();
  await mending;
  return message;
}

const see = (message: MessageView): Promise<MessageView> => look(tenant.gql, message.id);

/** Whoever looks for dead calls finds none: long after the lease would have ended. */
async function muchLater(): Promise<void> {
  app.clock.advance({ hours: 1 });
  await app.tick();
}

describe('an answer that comes while the database is out of reach', () => {
  test('accepted: is recorded when it is back, SENT and charged; no doubt, no second call', async () => {
    const message = await answered(accept);
    expect(await see(message)).toMatchObject({ status: 'SENT', counts: { sent: 1, unconfirmed: 0 } });
    await muchLater();
    const { status, timeline } = await see(message);
    expect(status).toBe('SENT');
    expect(timeline.map(({ kind }) => kind)).toEqual(['accepted', 'attempt', 'sent']);
    expect(await outcomesOf(app, message.id)).toEqual(['accepted']);
    expect(await chargesOf(app, message.id)).toEqual(['CHARGED']);
    expect(provider.calls).toHaveLength(1);
  });

  test('refused: is paid back, once', async () => {
    const message = await answered(() => REFUSED);
    expect((await see(message)).status).toBe('FAILED');
    await muchLater();
    expect(await outcomesOf(app, message.id)).toEqual(['refused']);
    expect(await refundsOf(app, message.id)).toEqual(['0.0450']);
    expect(await balanceOf(tenant.gql)).toBe('100.0000');
    expect(provider.calls).toHaveLength(1);
  });

  test('not sent: waits for its back-off and is called again, in a new attempt', async () => {
    const message = await answered(() => UNREACHABLE);
    expect(await see(message)).toMatchObject({ status: 'QUEUED', waiting: [{ kind: 'PROVIDER_DOWN' }] });
    await muchLater();
    expect((await see(message)).status).toBe('SENT');
    expect(await outcomesOf(app, message.id)).toEqual(['not-sent', 'accepted']);
  });
});

/** The wire breaks after the commit and before its acknowledgement: the record is there, and who wrote it does not know. */
function loseAcknowledgements(times: number): void {
  const recording = app.nest.get(RecordOutcome);
  const execute = recording.execute.bind(recording);
  let left = times;
  Object.assign(recording, {
    execute: async (...call: Parameters<RecordOutcome['execute']>) => {
      await execute(...call);
      left -= 1;
      if (left >= 0) throw new Error('Connection terminated unexpectedly');
    },
  });
}

describe('an answer whose record was committed, but not acknowledged', () => {
  test.for([
    ['accepted', accept, 'SENT', '99.9550', []],
    ['refused', () => REFUSED, 'FAILED', '100.0000', ['0.0450']],
    ['not-sent', () => UNREACHABLE, 'QUEUED', '99.9550', []],
  ] as const)('%s: changes nothing when it is recorded again', async ([outcome, answer, status, balance, refunds]) => {
    provider.answers(answer);
    loseAcknowledgements(2);
    const message = await accepted(tenant.gql);
    await app.tick();
    expect(await see(message)).toMatchObject({ status });
    expect((await see(message)).timeline).toHaveLength(3);
    expect(await outcomesOf(app, message.id)).toEqual([outcome]);
    expect(await refundsOf(app, message.id)).toEqual(refunds);
    expect(await balanceOf(tenant.gql)).toBe(balance);
    expect(provider.calls).toHaveLength(1);
  });
});

test('a doubt that another process begins between two tries to record is settled by the second', async () => {
  const message = await accepted(tenant.gql);
  const recording = app.nest.get(RecordOutcome);
  const execute = recording.execute.bind(recording);
  Object.assign(recording, {
    execute: async () => {
      Object.assign(recording, { execute });
      app.clock.advance({ seconds: 30 });
      for (const claimed of await app.nest.get(ClaimSubmissions).execute('SENDING', 10)) {
        await app.nest.get(EnterDoubt).execute(claimed);
      }
      expect((await see(message)).status).toBe('UNCONFIRMED');
      throw new Error('Connection terminated unexpectedly');
    },
  });
  await app.tick();
  expect((await see(message)).status).toBe('SENT');
  await muchLater();
  expect(await outcomesOf(app, message.id)).toEqual(['accepted']);
  expect(await chargesOf(app, message.id)).toEqual(['CHARGED']);
  expect(provider.calls).toHaveLength(1);
});
