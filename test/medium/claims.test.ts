import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asTenantId, Clock, Ids, PLATFORM, Transactions, type Tx } from '../../src/kernel/index.js';
import { Breakers } from '../../src/messaging/leaving/breakers.js';
import { ClaimSubmissions } from '../../src/messaging/leaving/claim-submissions.js';
import { Providers } from '../../src/providers/index.js';
import { ClaimStore } from '../../src/messaging/leaving/claim.store.js';
import type { ClaimedSubmission } from '../../src/messaging/submission.store.js';
import { appAt, type TestApp } from '../support/test-app.js';

const NOW = '2026-01-13T10:00:00.000Z';
const EARLIER = '2026-01-13T09:00:00.000Z';
const LATER = '2026-01-13T10:00:00.001Z';

let app: TestApp;
let claims: ClaimSubmissions;
beforeEach(async () => {
  app = await appAt(NOW);
  claims = app.nest.get(ClaimSubmissions);
});
afterEach(() => app.close());

/** The tenant with this place in the order in which claims go round. */
const tenantAt = (place: number): string => `0198a1b2-0000-7000-8000-${String(place).padStart(12, '0')}`;
const placeOf = ({ tenantId }: { readonly tenantId: string }): number => Number(tenantId.slice(-12));

/** Tenants 1 to `count`, each with a message for its submissions. */
async function tenants(count: number, status = 'ACTIVE'): Promise<void> {
  await app.sql(
    `insert into tenants (id, name, status, default_category, transactional_allowed, unicode_allowed, quiet_hours_enforced,
                          resend_when_absent, currency, created_at)
     select ('0198a1b2-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'T' || n, $2, 'COMMERCIAL', true, true, true, true, 'EUR', $3
       from generate_series(1, $1::int) n`,
    [count, status, EARLIER],
  );
  await app.sql(
    `insert into messages (tenant_id, id, number, status, category, route, append_stop, unicode, encoding, parts, sandbox,
                           recipient_count, cost, currency, validity_seconds, created_at)
     select id, id, 1000, 'QUEUED', 'COMMERCIAL', 'PREMIUM', false, false, 'GSM_7', 1, false, 1, 0, 'EUR', 3600, created_at
       from tenants`,
  );
}

interface Rows {
  readonly count?: number;
  readonly category?: 'COMMERCIAL' | 'TRANSACTIONAL';
  readonly state?: string;
  readonly dueAt?: string | null;
}

/** Submissions of the tenant at this place; the first is due earliest. */
async function submissions(place: number, rows: Rows = {}): Promise<void> {
  const { count = 1, category = 'COMMERCIAL', state = 'QUEUED', dueAt = EARLIER } = rows;
  await app.sql(
    `insert into submissions (tenant_id, id, message_id, territory, category, state, expires_at, due_at, attempts, wait_since)
     select $1::uuid, gen_random_uuid(), $1::uuid, 'METROPOLE', $3, $4, '2026-01-20T10:00:00Z',
            $5::timestamptz + n * interval '1 microsecond' - interval '1 second', 0, '2026-01-13T09:00:00Z'
       from generate_series(1, $2::int) n`,
    [tenantAt(place), count, category, state, dueAt],
  );
}

const claim = (limit: number, state: 'QUEUED' | 'HELD' | 'SENDING' = 'QUEUED'): Promise<ClaimedSubmission[]> =>
  claims.execute(state, limit);

/** Whom each of these claims served, one after the other. */
async function served(times: number, limit: number): Promise<number[][]> {
  const places = [];
  for (let round = 0; round < times; round += 1) places.push((await claim(limit)).map(placeOf));
  return places;
}

const timesServed = (places: readonly number[]): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
  return counts;
};

