import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClaimSubmissions } from '../../src/messaging/leaving/claim-submissions.js';
import { PrepareAttempt } from '../../src/messaging/leaving/prepare-attempt.js';
import { chargesOf, refundsOf } from '../support/attempts.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { accepted, look, type MessageView } from '../support/messages.js';
import { accept, REFUSED, ScriptedProvider } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const EVENING = '2026-01-13T19:30:00.000Z';
const WEDNESDAY_8 = '2026-01-14T07:00:00.000Z';
const MESSAGES = 60;

let database: TestDatabase;
let provider: ScriptedProvider;
let apps: readonly [TestApp, TestApp];
let tenants: readonly TestTenant[];

beforeEach(async () => {
  database = await createDatabase();
  provider = new ScriptedProvider();
  provider.otherwise = async sms => {
    await nextTurn();
    return accept(sms);
  };
  const options = { provider, databaseUrl: database.ownerUrl };
  apps = [await appAt(TUESDAY, options), await appAt('2026-01-13T10:00:01Z', options)];
  tenants = [await apps[0].tenant(), await apps[0].tenant(), await apps[0].tenant()];
});
afterEach(async () => {
  for (const app of apps) await app.close();
  await database.drop();
});

/** Both at this instant. */
const set = (instant: string): void => apps.forEach(({ clock }) => clock.set(instant));
const tickBoth = async (): Promise<void> => {
  await Promise.all(apps.map(app => app.tick()));
};
const numberOf = (index: number): string => `+336${String(10_000_000 + index)}`;

/** Many messages to one recipient each, of three tenants, each recipient once; from a sender each, so that each needs a call. */
async function acceptMany(count: number): Promise<{ tenant: TestTenant; message: MessageView }[]> {
  const messages = [];
  for (let index = 0; index < count; index += 1) {
    const tenant = tenants[index % tenants.length];
    if (tenant === undefined) throw new Error('no tenant');
    messages.push({
      tenant,
      message: await accepted(tenant.gql, { to: [numberOf(index)], sender: `BOUTIQUE${index}` }),
    });
  }
  return messages;
}

const called = (): string[] => provider.recipients.flat().toSorted();
const everyone = (count: number): string[] => Array.from({ length: count }, (_, index) => numberOf(index)).toSorted();

test('two processes that share the work call for each submission exactly once', async () => {
  const messages = await acceptMany(MESSAGES);
  set('2026-01-13T10:00:02Z');
  await Promise.all([tickBoth(), tickBoth()]);
  expect(called()).toEqual(everyone(MESSAGES));
  expect(new Set(provider.tags).size).toBe(MESSAGES);
  expect(provider.mostAtOnce).toBeGreaterThan(1);
  for (const { tenant, message } of messages) expect((await look(tenant.gql, message.id)).status).toBe('SENT');
});

test('claims at the same moment never give the same submission to two, and leave none behind', async () => {
  await acceptMany(40);
  set('2026-01-13T10:00:02Z');
  const claimers = [...apps, ...apps, ...apps, ...apps].map(({ nest }) => nest.get(ClaimSubmissions));
  const first = (await Promise.all(claimers.map(claims => claims.execute('QUEUED', 5)))).flat();
  expect(new Set(first.map(({ id }) => id)).size).toBe(first.length);
  // Rows that one claimer had locked while another looked are found by the next look.
  const rest = await apps[0].nest.get(ClaimSubmissions).execute('QUEUED', 40);
  expect(new Set([...first, ...rest].map(({ id }) => id)).size).toBe(40);
  expect(first.length + rest.length).toBe(40);
});

test('in the morning two processes release each held submission exactly once', async () => {
  set(EVENING);
  const messages = await acceptMany(MESSAGES);
  set(WEDNESDAY_8);
  await Promise.all([tickBoth(), tickBoth()]);
  // One of the two may have looked for calls before the other had released the last.
  await tickBoth();
  expect(called()).toEqual(everyone(MESSAGES));
  for (const { tenant, message } of messages) {
    const { status, timeline } = await look(tenant.gql, message.id);
    expect(status).toBe('SENT');
    // Of one instant and two processes, so their order is anybody's.
    const kinds = timeline.map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(['accepted', 'attempt', 'held', 'released', 'sent']);
  }
});

test('two processes that find the same dead call begin its doubt once', async () => {
  const messages = await acceptMany(12);
  set('2026-01-13T10:00:02Z');
  for (const claimed of await apps[0].nest.get(ClaimSubmissions).execute('QUEUED', 12)) {
    await apps[0].nest.get(PrepareAttempt).execute(claimed);
  }
  set('2026-01-13T10:00:32Z');
  await Promise.all([tickBoth(), tickBoth()]);
  expect(provider.calls).toEqual([]);
  for (const { tenant, message } of messages) {
    const { status, timeline } = await look(tenant.gql, message.id);
    expect(status).toBe('UNCONFIRMED');
    expect(timeline.filter(({ kind }) => kind === 'unconfirmed')).toHaveLength(1);
  }
});

test('what two processes find refused is paid back once, and every balance is the sum of its ledger', async () => {
  provider.otherwise = REFUSED;
  const messages = await acceptMany(30);
  set('2026-01-13T10:00:02Z');
  await Promise.all([tickBoth(), tickBoth()]);
  expect(called()).toEqual(everyone(30));
  for (const { message } of messages) {
    expect(await refundsOf(apps[0], message.id)).toEqual(['0.0450']);
    expect(await chargesOf(apps[0], message.id)).toEqual(['RETURNED']);
  }
  const odd = await apps[0].sql(
    `select b.tenant_id from balances b where b.amount <> (select sum(l.amount) from ledger_entries l where l.tenant_id = b.tenant_id)`,
  );
  expect(odd).toEqual([]);
});
