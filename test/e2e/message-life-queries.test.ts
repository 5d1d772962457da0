import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GraphqlAnswer, GraphqlClient } from '../support/graphql-client.js';
import { accepted, acceptedFor, cancel } from '../support/messages.js';
import { appAt, type TestApp } from '../support/test-app.js';

let app: TestApp;
let gql: GraphqlClient;
beforeEach(async () => {
  app = await appAt('2026-01-12T10:00:00Z');
  ({ gql } = await app.tenant());
});
afterEach(() => app.close());

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly nodes: readonly { readonly id: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const MESSAGES = `query ($filter: MessageFilter, $tenantId: ID, $first: Int, $after: String) {
  messages(filter: $filter, tenantId: $tenantId, first: $first, after: $after) {
    edges { cursor node { id } } nodes { id } pageInfo { hasNextPage endCursor } } }`;

const ask = (variables: object, client = gql): Promise<GraphqlAnswer<{ messages: Page }>> =>
  client.ask(MESSAGES, { ...variables });

async function page(variables: object = {}, client = gql): Promise<Page> {
  const { data, errors } = await ask(variables, client);
  if (data === null) throw new Error(JSON.stringify(errors));
  return data.messages;
}

const ids = async (filter: object): Promise<string[]> => (await page({ filter })).nodes.map(({ id }) => id);

/** One message a minute, oldest first. */
async function sendMany(count: number): Promise<string[]> {
  const sent: string[] = [];
  for (let index = 0; index < count; index++) {
    sent.push((await accepted(gql)).id);
    app.clock.advance({ minutes: 1 });
  }
  return sent;
}

async function byNumber(number: number, client = gql): Promise<unknown> {
  const document = 'query ($number: SafeInt!) { messageByNumber(number: $number) { id number } }';
  return (await client.run<{ messageByNumber: unknown }>(document, { number })).messageByNumber;
}

interface Deliveries {
  readonly totalCount: number;
  readonly nodes: readonly { readonly phoneNumber: string; readonly status: string }[];
  readonly pageInfo: Page['pageInfo'];
}

async function deliveries(id: string, args: string): Promise<Deliveries> {
  const document = `query ($id: ID!) { message(id: $id) { deliveries${args} {
    totalCount nodes { phoneNumber status } pageInfo { hasNextPage endCursor } } } }`;
  return (await gql.run<{ message: { deliveries: Deliveries } }>(document, { id })).message.deliveries;
}

describe('messages', () => {
  test('come newest first, also within one instant', async () => {
    const sent = await sendMany(2);
    for (let index = 0; index < 5; index++) sent.push((await accepted(gql)).id);
    const { nodes, edges, pageInfo } = await page();
    expect(nodes.map(({ id }) => id)).toEqual(sent.toReversed());
    expect(edges.map(({ node }) => node)).toEqual(nodes);
    expect(pageInfo).toEqual({ hasNextPage: false, endCursor: edges.at(-1)?.cursor });
  });

  test('are paged by cursors that stay valid while rows are added: nothing skipped, nothing twice', async () => {
    const sent = await sendMany(5);
    const first = await page({ first: 2 });
    expect(first.pageInfo.hasNextPage).toBe(true);
    await sendMany(3);
    const second = await page({ first: 2, after: first.pageInfo.endCursor });
    await sendMany(1);
    const third = await page({ first: 2, after: second.pageInfo.endCursor });
    expect([first, second, third].map(({ nodes }) => nodes.length)).toEqual([2, 2, 1]);
    expect([...first.nodes, ...second.nodes, ...third.nodes].map(({ id }) => id)).toEqual(sent.toReversed());
    expect(third.pageInfo.hasNextPage).toBe(false);
    // An edge's own cursor serves as well.
    const after = first.edges[0]?.cursor;
    expect((await page({ first: 1, after })).nodes).toEqual([first.nodes[1]]);
  });

  test('are none for a tenant that sent none, with a page that says so', async () => {
    expect(await page()).toEqual({ edges: [], nodes: [], pageInfo: { hasNextPage: false, endCursor: null } });
  });

  test.each([
    [{ first: 0 }, /^first /],
    [{ first: -1 }, /^first /],
    [{ first: 501 }, /^first /],
    [{ after: 'nonsense' }, /^after /],
    [{ after: Buffer.from('-'.repeat(36)).toString('base64url') }, /^after /],
    [{ filter: { phoneNumber: 'Dupont' } }, /^filter\.phoneNumber /],
  ])('are refused as BAD_USER_INPUT where %j cannot be', async (variables, message) => {
    const { errors } = await ask(variables);
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(errors[0]?.message).toMatch(message);
  });

  test('come 1 or 500 at a time where asked so', async () => {
    const [, last] = await sendMany(2);
    expect((await page({ first: 1 })).nodes).toEqual([{ id: last }]);
    expect((await page({ first: 500 })).nodes).toHaveLength(2);
  });

  test('are filtered by status, tag, phone number in any spelling, and time of creation', async () => {
    const sent = await accepted(gql, { tag: 'spring', to: ['+33612345678'] });
    await app.tick();
    app.clock.set('2026-01-12T11:00:00Z');
    const scheduled = await acceptedFor(gql, '2026-01-13T10:00:00Z', { tag: 'spring', to: ['+262692123456'] });
    app.clock.set('2026-01-12T12:00:00Z');
    const cancelled = await acceptedFor(gql, '2026-01-13T10:00:00Z', {
      tag: 'autumn',
      to: ['0612345678', '0698765432'],
    });
    await cancel(gql, cancelled.id);

    expect(await ids({ status: ['SENT'] })).toEqual([sent.id]);
    expect(await ids({ status: ['SCHEDULED', 'CANCELLED'] })).toEqual([cancelled.id, scheduled.id]);
    expect(await ids({ status: ['FAILED'] })).toEqual([]);
    expect(await ids({ tag: 'spring' })).toEqual([scheduled.id, sent.id]);
    expect(await ids({ tag: 'summer' })).toEqual([]);
    expect(await ids({ phoneNumber: '06 12 34 56 78' })).toEqual([cancelled.id, sent.id]);
    expect(await ids({ phoneNumber: '0692 12 34 56' })).toEqual([scheduled.id]);
    expect(await ids({ createdAfter: '2026-01-12T10:30:00Z' })).toEqual([cancelled.id, scheduled.id]);
    expect(await ids({ createdBefore: '2026-01-12T11:30:00Z' })).toEqual([scheduled.id, sent.id]);
    expect(
      await ids({ createdAfter: '2026-01-12T11:30:00+01:00', createdBefore: '2026-01-12T12:30:00+01:00' }),
    ).toEqual([scheduled.id]);
    expect(await ids({ tag: 'spring', phoneNumber: '+33612345678', status: ['SENT', 'CANCELLED'] })).toEqual([sent.id]);
  });

  test.each([
    { tag: 'wanted' },
    { phoneNumber: '06 12 34 00 01' },
    { phoneNumber: '+33612340001', tag: 'wanted', status: ['QUEUED'] },
  ])('are paged within a filter: %j', async filter => {
    const tagged: string[] = [];
    for (let index = 0; index < 3; index++) {
      tagged.push((await accepted(gql, { tag: 'wanted', to: ['+33612340001', '+33612340002'] })).id);
      await accepted(gql, { tag: 'other', to: ['+33612340002'] });
    }
    const first = await page({ filter, first: 2 });
    const second = await page({ filter, first: 2, after: first.pageInfo.endCursor });
    expect([...first.nodes, ...second.nodes].map(({ id }) => id)).toEqual(tagged.toReversed());
    expect([first, second].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, false]);
  });

  test('of a tenant are shown to itself and, by tenantId, to administrators; another tenant sees none of them', async () => {
    const owner = await app.tenant();
    const { id } = await accepted(owner.gql);
    expect((await page({}, owner.gql)).nodes).toEqual([{ id }]);
    expect((await page({ tenantId: owner.id }, app.admin)).nodes).toEqual([{ id }]);
    expect((await page()).nodes).toEqual([]);
    const { data, errors } = await ask({ tenantId: owner.id });
    expect(data).toBeNull();
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('messageByNumber', () => {
  test('finds a message by its public number, which is below 2^31; another tenant does not', async () => {
    const { id, number } = await accepted(gql);
    expect(number).toBeGreaterThan(0);
    expect(number).toBeLessThan(2 ** 31);
    expect(await byNumber(number)).toEqual({ id, number });
    const other = await app.tenant();
    expect(await byNumber(number, other.gql)).toBeNull();
  });

  test('is null for a number that no message has, however large', async () => {
    for (const number of [0, -1, 2 ** 31, Number.MAX_SAFE_INTEGER]) expect(await byNumber(number)).toBeNull();
  });

  test('differs from message to message and only grows', async () => {
    const numbers = [await accepted(gql), await accepted(gql), await accepted(gql)].map(({ number }) => number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(3);
  });
});

describe('deliveries', () => {
  test('are paged and counted, all or of one status', async () => {
    const to = ['+33612340002', '+33612340003', '+33612345671', '+33612345672', '+33612345673'];
    const { id } = await accepted(gql, { to });
    await app.tick();
    app.clock.advance({ seconds: 2 });
    await app.tick();
    expect(await deliveries(id, '(status: UNDELIVERED)')).toMatchObject({
      totalCount: 1,
      nodes: [{ phoneNumber: '+33612340002', status: 'UNDELIVERED' }],
      pageInfo: { hasNextPage: false },
    });
    expect(await deliveries(id, '(status: SENT)')).toMatchObject({
      totalCount: 1,
      nodes: [{ phoneNumber: '+33612340003', status: 'SENT' }],
    });
    expect(await deliveries(id, '(status: REFUSED)')).toMatchObject({ totalCount: 0, nodes: [] });
    const first = await deliveries(id, '(status: DELIVERED, first: 2)');
    expect(first).toMatchObject({
      totalCount: 3,
      nodes: [{ phoneNumber: '+33612345671' }, { phoneNumber: '+33612345672' }],
      pageInfo: { hasNextPage: true, endCursor: expect.any(String) },
    });
    expect(await deliveries(id, `(status: DELIVERED, first: 2, after: "${first.pageInfo.endCursor}")`)).toMatchObject({
      totalCount: 3,
      nodes: [{ phoneNumber: '+33612345673', status: 'DELIVERED' }],
      pageInfo: { hasNextPage: false },
    });
    expect(await deliveries(id, '')).toMatchObject({ totalCount: 5, nodes: to.map(phoneNumber => ({ phoneNumber })) });
  });

  test.each(['(first: 0)', '(first: 501)', '(after: "x")'])('%s is refused as BAD_USER_INPUT', async args => {
    const { id } = await accepted(gql);
    const { errors } = await gql.ask(`query ($id: ID!) { message(id: $id) { deliveries${args} { totalCount } } }`, {
      id,
    });
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});
