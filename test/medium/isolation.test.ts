import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Transactions } from '../../src/kernel/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import type { GraphqlClient } from '../support/graphql-client.js';
import { accepted, acceptedFor, cancel, look, type MessageView, reschedule } from '../support/messages.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';
import { createWebhook } from '../support/webhooks.js';

const ANNE = '+33611111111';
const STOPPED = '+33699999999';

interface Furnished extends TestTenant {
  readonly queued: MessageView;
  readonly held: MessageView;
  readonly keyId: string;
}

let database: TestDatabase;
let app: TestApp;
let a: Furnished;
let b: Furnished;
beforeAll(async () => {
  database = await createDatabase();
  app = await appAt('2026-01-06T09:00:00Z', { databaseUrl: database.ownerUrl });
  a = await furnished('Anne et fils');
  b = await furnished('Bernard');
  await app.tick();
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

/** A tenant with something in every one of its places. */
async function furnished(name: string): Promise<Furnished> {
  const tenant = await app.tenant({ name });
  const { gql } = tenant;
  await gql.run('mutation ($n: PhoneNumber!) { addOptOut(phoneNumber: $n) { source } }', { n: STOPPED });
  const queued = await accepted(gql, { to: [ANNE], tag: 'invoice', text: `De ${name}`, idempotencyKey: 'k' });
  const held = await acceptedFor(gql, '2026-01-07T09:00:00Z', { to: [ANNE] });
  await createWebhook(gql, `https://${name.length}.example/hooks`, ['reply.received']);
  const { viewer } = await gql.run<{ viewer: { apiKey: { id: string } } }>('{ viewer { apiKey { id } } }');
  return { ...tenant, queued, held, keyId: viewer.apiKey.id };
}

const codesOf = async (client: GraphqlClient, document: string, variables = {}): Promise<string[]> =>
  (await client.ask(document, variables)).errors.map(error => error.extensions.code);

describe("through GraphQL, another tenant's", () => {
  test('message is not found, by its id, its number, its tag or its recipient', async () => {
    const document = `query ($id: ID!, $number: SafeInt!, $filter: MessageFilter) {
      message(id: $id) { id } messageByNumber(number: $number) { id } messages(filter: $filter) { nodes { id } } }`;
    for (const message of [a.queued, a.held]) {
      for (const filter of [
        null,
        { tag: 'invoice' },
        { phoneNumber: ANNE },
        { status: ['HELD', 'SCHEDULED', 'SENT'] },
      ]) {
        const { data, errors } = await b.gql.ask<{ messages: { nodes: { id: string }[] } }>(document, {
          id: message.id,
          number: message.number,
          filter,
        });
        expect(errors).toEqual([]);
        expect(data).toMatchObject({ message: null, messageByNumber: null });
        const own = new Set([b.queued.id, b.held.id]);
        expect(data?.messages.nodes.every(node => own.has(node.id))).toBe(true);
        expect(data?.messages.nodes).not.toEqual([]);
      }
    }
  });

  test('messages are not told by naming the tenant either', async () => {
    for (const field of [
      `message(id: "${a.queued.id}", tenantId: "${a.id}") { id }`,
      `messageByNumber(number: ${a.queued.number}, tenantId: "${a.id}") { id }`,
      `messages(tenantId: "${a.id}") { nodes { id } }`,
      `apiKeys(tenantId: "${a.id}") { id }`,
    ])
      expect(await codesOf(b.gql, `{ ${field} }`)).toEqual(['FORBIDDEN']);
  });

  test('cursor begins no page of it', async () => {
    const theirs = await b.gql.run<{ messages: { pageInfo: { endCursor: string } } }>(
      '{ messages(first: 1) { pageInfo { endCursor } } }',
    );
    // b is younger: what is older than its message is all of a's.
    const { messages } = await a.gql.run<{ messages: { nodes: { id: string }[] } }>(
      'query ($after: String) { messages(after: $after) { nodes { id } } }',
      { after: theirs.messages.pageInfo.endCursor },
    );
    expect(messages.nodes.map(node => node.id)).toEqual([a.held.id, a.queued.id]);
  });

  test('message is neither cancelled nor rescheduled, and stays as it was', async () => {
    await expect(cancel(b.gql, a.held.id)).rejects.toThrow('NOT_FOUND');
    await expect(reschedule(b.gql, a.held.id, '2026-01-08T09:00:00Z')).rejects.toThrow('NOT_FOUND');
    expect(await look(a.gql, a.held.id)).toMatchObject({
      status: 'SCHEDULED',
      scheduledFor: '2026-01-07T09:00:00.000Z',
    });
  });

  test('idempotency key, key, tenant and opt-out are as if they were not there', async () => {
    expect((await accepted(b.gql, { to: [ANNE], tag: 'invoice', text: 'De Bernard', idempotencyKey: 'k' })).id).toBe(
      b.queued.id,
    );
    expect(await codesOf(b.gql, `mutation { revokeApiKey(id: "${a.keyId}") { id } }`)).toEqual(['NOT_FOUND']);
    const { data } = await b.gql.ask(
      `{ tenant(id: "${a.id}") { name } apiKeys { id } optOuts { nodes { phoneNumber } } }`,
    );
    expect(data).toEqual({
      tenant: null,
      apiKeys: [{ id: b.keyId }],
      optOuts: { nodes: [{ phoneNumber: STOPPED }] },
    });
    const lone = await app.tenant();
    expect((await lone.gql.ask('{ optOuts { nodes { phoneNumber } } }')).data).toEqual({ optOuts: { nodes: [] } });
    expect((await lone.gql.ask(`mutation { removeOptOut(phoneNumber: "${STOPPED}") }`)).data).toEqual({
      removeOptOut: false,
    });
  });

  test('rows are nowhere in the whole of what a tenant may ask for', async () => {
    const everything = `{ viewer { tenant { id name balance } apiKey { id } } tenant(id: "${b.id}") { name } apiKeys { id } prices { amount }
      optOuts { nodes { phoneNumber createdAt } } webhooks { id url } webhookDeliveries { nodes { id eventId } } messages { nodes { id number text tag timeline { detail } deliveries { totalCount nodes { id phoneNumber } } } } }`;
    const answer = JSON.stringify(await b.gql.run(everything));
    const theirs = await app.sql<{ id: string }>(
      `select id from messages where tenant_id = $1 union all select id from deliveries where tenant_id = $1
         union all select id from api_keys where tenant_id = $1 union all select id from webhooks where tenant_id = $1 union all select id from tenants where id = $1`,
      [a.id],
    );
    expect(theirs.length).toBeGreaterThan(5);
    for (const { id } of theirs) expect(answer).not.toContain(id);
    expect(answer).not.toContain('Anne');
    expect(answer).toContain(b.queued.id);
  });
});

describe('200 transactions at once, of several tenants on one pool', () => {
  test("see their own tenant's rows, all of them, and never another's, though some of them fail", async () => {
    const tenants = [a, b, await furnished('Carl'), await furnished('Dora')];
    const transactions = app.nest.get(Transactions);
    const expected = new Map(
      await Promise.all(
        tenants.map(async ({ id }) => {
          const [row] = await app.sql<{ count: number }>(
            'select count(*)::int as count from deliveries where tenant_id = $1',
            [id],
          );
          return [id, row?.count] as const;
        }),
      ),
    );
    const seen = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const { id } = tenants[index % tenants.length] ?? a;
        if (index % 10 === 0) {
          const failing = transactions.run(id, tx => tx.rows('select 1 / 0'));
          await expect(failing).rejects.toThrow('division by zero');
        }
        if (index % 7 === 0) {
          const nobody = await transactions.run([], tx => tx.rows('select 1 from deliveries'));
          expect(nobody).toEqual([]);
        }
        const rows = await transactions.run(id, tx =>
          tx.rows<{ tenantId: string; count: number }>(
            'select tenant_id as "tenantId", count(*)::int as count from deliveries group by tenant_id',
          ),
        );
        return { id, rows };
      }),
    );
    for (const { id, rows } of seen) expect(rows).toEqual([{ tenantId: id, count: expected.get(id) }]);
  });

  test('over HTTP see no other tenant either', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const tenant = index % 2 === 0 ? a : b;
        const { viewer, message } = await tenant.gql.run<{
          viewer: { tenant: { id: string } };
          message: { id: string };
        }>('query ($id: ID!) { viewer { tenant { id } } message(id: $id) { id } }', { id: tenant.queued.id });
        return [viewer.tenant.id === tenant.id, message.id === tenant.queued.id];
      }),
    );
    expect(answers.flat().every(Boolean)).toBe(true);
  });
});
