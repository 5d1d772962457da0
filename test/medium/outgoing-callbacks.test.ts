import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CallbacksWorkers } from '../../src/callbacks/index.js';
import { CallTenants } from '../../src/callbacks/outgoing/call-tenants.js';
import { WebhookDeliveryStore } from '../../src/callbacks/outgoing/webhook-delivery.store.js';
import { Transactions } from '../../src/kernel/index.js';
import { createDatabase, query } from '../support/database.js';
import { answer, Receiver } from '../support/receiver.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const ENV = { WEBHOOK_ALLOW: '127.0.0.0/8' };
const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const SCHEDULE = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

let app: TestApp;
let tenant: TestTenant;
let receiver: Receiver;
beforeEach(async () => {
  app = await appAt(TUESDAY, { env: ENV });
  tenant = await app.tenant();
  receiver = await Receiver.start();
});
afterEach(async () => {
  await receiver.close();
  await app.close();
});

/** Calls to be made at once; their bodies say which is which. */
async function due(
  url: string,
  { of = tenant, count = 1, by = app }: { of?: TestTenant; count?: number; by?: TestApp } = {},
): Promise<void> {
  await by.sql(
    `insert into webhook_deliveries (tenant_id, id, event_type, url, payload, state, attempts, due_at, created_at)
     select $1, gen_random_uuid(), 'receipt', $2, '{"call":' || n || '}', 'PENDING', 0, $3, $3
       from generate_series(1, $4::int) n`,
    [of.id, url, TUESDAY, count],
  );
}

interface Kept extends Record<string, unknown> {
  readonly state: string;
  readonly attempts: number;
  readonly last_status_code: number | null;
  readonly last_error: string | null;
  readonly due_at: Date | null;
  readonly lease: string | null;
  readonly ended_at: Date | null;
}

const kept = (of = tenant): Promise<Kept[]> =>
  app.sql<Kept>(
    `select state, attempts, last_status_code, last_error, due_at, lease, ended_at from webhook_deliveries
      where tenant_id = $1 order by id`,
    [of.id],
  );

const thrice = <T>(value: T): T[] => Array.from({ length: 3 }, () => value);

/** How often it has been called by now, everything due being done. */
async function callsAfter(seconds: number): Promise<number> {
  app.clock.advance({ seconds });
  await app.tick();
  return receiver.received.length;
}

describe('a call to a tenant', () => {
  test('is made once and is over with 2xx', async () => {
    await due(receiver.url('/dlr.php?key=1&x=a%20b'));
    await app.tick();
    expect(receiver.received).toMatchObject([
      {
        method: 'POST',
        path: '/dlr.php?key=1&x=a%20b',
        body: '{"call":1}',
        headers: { 'content-type': 'application/json', 'user-agent': 'Relais' },
      },
    ]);
    expect(await kept()).toEqual([
      {
        state: 'DELIVERED',
        attempts: 1,
        last_status_code: 200,
        last_error: null,
        due_at: null,
        lease: null,
        ended_at: new Date(TUESDAY),
      },
    ]);
    expect(await callsAfter(100 * HOUR)).toBe(1);
  });

  test('carries nothing but its body: no signature and no trace of us', async () => {
    await due(receiver.url());
    await app.tick();
    const names = Object.keys(receiver.received[0]?.headers ?? {});
    expect(names.toSorted()).toEqual(['connection', 'content-length', 'content-type', 'host', 'user-agent']);
  });

  test('that fails comes again after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h, and is then given up', async () => {
    receiver.answering = answer(500);
    await due(receiver.url());
    expect(await callsAfter(0)).toBe(1);
    for (const [index, delay] of SCHEDULE.entries()) {
      expect(await callsAfter(delay * 0.89)).toBe(index + 1);
      expect(await kept()).toMatchObject([
        { state: 'PENDING', attempts: index + 1, last_status_code: 500, lease: null },
      ]);
      expect(await callsAfter(delay * 0.22)).toBe(index + 2);
    }
    expect(await kept()).toMatchObject([
      { state: 'FAILED', attempts: 10, last_status_code: 500, last_error: 'answered 500', due_at: null },
    ]);
    expect(await callsAfter(1_000 * HOUR)).toBe(10);
    expect(new Set(receiver.received.map(({ body }) => body))).toEqual(new Set(['{"call":1}']));
  });

  test('whose receiver is dead for hours arrives when it is back', async () => {
    const { port } = receiver;
    const url = receiver.url('/back');
    await receiver.close();
    await due(url, { count: 3 });
    for (const delay of [0, ...SCHEDULE.slice(0, 4)]) await callsAfter(delay * 1.11);
    expect(await kept()).toMatchObject(
      thrice({ state: 'PENDING', attempts: 5, last_status_code: null, last_error: 'no answer (ECONNREFUSED)' }),
    );
    receiver = await Receiver.start('127.0.0.1', port);
    expect(await callsAfter(6 * HOUR)).toBe(3);
    expect(await kept()).toMatchObject(thrice({ state: 'DELIVERED', attempts: 6, last_error: null }));
  });

  test('that is answered 410 is given up at once', async () => {
    receiver.answering = answer(410);
    await due(receiver.url());
    await app.tick();
    expect(await kept()).toMatchObject([{ state: 'FAILED', attempts: 1, last_status_code: 410, due_at: null }]);
    expect(await callsAfter(100 * HOUR)).toBe(1);
  });

  test('waits as long as the receiver asks for', async () => {
    receiver.answering = answer(503, { 'retry-after': '3600' });
    await due(receiver.url());
    await app.tick();
    expect(await callsAfter(HOUR - 1)).toBe(1);
    expect(await callsAfter(1)).toBe(2);
  });

  test('is not led astray by a redirect, which is no success', async () => {
    receiver.answering = answer(302, { location: receiver.url('/elsewhere') });
    await due(receiver.url('/here'));
    await app.tick();
    expect(receiver.received.map(({ path }) => path)).toEqual(['/here']);
    expect(await kept()).toMatchObject([{ state: 'PENDING', last_status_code: 302 }]);
  });

  test('that leads inside does not leave, and is tried again: the DNS may be mended', async () => {
    await due('http://10.0.0.1/');
    await app.tick();
    expect(await kept()).toMatchObject([
      {
        state: 'PENDING',
        attempts: 1,
        last_status_code: null,
        last_error: 'it leads to a private, local or reserved address',
      },
    ]);
  });
});

