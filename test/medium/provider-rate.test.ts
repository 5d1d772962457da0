import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Transactions, type Tx } from '../../src/kernel/index.js';
import { ProviderRate } from '../../src/messaging/leaving/provider-rate.js';
import { RateLimitStore } from '../../src/messaging/leaving/rate-limit.store.js';
import { Providers } from '../../src/providers/index.js';
import { acceptedBatch, numberOf, pairs } from '../support/batches.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { accepted, look } from '../support/messages.js';
import { accept, acceptBulk, answered, ScriptedProvider } from '../support/scripted-provider.js';
import { setCredential, stop, sync } from '../support/stop-lists.js';
import { appAt, configOf, type TestApp } from '../support/test-app.js';

// By real time: the database's clock and the processes' own. What is asserted is what must hold on a slow machine too.
/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const PER_MINUTE = 3_000;
const PER_SECOND = PER_MINUTE / 60;

let database: TestDatabase;
let app: TestApp;
let second: TestApp;
let provider: ScriptedProvider;

beforeEach(async () => {
  database = await createDatabase();
  provider = new ScriptedProvider('smspartner');
  const env = { PROVIDER_RATE_PER_MINUTE: String(PER_MINUTE) };
  app = await appAt(TUESDAY, { provider, databaseUrl: database.ownerUrl, env });
  second = await appAt(TUESDAY, { provider, databaseUrl: database.ownerUrl, env });
});
afterEach(async () => {
  await app.close();
  await second.close();
  await database.drop();
});

/** A process of its own, on the same database. */
const rateOf = (of: TestApp, perMinute = PER_MINUTE, limits = of.nest.get(RateLimitStore)): ProviderRate => {
  const config = configOf({ DATABASE_URL: 'postgresql://x', PROVIDER_RATE_PER_MINUTE: String(perMinute) });
  return new ProviderRate(config, of.nest.get(Transactions), limits, of.nest.get(Providers));
};

/** The most of these instants that a second sliding over them ever holds. */
function mostInASecond(instants: readonly number[]): number {
  const inOrder = instants.toSorted((a, b) => a - b);
  let most = 0;
  let begin = 0;
  for (const [index, instant] of inOrder.entries()) {
    while (instant - (inOrder[begin] ?? instant) >= 1_000) begin += 1;
    most = Math.max(most, index - begin + 1);
  }
  return most;
}

/** When this many calls could start, all of them wanted at once. */
async function turns(rate: ProviderRate, count: number): Promise<number[]> {
  const instants: number[] = [];
  const one = async (): Promise<void> => {
    await rate.turn();
    instants.push(performance.now());
  };
  await Promise.all(Array.from({ length: count }, one));
  return instants;
}

const rows = () => app.sql('select name from rate_limits');

