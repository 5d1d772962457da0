import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HALF_OPEN_AFTER_MS } from '../../src/messaging/leaving/breakers.js';
import { attemptsOf, refundsOf } from '../support/attempts.js';
import { accepted, look, type MessageView } from '../support/messages.js';
import {
  accept,
  type Answer,
  BLOCKED,
  notSent,
  OUTSIDE_HOURS,
  REFUSED,
  ScriptedProvider,
  UNKNOWN,
  UNREACHABLE,
} from '../support/scripted-provider.js';
import { PLATFORM_KEY, setCredential } from '../support/stop-lists.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const FAULTS = 3;

let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;

beforeEach(async () => {
  provider = new ScriptedProvider('smspartner');
  const env = { SMS_PROVIDER: 'smspartner', SMSPARTNER_API_KEY: PLATFORM_KEY, BREAKER_FAULTS: String(FAULTS) };
  app = await appAt(TUESDAY, { provider, env });
  tenant = await app.tenant();
});
afterEach(async () => {
  vi.useRealTimers();
  await app.close();
});

const see = (message: MessageView, of = tenant): Promise<MessageView> => look(of.gql, message.id);

/** One call after the other, each answered so. */
async function calls(count: number, answer: Answer, of = tenant): Promise<MessageView[]> {
  const messages = [];
  for (let made = 0; made < count; made += 1) {
    provider.answers(answer);
    messages.push(await accepted(of.gql));
    await app.tick();
  }
  return messages;
}

/** Both clocks: the house's, and the one by which the breaker waits. */
async function later(ms: number): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
  app.clock.advance({ seconds: ms / 1_000 });
  await app.tick();
}

describe('faults in a row', () => {
  test.for([
    ['calls that did not leave', UNREACHABLE],
    ['calls without an answer', UNKNOWN],
  ] as const)('%s: then nothing is called; what comes waits PROVIDER_DOWN, untried and unfailed', async ([, fault]) => {
    await calls(FAULTS, fault);
    expect(provider.calls).toHaveLength(FAULTS);
    for (let count = 0; count < 5; count += 1) {
      const message = await accepted(tenant.gql);
      await app.tick();
      expect(await see(message)).toMatchObject({
        status: 'QUEUED',
        waiting: [
          {
            kind: 'PROVIDER_DOWN',
            since: TUESDAY,
            nextCheckAt: new Date(Date.parse(TUESDAY) + HALF_OPEN_AFTER_MS).toISOString(),
            explanation: expect.stringContaining('too often in a row'),
          },
        ],
      });
      expect(await attemptsOf(app, message.id)).toEqual([]);
      expect(await refundsOf(app, message.id)).toEqual([]);
    }
    expect(provider.calls).toHaveLength(FAULTS);
    expect(await app.sql('select max(attempts) as most from submissions')).toEqual([{ most: 1 }]);
  });

  test('fewer than that, or with an answer in between, change nothing', async () => {
    for (let time = 0; time < 3; time += 1) {
      await calls(FAULTS - 1, UNKNOWN);
      const [message] = await calls(1, accept);
      expect(message && (await see(message)).status).toBe('SENT');
    }
    expect(provider.calls).toHaveLength(3 * FAULTS);
  });

  test.for([
    ['refusals', REFUSED],
    ['"too many requests"', notSent('rate-limited', 1_000)],
    ['a blocked account', BLOCKED],
    ["the provider's hours", OUTSIDE_HOURS],
  ] as const)('%s are none', async ([, answer]) => {
    for (let count = 0; count < FAULTS + 2; count += 1) {
      const own = await app.tenant();
      await calls(1, answer, own);
      await app.sql('delete from provider_blocks');
    }
    expect(provider.calls.length).toBeGreaterThanOrEqual(FAULTS + 2);
    const [message] = await calls(1, accept);
    expect(message && (await see(message)).status).toBe('SENT');
  });
});

describe('an account that is left alone', () => {
  test('keeps no other account, and no sandbox message', async () => {
    await calls(FAULTS, UNREACHABLE);
    const other = await app.tenant();
    await setCredential(app, other, 'cle-d-un-autre-0123456789');
    const theirs = await accepted(other.gql);
    const sandbox = await accepted(tenant.gql, { sandbox: true });
    await app.tick();
    expect((await see(theirs, other)).status).toBe('SENT');
    expect((await see(sandbox)).status).toBe('SENT');
    expect(provider.calls.map(({ credential }) => credential?.apiKey ?? null)).toEqual([
      null,
      null,
      null,
      'cle-d-un-autre-0123456789',
    ]);
  });

  test('is called once after half a minute; that call works, and all that waits leaves', async () => {
    await calls(FAULTS, UNKNOWN);
    const messages = [];
    for (let count = 0; count < 6; count += 1) messages.push(await accepted(tenant.gql));
    await app.tick();
    expect(provider.calls).toHaveLength(FAULTS);
    await later(HALF_OPEN_AFTER_MS + 1);
    await later(HALF_OPEN_AFTER_MS + 1);
    for (const message of messages) expect((await see(message)).status).toBe('SENT');
    expect(provider.calls).toHaveLength(FAULTS + 6);
  });

  test('is called once each half minute while it fails, and no more', async () => {
    await calls(FAULTS, UNREACHABLE);
    for (let count = 0; count < 6; count += 1) await accepted(tenant.gql);
    await app.tick();
    provider.otherwise = UNREACHABLE;
    for (let time = 1; time <= 3; time += 1) {
      await later(HALF_OPEN_AFTER_MS + 1);
      expect(provider.calls).toHaveLength(FAULTS + time);
    }
  });

  test('fails what outlives its validity meanwhile, and pays it back', async () => {
    await calls(FAULTS, UNKNOWN);
    const message = await accepted(tenant.gql, { validitySeconds: 60 });
    await app.tick();
    for (let time = 0; time < 3; time += 1) {
      app.clock.advance({ seconds: 30 });
      await app.tick();
    }
    expect((await see(message)).status).toBe('FAILED');
    expect(await refundsOf(app, message.id)).toEqual(['0.0450']);
  });
});

test('BREAKER_FAULTS=0 leaves nobody alone', async () => {
  const patient = await appAt(TUESDAY, { provider, env: { BREAKER_FAULTS: '0' } });
  const of = await patient.tenant();
  provider.otherwise = UNKNOWN;
  for (let count = 0; count < 20; count += 1) await accepted(of.gql);
  await patient.tick();
  expect(provider.calls).toHaveLength(20);
  await patient.close();
});