/** Keeps every request waiting until told; says how many waited at once at most. */
class Gate {
  mostAtOnce = 0;
  private held: ServerResponse[] = [];

  constructor(private readonly at: Receiver) {
    at.answering = response => {
      this.held.push(response);
      this.mostAtOnce = Math.max(this.mostAtOnce, this.held.length);
    };
  }

  open(): void {
    this.at.answering = answer(200);
    for (const response of this.held.splice(0)) response.writeHead(200).end();
  }
}

describe('receivers that hang', () => {
  test("do not delay another tenant's calls, however many of theirs wait", async () => {
    const dead = await Receiver.start();
    const gate = new Gate(dead);
    for (let count = 0; count < 6; count += 1) await due(dead.url(), { of: await app.tenant(), count: 30 });
    await due(receiver.url(), { count: 50 });
    const ticking = app.tick();
    await receiver.has(50);
    // Eight of each of the six are under way, and no more of them.
    await dead.has(48);
    expect(gate.mostAtOnce).toBe(48);
    gate.open();
    await ticking;
    expect(dead.received).toHaveLength(180);
    expect((await kept()).map(({ state }) => state)).toEqual(Array(50).fill('DELIVERED'));
    await dead.close();
  });
});

describe('a worker that died', () => {
  test('in a call leaves it to the next once its lease is over', async () => {
    await due(receiver.url());
    expect(await app.nest.get(CallTenants).claim(10)).toHaveLength(1);
    expect(await callsAfter(29)).toBe(0);
    expect(await callsAfter(2)).toBe(1);
    expect(await kept()).toMatchObject([{ state: 'DELIVERED', attempts: 1 }]);
  });

  test('and comes back late changes nothing: it no longer holds the call', async () => {
    await due(receiver.url());
    const calls = app.nest.get(CallTenants);
    const [held] = await calls.claim(10);
    app.clock.advance({ seconds: 31 });
    receiver.answering = answer(500);
    await app.tick();
    const before = await kept();
    expect(before).toMatchObject([{ state: 'PENDING', attempts: 1, last_status_code: 500 }]);
    receiver.answering = answer(410);
    if (held !== undefined) await calls.call(held);
    expect(receiver.received).toHaveLength(2);
    expect(await kept()).toEqual(before);
  });

  test('at a shutdown is no worker that died: what is under way is brought to its end', async () => {
    const database = await createDatabase();
    const going = await appAt(TUESDAY, { env: ENV, databaseUrl: database.ownerUrl });
    const gate = new Gate(receiver);
    await due(receiver.url(), { of: await going.tenant(), count: 3, by: going });
    const ticking = going.tick();
    await receiver.has(3);
    let drained = false;
    const draining = going.nest
      .get(CallbacksWorkers)
      .beforeApplicationShutdown()
      .then(() => (drained = true));
    await due(receiver.url(), { of: await going.tenant(), by: going });
    expect(drained).toBe(false);
    const closing = going.close();
    gate.open();
    await Promise.all([ticking, draining, closing]);
    // What came after the end was in sight is left to whoever comes next.
    expect(receiver.received).toHaveLength(3);
    expect(
      await query(database.ownerUrl, `select state, lease from webhook_deliveries where state <> 'PENDING'`),
    ).toEqual(thrice({ state: 'DELIVERED', lease: null }));
    await database.drop();
  });
});

describe('isolation', () => {
  test("another tenant's call cannot be settled, even by who knows its lease", async () => {
    await due(receiver.url());
    const other = await app.tenant();
    const [held] = await app.nest.get(CallTenants).claim(1);
    if (held === undefined) throw new Error('nothing was claimed');
    const store = app.nest.get(WebhookDeliveryStore);
    const end = { state: 'DELIVERED', lastStatusCode: 200, lastError: null, dueAt: null, endedAt: null } as const;
    const settle = (tenantId: TestTenant['id'], as: TestTenant['id']) =>
      app.nest.get(Transactions).run(as, tx => store.settle(tx, { ...held, tenantId }, end));
    expect(await settle(other.id, other.id)).toBe(false);
    expect(await settle(tenant.id, other.id)).toBe(false);
    expect(
      await app.nest.get(Transactions).run(other.id, tx => store.held(tx, [tenant.id], [held.id], held.lease)),
    ).toEqual([]);
    expect(await settle(tenant.id, tenant.id)).toBe(true);
  });

  test('nobody holds what was never claimed', async () => {
    await due(receiver.url());
    const store = app.nest.get(WebhookDeliveryStore);
    const held = await app.nest.get(Transactions).run(tenant.id, tx => store.held(tx, [tenant.id], [], randomUUID()));
    expect(held).toEqual([]);
  });
});