describe('what is claimed first', () => {
  test('is transactional of any tenant, before commercial of any', async () => {
    await tenants(3);
    await submissions(1, { count: 5, dueAt: '2026-01-12T09:00:00Z' });
    await submissions(2, { count: 2, category: 'TRANSACTIONAL', dueAt: NOW });
    await submissions(3, { count: 1, category: 'TRANSACTIONAL', dueAt: NOW });
    await submissions(3, { count: 5, dueAt: '2026-01-12T09:00:00Z' });
    const first = await claim(2);
    const second = await claim(2);
    expect(new Set(first.map(placeOf))).toEqual(new Set([2, 3]));
    const urgent = new Set(
      (await app.sql<{ id: string }>(`select id from submissions where category = 'TRANSACTIONAL'`)).map(
        ({ id }) => id,
      ),
    );
    // The last urgent one, and only then a commercial one in the place that is left.
    expect(second.map(({ id }) => urgent.has(id))).toEqual([true, false]);
    expect((await claim(2)).some(({ id }) => urgent.has(id))).toBe(false);
  });

  test('of one tenant is what was due first', async () => {
    await tenants(1);
    await submissions(1, { count: 6 });
    const inOrder = (await app.sql<{ id: string }>('select id from submissions order by due_at')).map(({ id }) => id);
    const claimed = [...(await claim(2)), ...(await claim(2)), ...(await claim(2))].map(({ id }) => id);
    expect(new Set(claimed.slice(0, 2))).toEqual(new Set(inOrder.slice(0, 2)));
    expect(new Set(claimed.slice(0, 4))).toEqual(new Set(inOrder.slice(0, 4)));
    expect(new Set(claimed)).toEqual(new Set(inOrder));
  });
});

describe('tenants take turns', () => {
  test.for([
    [1, 2],
    [2, 1],
  ] as const)(
    'one by one: with 200 long due for tenant %i, the 3 new ones of tenant %i go every other time',
    async ([big, small]) => {
      await tenants(2);
      await submissions(big, { count: 200, dueAt: '2026-01-12T09:00:00Z' });
      await submissions(small, { count: 3 });
      const places = (await served(9, 1)).flat();
      for (const turn of [0, 2, 4]) expect(new Set(places.slice(turn, turn + 2))).toEqual(new Set([1, 2]));
      expect(places.slice(6)).toEqual([big, big, big]);
    },
  );

  test('when one of many is new and all the others have a backlog', async () => {
    await tenants(10);
    for (let place = 1; place <= 10; place += 1) {
      await submissions(place, { count: 50, dueAt: place === 6 ? EARLIER : '2026-01-12T09:00:00Z' });
    }
    const places = (await served(20, 1)).flat();
    expect(timesServed(places.slice(0, 10)).get(6)).toBe(1);
    expect([...timesServed(places).values()]).toEqual(Array.from({ length: 10 }, () => 2));
  });

  test('over several at once: each claim goes on where the last ended, and wraps round', async () => {
    await tenants(5);
    for (let place = 1; place <= 5; place += 1) await submissions(place, { count: 20 });
    const rounds = await served(5, 2);
    expect(rounds).toEqual([
      [1, 2],
      [3, 4],
      [5, 1],
      [2, 3],
      [4, 5],
    ]);
  });

  test('within one claim: nobody gets a second before each had a first', async () => {
    await tenants(3);
    await submissions(1, { count: 100, dueAt: '2026-01-12T09:00:00Z' });
    await submissions(2, { count: 1 });
    await submissions(3, { count: 4 });
    const counts = timesServed((await claim(8)).map(placeOf));
    expect(counts).toEqual(
      new Map([
        [1, expect.any(Number)],
        [2, 1],
        [3, expect.any(Number)],
      ]),
    );
    expect(counts.get(3)).toBeGreaterThanOrEqual(3);
  });

  test('by the state that is claimed: releases do not move the turn of calls', async () => {
    await tenants(3);
    for (let place = 1; place <= 3; place += 1) {
      await submissions(place, { count: 5 });
      await submissions(place, { count: 5, state: 'HELD' });
    }
    const places = [];
    for (let round = 0; round < 3; round += 1) {
      places.push(...(await claim(1)).map(placeOf));
      await claim(2, 'HELD');
    }
    expect(places).toEqual([1, 2, 3]);
  });

  test('120 tenants with one submission each are all served, each once', async () => {
    await tenants(120);
    for (let place = 1; place <= 120; place += 1) await submissions(place);
    const rounds = await served(9, 16);
    expect(rounds.map(places => places.length)).toEqual([16, 16, 16, 16, 16, 16, 16, 8, 0]);
    expect(new Set(rounds.flat()).size).toBe(120);
  });

  test('and with a backlog each, which no look takes in as a whole, every one of 120 has its turn', async () => {
    await tenants(120);
    for (let place = 1; place <= 120; place += 1) await submissions(place, { count: 3 });
    const counts = timesServed((await served(15, 16)).flat());
    expect(counts.size).toBe(120);
    expect(new Set(counts.values())).toEqual(new Set([2]));
  });

  test('with more places than a look takes in tenants, none is left out for long', async () => {
    await tenants(120);
    for (let place = 1; place <= 120; place += 1) await submissions(place);
    const all = (await served(4, 100)).flat();
    expect(new Set(all).size).toBe(120);
    expect(all).toHaveLength(120);
  });
});