function standStill(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** A database whose first answer takes its time, once it has been given. */
class LateAnswer extends RateLimitStore {
  private lateMs = 300;

  override async reserve(tx: Tx, name: string, spacingMs: number, slots: number): Promise<number> {
    const waitMs = await super.reserve(tx, name, spacingMs, slots);
    const lateMs = this.lateMs;
    this.lateMs = 0;
    if (lateMs > 0) await setTimeout(lateMs);
    return waitMs;
  }
}

describe('two processes on one database', () => {
  test('together start no more calls than the limit in any second', async () => {
    const instants = await Promise.all([turns(rateOf(app), 60), turns(rateOf(second), 60)]);
    expect(instants.flat()).toHaveLength(120);
    expect(mostInASecond(instants.flat())).toBeLessThanOrEqual(PER_SECOND);
  });

  test('do not catch up in a burst when one of them stood still', async () => {
    const both = Promise.all([turns(rateOf(app), 45), turns(rateOf(second), 45)]);
    await setTimeout(150);
    standStill(400);
    expect(mostInASecond((await both).flat())).toBeLessThanOrEqual(PER_SECOND);
  });

  test('give back what they do not use, and start no more calls for it', async () => {
    const instants: number[] = [];
    const worker = async (rate: ProviderRate): Promise<void> => {
      for (let call = 0; call < 12; call += 1) {
        const slot = await rate.take();
        if (call % 3 === 0) {
          rate.giveBack(slot);
          continue;
        }
        await rate.until(slot);
        instants.push(performance.now());
      }
    };
    const rates = [rateOf(app), rateOf(second)];
    await Promise.all(rates.flatMap(rate => Array.from({ length: 6 }, () => worker(rate))));
    expect(instants).toHaveLength(96);
    expect(mostInASecond(instants)).toBeLessThanOrEqual(PER_SECOND);
  });

  test('hold the limit though an answer of the database took its time', async () => {
    const late = rateOf(app, PER_MINUTE, new LateAnswer());
    const instants = await Promise.all([turns(late, 40), turns(rateOf(second), 60)]);
    expect(mostInASecond(instants.flat())).toBeLessThanOrEqual(PER_SECOND);
  });

  test('that send and ask hold it in all: single calls, bulk calls and questions', async () => {
    const instants: number[] = [];
    const timed = <Given, Said>(say: (given: Given) => Said) => {
      return (given: Given): Said => {
        instants.push(performance.now());
        return say(given);
      };
    };
    provider.otherwise = timed(accept);
    provider.otherwiseBulk = timed(acceptBulk);
    provider.onStatuses = timed(() => answered([]));
    const tenant = await app.tenant();
    const messages = [];
    for (let index = 0; index < 50; index += 1) {
      messages.push(await accepted(tenant.gql, { to: [numberOf(index)], sender: `BOUTIQUE${index}` }));
    }
    await acceptedBatch(tenant.gql, { messages: pairs(20) });
    await Promise.all([app.tick(), second.tick()]);
    for (const { clock } of [app, second]) clock.advance({ minutes: 30 });
    await Promise.all([app.tick(), second.tick()]);
    expect(instants.length).toBeGreaterThanOrEqual(101);
    expect(mostInASecond(instants)).toBeLessThanOrEqual(PER_SECOND);
    for (const { id } of messages) expect((await look(tenant.gql, id)).status).toBe('SENT');
  });
});

test('what keeps opt-outs in step with an account holds the limit as well', async () => {
  const instants: number[] = [];
  const own = await appAt(TUESDAY, {
    provider,
    env: { PROVIDER_RATE_PER_MINUTE: String(PER_MINUTE), SMS_PROVIDER: 'smspartner' },
  });
  const tenant = await own.tenant();
  await setCredential(own, tenant, 'cle-du-client-0123456789');
  for (const { to } of pairs(80)) await stop(tenant.gql, to);
  provider.onAddOptOut = () => {
    instants.push(performance.now());
    return answered('7');
  };
  await sync(own);
  await own.close();
  expect(instants).toHaveLength(80);
  expect(mostInASecond(instants)).toBeLessThanOrEqual(PER_SECOND);
});

describe('there is no limit', () => {
  test('where PROVIDER_RATE_PER_MINUTE is 0: nobody waits, and no row is written', async () => {
    const unlimited = rateOf(app, 0);
    expect(await unlimited.take()).toBeNull();
    expect(await turns(unlimited, 500)).toHaveLength(500);
    expect(await rows()).toEqual([]);
  });

  test('for the simulator, however low it is set', async () => {
    const simulated = await appAt(TUESDAY, { env: { PROVIDER_RATE_PER_MINUTE: '1' } });
    const tenant = await simulated.tenant();
    for (let index = 0; index < 5; index += 1) await accepted(tenant.gql, { to: [numberOf(index)] });
    await simulated.tick();
    expect(simulated.simulator.accepted).toHaveLength(5);
    expect(await simulated.sql('select name from rate_limits')).toEqual([]);
    await simulated.close();
  });
});

test('a slot that is far off is not waited for at once by a call that is still to be prepared', async () => {
  const slow = rateOf(app, 120);
  const begun = performance.now();
  const slots = [await slow.take(), await slow.take()];
  // Half a second apart: the first is there, the second may be prepared half a second before.
  expect(slots[1]).toBeGreaterThan((slots[0] ?? 0) + 490);
  await slow.until(slots[1] ?? null);
  expect(performance.now()).toBeGreaterThanOrEqual(slots[1] ?? Infinity);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(490);
});
