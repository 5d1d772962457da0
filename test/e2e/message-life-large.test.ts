import { afterEach, expect, test } from 'vitest';
import type { GraphqlClient } from '../support/graphql-client.js';
import { accepted, balanceOf, look } from '../support/messages.js';
import { appAt, type TestApp } from '../support/test-app.js';

let app: TestApp;
afterEach(() => app.close());

/** `count` mobiles that begin so; none ends in one of the simulator's magic numbers. */
const mobiles = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index + 1_000)}`);

const METROPOLE = mobiles('+3361234', 700);
const REUNION = mobiles('+26269212', 300);
const MARTINIQUE = mobiles('+59669634', 200);

/** Interleaved, as a tenant's list is. */
const EVERYONE = METROPOLE.flatMap((number, index) =>
  [number, REUNION[index], MARTINIQUE[index]].filter(one => one !== undefined),
);

interface Part extends Record<string, unknown> {
  readonly territory: string;
  readonly state: string;
  readonly recipients: number;
  readonly territories: number;
}

const parts = (id: string): Promise<Part[]> =>
  app.sql<Part>(
    `select s.territory, s.state, count(*)::int as recipients, count(distinct d.territory)::int as territories
       from submissions s join deliveries d on d.tenant_id = s.tenant_id and d.submission_id = s.id
      where s.message_id = $1 group by s.id, s.territory, s.state order by s.territory, recipients desc`,
    [id],
  );

const reached = (): string[] => app.simulator.accepted.flatMap(({ sms }) => [...sms.recipients]);

/** Every delivery of a message, page by page, and what the connection says of their number. */
async function allDeliveries(gql: GraphqlClient, id: string, status: string | null) {
  const document = `query ($id: ID!, $status: DeliveryStatus, $after: String) { message(id: $id) {
    deliveries(status: $status, first: 500, after: $after) {
      totalCount nodes { phoneNumber } pageInfo { hasNextPage endCursor } } } }`;
  interface Page {
    readonly totalCount: number;
    readonly nodes: readonly { readonly phoneNumber: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  }
  const numbers: string[] = [];
  const sizes: number[] = [];
  let totalCount = 0;
  for (let after: string | null = null, more = true; more;) {
    const data: { message: { deliveries: Page } } = await gql.run(document, { id, status, after });
    const page = data.message.deliveries;
    numbers.push(...page.nodes.map(node => node.phoneNumber));
    sizes.push(page.nodes.length);
    totalCount = page.totalCount;
    after = page.pageInfo.endCursor;
    more = page.pageInfo.hasNextPage;
  }
  return { numbers, sizes, totalCount };
}

test('1,200 recipients in three territories leave by territory, at most 500 a call, each in its own hours, none twice', async () => {
  // Monday 18:00 in Paris, 21:00 in Réunion, 13:00 in Martinique.
  app = await appAt('2026-01-12T17:00:00Z');
  const { gql } = await app.tenant();
  const message = await accepted(gql, { to: EVERYONE });
  expect(message).toMatchObject({ status: 'QUEUED', recipientCount: 1_200, cost: '54.0000' });
  expect(await balanceOf(gql)).toBe('46.0000');
  expect(await parts(message.id)).toEqual([
    { territory: 'MARTINIQUE', state: 'QUEUED', recipients: 200, territories: 1 },
    { territory: 'METROPOLE', state: 'QUEUED', recipients: 500, territories: 1 },
    { territory: 'METROPOLE', state: 'QUEUED', recipients: 200, territories: 1 },
    { territory: 'REUNION', state: 'HELD', recipients: 300, territories: 1 },
  ]);
  expect(message.holds.map(({ territory, recipients, releaseAt }) => [territory, recipients, releaseAt])).toEqual([
    ['REUNION', 300, '2026-01-13T04:00:00.000Z'],
  ]);
  expect(message.waiting.map(({ kind, recipients }) => `${kind} ${recipients}`).toSorted()).toEqual([
    'LAW 300',
    'QUEUE 900',
  ]);

  await app.tick();
  expect(app.simulator.accepted.map(({ sms }) => sms.recipients.length).toSorted((a, b) => a - b)).toEqual([
    200, 200, 500,
  ]);
  expect(reached().toSorted()).toEqual([...METROPOLE, ...MARTINIQUE].toSorted());
  expect(await look(gql, message.id)).toMatchObject({ status: 'HELD', counts: { sent: 900, waiting: 300 } });
  expect(await allDeliveries(gql, message.id, 'SENT')).toMatchObject({ sizes: [500, 400], totalCount: 900 });
  const waiting = await allDeliveries(gql, message.id, 'WAITING');
  expect(waiting).toMatchObject({ sizes: [300], totalCount: 300 });
  // In the order in which they were given.
  expect(waiting.numbers).toEqual(REUNION);

  app.clock.set('2026-01-13T04:00:00Z');
  await app.tick();
  app.clock.advance({ seconds: 2 });
  await app.tick();
  expect(reached()).toHaveLength(1_200);
  expect(new Set(reached())).toEqual(new Set(EVERYONE));
  expect(app.simulator.accepted.map(({ sms }) => sms.recipients.length).toSorted((a, b) => a - b)).toEqual([
    200, 200, 300, 500,
  ]);
  expect(new Set(app.simulator.accepted.map(({ sms }) => sms.tag)).size).toBe(4);
  const done = await look(gql, message.id);
  expect(done).toMatchObject({ status: 'COMPLETED', counts: { delivered: 1_200, sent: 0, waiting: 0 }, waiting: [] });
  // Receipts are told together, so that the timeline stays readable.
  expect(done.timeline.length).toBeLessThan(20);
  expect(await balanceOf(gql)).toBe('46.0000');

  const all = await allDeliveries(gql, message.id, null);
  expect(all).toMatchObject({ sizes: [500, 500, 200], totalCount: 1_200 });
  expect(new Set(all.numbers)).toEqual(new Set(EVERYONE));
  expect(await allDeliveries(gql, message.id, 'UNDELIVERED')).toEqual({ numbers: [], sizes: [0], totalCount: 0 });
});

test('10,000 recipients are accepted in one go, and 10,001 are refused', async () => {
  app = await appAt('2026-01-12T10:00:00Z');
  const { gql } = await app.tenant({ credit: '1000.0000' });
  const crowd = Array.from({ length: 10_001 }, (_, index) => `+336123${String(index).padStart(5, '0')}`);
  const message = await accepted(gql, { to: crowd.slice(0, 10_000) });
  expect(message).toMatchObject({ recipientCount: 10_000, cost: '450.0000' });
  expect((await parts(message.id)).map(part => part.recipients)).toEqual(Array.from({ length: 20 }, () => 500));
  const { data } = await gql.ask<{ sendSms: { problems: unknown } }>(
    'mutation ($input: SendSmsInput!) { sendSms(input: $input) { ... on InvalidSms { problems { path code } } } }',
    { input: { to: crowd, text: 'Bonjour' } },
  );
  expect(data?.sendSms.problems).toEqual([{ path: ['to'], code: 'TOO_MANY_RECIPIENTS' }]);
  expect(await balanceOf(gql)).toBe('550.0000');
});
