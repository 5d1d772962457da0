import { afterAll, beforeAll, expect, test } from 'vitest';
import { accepted } from '../support/messages.js';
import { statementsOf } from '../support/statements.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

let app: TestApp;
let tenant: TestTenant;
beforeAll(async () => {
  app = await appAt('2026-01-13T10:00:00.000Z');
  tenant = await app.tenant();
  for (let index = 0; index < 30; index += 1) {
    await accepted(tenant.gql, { to: ['+33612345678', '+33612345679', `+336${20_001_000 + index}`] });
  }
  // To the provider, and then the receipts of them all.
  for (let round = 0; round < 5; round += 1) {
    app.clock.advance({ seconds: 2 });
    await app.tick();
  }
});
afterAll(() => app.close());

const ALL = `query ($first: Int!) { messages(first: $first) { nodes {
  id status releaseAt counts { sent delivered } holds { rule } waiting { kind }
  timeline { kind detail }
  deliveries(first: 2) { totalCount nodes { phoneNumber status } pageInfo { hasNextPage endCursor } }
  delivered: deliveries(status: DELIVERED, first: 1) { totalCount nodes { status } }
} pageInfo { hasNextPage } } }`;

interface Node {
  readonly id: string;
  readonly timeline: readonly { readonly kind: string }[];
  readonly deliveries: { readonly totalCount: number; readonly nodes: readonly unknown[] };
  readonly delivered: { readonly totalCount: number; readonly nodes: readonly unknown[] };
}

async function asked(first: number): Promise<{ nodes: readonly Node[]; statements: number }> {
  let nodes: readonly Node[] = [];
  const statements = await statementsOf(async () => {
    ({ nodes } = (await tenant.gql.run<{ messages: { nodes: Node[] } }>(ALL, { first })).messages);
  });
  return { nodes, statements: statements.filter(sql => /\bfrom\b/i.test(sql)).length };
}

test('thirty messages with their deliveries, counts and timelines cost as many statements as two', async () => {
  // The key is looked up now, and is good for a second of a clock that stands still.
  await asked(1);
  const two = await asked(2);
  const thirty = await asked(30);
  expect(two.nodes).toHaveLength(2);
  expect(thirty.nodes).toHaveLength(30);
  expect(thirty.statements).toBe(two.statements);
  expect(two.statements).toBeLessThanOrEqual(15);
  for (const { deliveries, delivered, timeline } of thirty.nodes) {
    expect(deliveries).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
    expect(deliveries.nodes).toHaveLength(2);
    expect(delivered).toMatchObject({ totalCount: 3, nodes: [{ status: 'DELIVERED' }] });
    expect(timeline.map(({ kind }) => kind)).toEqual(['accepted', 'attempt', 'sent', 'receipt']);
  }
});
