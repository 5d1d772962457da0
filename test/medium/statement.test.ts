import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDecimal } from '../../src/kernel/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type GraphqlAnswer, GraphqlClient } from '../support/graphql-client.js';
import { accepted, acceptedFor, balanceOf, cancel, send } from '../support/messages.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

const OPEN = '2026-01-06T09:00:00.000Z';

let database: TestDatabase;
/** Two processes, the second with a clock that is behind by five minutes. */
let app: TestApp;
let late: TestApp;
beforeAll(async () => {
  database = await createDatabase();
  app = await appAt(OPEN, { databaseUrl: database.ownerUrl });
  late = await appAt('2026-01-06T08:55:00.000Z', { databaseUrl: database.ownerUrl });
});
afterAll(async () => {
  await app.close();
  await late.close();
  await database.drop();
});

interface Entry {
  readonly id: string;
  readonly kind: string;
  readonly amount: string;
  readonly balanceAfter: string;
  readonly messageId: string | null;
  readonly reason: string | null;
}
interface Page {
  readonly nodes: readonly Entry[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
const ask = (
  client: GraphqlClient,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<GraphqlAnswer<{ ledger: Page }>> =>
  client.ask(
    `query ($first: Int, $after: String, $tenantId: ID) { ledger(first: $first, after: $after, tenantId: $tenantId) {
       nodes { id kind amount balanceAfter messageId reason createdAt } pageInfo { hasNextPage endCursor } } }`,
    variables,
  );
async function pageOf(client: GraphqlClient, variables: Readonly<Record<string, unknown>> = {}): Promise<Page> {
  const { data, errors } = await ask(client, variables);
  if (data === null) throw new Error(JSON.stringify(errors));
  return data.ledger;
}

async function allPages(client: GraphqlClient, first: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  let after: string | null = null;
  for (let more = true; more;) {
    const page: Page = await pageOf(client, { first, after });
    entries.push(...page.nodes);
    ({ endCursor: after, hasNextPage: more } = page.pageInfo);
  }
  return entries;
}

const credit = (tenant: TestTenant, amount: string, idempotencyKey: string, through = app): Promise<unknown> =>
  new GraphqlClient(through.url, app.admin.key).ask(
    `mutation ($id: ID!, $amount: Decimal!, $key: String!) {
       creditTenant(id: $id, amount: $amount, reason: "r", idempotencyKey: $key) { id } }`,
    { id: tenant.id, amount, key: idempotencyKey },
  );

/** Oldest first, does each balance follow from the one before it? */
function expectToAddUp(entries: readonly Entry[], balance: string): void {
  let sum = 0n;
  for (const entry of entries.toReversed()) {
    sum += parseDecimal(entry.amount);
    expect(entry).toMatchObject({ balanceAfter: expect.anything() });
    expect([entry.kind, parseDecimal(entry.balanceAfter)]).toEqual([entry.kind, sum]);
  }
  expect(sum).toBe(parseDecimal(balance));
}

describe('a statement', () => {
  test('tells every movement newest first, with what it was for', async () => {
    const { gql } = await app.tenant({ credit: '1.0000' });
    const message = await acceptedFor(gql, '2026-01-07T09:00:00Z');
    await cancel(gql, message.id);
    expect((await pageOf(gql)).nodes).toMatchObject([
      { kind: 'REFUND', amount: '0.0450', balanceAfter: '1.0000', messageId: message.id, reason: 'CANCELLED' },
      { kind: 'RESERVATION', amount: '-0.0450', balanceAfter: '0.9550', messageId: message.id, reason: null },
      { kind: 'CREDIT', amount: '1.0000', balanceAfter: '1.0000', messageId: null, reason: 'test' },
    ]);
  });

  test('adds up over its pages, though two processes with different clocks moved the credit at once', async () => {
    const tenant = await app.tenant({ credit: '2.0000' });
    const there = new GraphqlClient(late.url, tenant.key);
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        await Promise.all([
          send(tenant.gql, { to: ['+33612345678', '+33612345679'] }),
          send(there),
          credit(tenant, index % 3 === 0 ? '-0.1000' : '0.2500', `c-${index}`, index % 2 === 0 ? app : late),
        ]);
      }),
    );
    for (const first of [1, 7, 500]) {
      const entries = await allPages(tenant.gql, first);
      expect(entries).toHaveLength(new Set(entries.map(({ id }) => id)).size);
      expectToAddUp(entries, await balanceOf(tenant.gql));
    }
  });

  test('adds up for a batch, which moves the credit once and is many entries', async () => {
    const { gql } = await app.tenant({ credit: '5.0000' });
    const messages = Array.from({ length: 30 }, (_, index) => ({ to: `+336123456${10 + index}`, text: 'x' }));
    await gql.run('mutation ($input: SendBatchInput!) { sendBatch(input: $input) { __typename } }', {
      input: { messages },
    });
    const entries = await allPages(gql, 4);
    expect(entries).toHaveLength(31);
    expectToAddUp(entries, await balanceOf(gql));
  });

  test('goes on where it was while new movements come', async () => {
    const { gql } = await app.tenant({ credit: '5.0000' });
    for (let time = 0; time < 4; time += 1) await accepted(gql);
    const first = await pageOf(gql, { first: 2 });
    await accepted(gql);
    const second = await pageOf(gql, { first: 50, after: first.pageInfo.endCursor });
    expectToAddUp([...first.nodes, ...second.nodes], '4.8200');
  });

  test('is of one’s own tenant: another’s cursor shows nothing of it, and naming it needs ADMIN', async () => {
    const [mine, other] = [await app.tenant(), await app.tenant()];
    const theirs = await pageOf(other.gql);
    expect(
      (await pageOf(mine.gql, { after: Buffer.from(theirs.nodes[0]?.id ?? '').toString('base64url') })).nodes,
    ).toEqual([]);
    expect((await ask(mine.gql, { tenantId: other.id })).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await pageOf(app.admin, { tenantId: other.id })).nodes).toEqual(theirs.nodes);
    expect((await ask(app.admin)).errors[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test.for([
    ['READ', true],
    ['MANAGE', true],
    ['SEND', false],
  ] as const)('%s: %s', async ([scope, opens]) => {
    const { id } = await app.tenant();
    const { errors } = await ask(await app.key(id, [scope]));
    expect(errors.map(error => error.extensions.code)).toEqual(opens ? [] : ['FORBIDDEN']);
  });
});

describe('a negative adjustment below zero', () => {
  test('says what there is, and what can be taken back', async () => {
    const tenant = await app.tenant({ credit: '1.0000' });
    await acceptedFor(tenant.gql, '2026-01-07T09:00:00Z');
    const answer = await credit(tenant, '-1.0000', 'back');
    expect(answer).toMatchObject({
      errors: [
        {
          message: expect.stringMatching(/below zero\. It is 0\.9550 EUR: take back at most that/),
          extensions: { code: 'BAD_USER_INPUT', reason: 'BELOW_ZERO' },
        },
      ],
    });
  });
});

const setPrice = (through: TestApp, input: Readonly<Record<string, unknown>>): Promise<unknown> =>
  new GraphqlClient(through.url, app.admin.key).run(
    'mutation ($input: SetPriceInput!) { setPrice(input: $input) { amount } }',
    { input: { route: 'PREMIUM', ...input } },
  );
const costOf = async (through: TestApp, to: string): Promise<string | undefined> => {
  const tenant = await app.tenant();
  const document = `query ($to: [PhoneNumber!]!) { previewSms(input: { to: $to, text: "x" }) { ... on SmsPreview { cost } } }`;
  const client = new GraphqlClient(through.url, tenant.key);
  return (await client.run<{ previewSms: { cost?: string } }>(document, { to: [to] })).previewSms.cost;
};

describe('a price from now on, where clocks differ', () => {
  test('is in force at once also on a process whose clock is behind by half a minute, the first one too', async () => {
    late.clock.set('2026-01-06T08:59:30.000Z');
    expect(await costOf(late, '+4915112345678')).toBeUndefined();
    await setPrice(app, { prefix: '49', amount: '0.0800' });
    expect([await costOf(app, '+4915112345678'), await costOf(late, '+4915112345678')]).toEqual(['0.0800', '0.0800']);
  });

  test('and the last one set is the one in force everywhere, whoever’s clock is ahead', async () => {
    late.clock.set('2026-01-06T08:59:30.000Z');
    for (const [through, amount] of [
      [app, '0.0810'],
      [late, '0.0820'],
      [app, '0.0830'],
      [late, '0.0840'],
      [late, '0.0850'],
    ] as const) {
      await setPrice(through, { prefix: '49', amount });
      expect([await costOf(app, '+4915112345678'), await costOf(late, '+4915112345678')]).toEqual([amount, amount]);
    }
  });

  test('does not touch one that is announced for later', async () => {
    await setPrice(app, { prefix: '44', amount: '0.0500', validFrom: '2026-01-06T09:30:00.000Z' });
    await setPrice(app, { prefix: '44', amount: '0.0400' });
    expect(await costOf(app, '+447400123456')).toBe('0.0400');
    app.clock.set('2026-01-06T09:30:00.000Z');
    expect(await costOf(app, '+447400123456')).toBe('0.0500');
  });
});