describe('a claim takes', () => {
  test('at most as many as it may, over both categories', async () => {
    await tenants(2);
    await submissions(1, { count: 3, category: 'TRANSACTIONAL' });
    for (const place of [1, 2]) await submissions(place, { count: 30 });
    for (const limit of [1, 2, 5, 8]) expect(await claim(limit)).toHaveLength(limit);
  });

  test('under its lease what is due to the instant, and leaves alone what is not, of other states and of suspended tenants', async () => {
    await tenants(3);
    await app.sql(`update tenants set status = 'SUSPENDED' where id = $1`, [tenantAt(2)]);
    await submissions(1, { dueAt: '2026-01-13T10:00:00.999999Z' });
    await submissions(1, { dueAt: '2026-01-13T10:00:01.001Z' });
    await submissions(1, { dueAt: null });
    for (const category of ['COMMERCIAL', 'TRANSACTIONAL'] as const) await submissions(2, { count: 3, category });
    for (const state of ['SCHEDULED', 'HELD', 'SENDING', 'UNCONFIRMED', 'DONE']) await submissions(3, { state });
    const before = await rows();
    const claimed = await claim(16);
    expect(claimed).toHaveLength(1);
    const after = await rows();
    const moved = after.filter(({ id }) => id === claimed[0]?.id);
    expect(moved).toEqual([
      expect.objectContaining({ lease: claimed[0]?.lease, due_at: new Date('2026-01-13T10:00:30Z') }),
    ]);
    const others = ({ id }: { readonly id: string }): boolean => id !== claimed[0]?.id;
    expect(after.filter(others)).toEqual(before.filter(others));
    expect(after.filter(others)).toHaveLength(13);
  });

  test('what a dead process left in mid-call even of a suspended tenant: the doubt is told, whoever may send', async () => {
    await tenants(1, 'SUSPENDED');
    await submissions(1, { state: 'SENDING' });
    await submissions(1, { state: 'HELD' });
    expect(await claim(16, 'SENDING')).toHaveLength(1);
    expect(await claim(16, 'HELD')).toEqual([]);
  });
});

const rows = () =>
  app.sql<{ id: string; lease: string | null; due_at: Date | null }>(
    'select id, lease, due_at from submissions order by id',
  );

/** In a transaction that stays open. */
const leased = (tx: Tx, limit: number): Promise<ClaimedSubmission[]> =>
  app.nest
    .get(ClaimStore)
    .claim(
      tx,
      { state: 'QUEUED', category: 'COMMERCIAL', after: PLATFORM, provider: 'simulator' },
      { id: app.nest.get(Ids).uuid(), now: new Date(NOW), until: new Date('2026-01-13T10:00:30Z'), limit },
    );

const get = <T>(of: abstract new (...parameters: never[]) => T): T => app.nest.get(of);

describe('two claimers at once', () => {
  test.for([1, 3] as const)(
    'in transactions that are both open get different submissions, and both get some: %i tenants',
    async count => {
      await tenants(count);
      for (let place = 1; place <= count; place += 1) await submissions(place, { count: 30 / count });
      const transactions = app.nest.get(Transactions);
      const [first, second] = await transactions.run([], async one => {
        const mine = await leased(one, 10);
        return [mine, await transactions.run([], two => leased(two, 10))];
      });
      expect(first).toHaveLength(10);
      expect(second).toHaveLength(10);
      expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(20);
    },
  );

  test('many times over leave nothing twice and nothing behind', async () => {
    await tenants(7);
    for (let place = 1; place <= 7; place += 1) await submissions(place, { count: 20 });
    const other = new ClaimSubmissions(
      get(Transactions),
      get(ClaimStore),
      get(Ids),
      get(Clock),
      get(Providers),
      get(Breakers),
    );
    const all: ClaimedSubmission[][] = [];
    for (let round = 0; round < 20; round += 1) {
      all.push(...(await Promise.all([claims, other].map(claimer => claimer.execute('QUEUED', 8)))));
    }
    const ids = all.flat().map(({ id }) => id);
    expect(ids).toHaveLength(140);
    expect(new Set(ids).size).toBe(140);
  });
});

test('the walk over 20,000 rows of one tenant reads its index and never the whole table', async () => {
  await tenants(2);
  await submissions(1, { count: 20_000 });
  await submissions(1, { count: 5_000, state: 'DONE', dueAt: null });
  await submissions(2, { count: 3 });
  await app.sql('analyze submissions');
  for (const plan of [await planOf({ generic: true }), await planOf({ generic: false })]) {
    // From tenant to tenant, and to a tenant's first, by the one index itself; not by reading on until something fits.
    expect(plan.match(/using submissions_due on .*\n\s*Index Cond: /g)).toHaveLength(3);
    expect(plan).toMatch(/Index Cond: .*ROW\(.*tenant_id\) > ROW\(/);
    expect(plan).not.toContain('submissions_of_message');
    expect(plan).not.toMatch(/Seq Scan on (public\.)?submissions/);
    expect(plan).not.toMatch(/Bitmap Heap Scan on (public\.)?submissions/);
  }
  expect((await served(2, 1)).flat()).toEqual([1, 2]);
});

const PARAMETERS = [
  ['p_state', `'QUEUED'::text`],
  ['p_category', `'COMMERCIAL'::text`],
  ['p_after', `'${PLATFORM}'::uuid`],
  ['p_now', `'${NOW}'::timestamptz`],
  ['p_lease_until', `'${LATER}'::timestamptz`],
  ['p_lease', `'${asTenantId(tenantAt(1))}'::uuid`],
  ['p_limit', '16::integer'],
] as const;

/** How the database would go about a claim: EXPLAIN does not look into a function, so its body is asked about. */
async function planOf({ generic }: { readonly generic: boolean }): Promise<string> {
  const [source] = await app.sql<{ prosrc: string }>(`select prosrc from pg_proc where proname = 'claim_submissions'`);
  let body = source?.prosrc ?? '';
  for (const [index, [name, value]] of PARAMETERS.entries()) {
    const type = value.split('::')[1] ?? '';
    body = body.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), generic ? `$${index + 1}::${type}` : value);
  }
  const lines = await app.sql<{ 'QUERY PLAN': string }>(`explain (generic_plan ${generic}) ${body}`);
  return lines.map(line => line['QUERY PLAN']).join('\n');
}
