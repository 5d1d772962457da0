import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Tx } from '../../src/kernel/index.js';
import { acceptedBatch } from '../support/batches.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { GraphqlClient } from '../support/graphql-client.js';
import { accepted, acceptedFor } from '../support/messages.js';
import { type NamingCall, namingCalls } from '../support/naming-calls.js';
import { post } from '../support/receipts.js';
import { Subscriber } from '../support/subscriber.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** What a caller may name. Each kind has values that are really tenant A's, and one that nobody has. */
type Kind =
  | 'message'
  | 'batch'
  | 'apiKey'
  | 'tenant'
  | 'number'
  | 'phone'
  | 'tag'
  | 'idempotencyKey'
  | 'cursor'
  | 'webhook'
  | 'webhookDelivery';

/**
 * What each argument and input field names that can name anything. One that is not here fails the test below: whoever adds a
 * field says here what it names, and it is walked from then on.
 */
const NAMES: Readonly<Record<string, Kind>> = {
  'Query.message(id:)': 'message',
  'Query.message(tenantId:)': 'tenant',
  'Query.messageByNumber(number:)': 'number',
  'Query.messageByNumber(tenantId:)': 'tenant',
  'Query.messages(tenantId:)': 'tenant',
  'Query.messages(after:)': 'cursor',
  'Query.batch(id:)': 'batch',
  'Query.batch(tenantId:)': 'tenant',
  'Query.batchByNumber(number:)': 'number',
  'Query.batchByNumber(tenantId:)': 'tenant',
  'Query.optOuts(after:)': 'cursor',
  'Query.replies(after:)': 'cursor',
  'Query.ledger(after:)': 'cursor',
  'Query.ledger(tenantId:)': 'tenant',
  'Query.webhooks(tenantId:)': 'tenant',
  'Query.webhookDeliveries(webhookId:)': 'webhook',
  'Query.webhookDeliveries(after:)': 'cursor',
  'Query.apiKeys(tenantId:)': 'tenant',
  'Query.auditTrail(tenantId:)': 'tenant',
  'Query.auditTrail(after:)': 'cursor',
  'Query.providerAccount(tenantId:)': 'tenant',
  'Query.tenant(id:)': 'tenant',
  'Query.tenants(after:)': 'cursor',
  'MessageFilter.tag': 'tag',
  'MessageFilter.phoneNumber': 'phone',
  'SendSmsInput.to': 'phone',
  'SendSmsInput.tag': 'tag',
  'SendSmsInput.idempotencyKey': 'idempotencyKey',
  'ScheduleSmsInput.to': 'phone',
  'ScheduleSmsInput.tag': 'tag',
  'ScheduleSmsInput.idempotencyKey': 'idempotencyKey',
  'SendBatchInput.tag': 'tag',
  'SendBatchInput.idempotencyKey': 'idempotencyKey',
  'BatchMessageInput.to': 'phone',
  'IssueApiKeyInput.tenantId': 'tenant',
  'IssueClientTokenInput.messageId': 'message',
  'IssueClientTokenInput.tag': 'tag',
  'Mutation.rescheduleMessage(id:)': 'message',
  'Mutation.cancelMessage(id:)': 'message',
  'Mutation.cancelBatch(id:)': 'batch',
  'Mutation.resolveUnconfirmed(messageId:)': 'message',
  'Mutation.addOptOut(phoneNumber:)': 'phone',
  'Mutation.removeOptOut(phoneNumber:)': 'phone',
  'Mutation.revokeApiKey(id:)': 'apiKey',
  'Mutation.rotateApiKey(id:)': 'apiKey',
  'Mutation.deleteWebhook(id:)': 'webhook',
  'Mutation.rotateWebhookSecret(id:)': 'webhook',
  'Mutation.enableWebhook(id:)': 'webhook',
  'Mutation.updateApiKey(id:)': 'apiKey',
  'Mutation.replayWebhookDelivery(id:)': 'webhookDelivery',
  'Mutation.updateTenant(id:)': 'tenant',
  'Mutation.suspendTenant(id:)': 'tenant',
  'Mutation.reactivateTenant(id:)': 'tenant',
  'Mutation.creditTenant(id:)': 'tenant',
  'Mutation.creditTenant(idempotencyKey:)': 'idempotencyKey',
  'Mutation.setProviderCredential(tenantId:)': 'tenant',
  'Subscription.messageChanged(id:)': 'message',
};

/** Where A's are found; every row of them is tried. */
const VALUES: Readonly<Record<Exclude<Kind, 'cursor'>, string>> = {
  message: 'select id as value from messages where tenant_id = $1',
  batch: 'select id as value from batches where tenant_id = $1',
  apiKey: 'select id as value from api_keys where tenant_id = $1',
  tenant: 'select id as value from tenants where id = $1',
  number:
    'select number::int as value from messages where tenant_id = $1 union select number::int from batches where tenant_id = $1',
  phone:
    'select phone_number as value from deliveries where tenant_id = $1 union select phone_number from opt_outs where tenant_id = $1',
  tag: 'select distinct tag as value from messages where tenant_id = $1 and tag is not null',
  idempotencyKey: 'select key as value from idempotency_records where tenant_id = $1',
  webhook: 'select id as value from webhooks where tenant_id = $1',
  webhookDelivery: 'select id as value from webhook_deliveries where tenant_id = $1',
};
const NOBODYS: Readonly<Record<Kind, string | number>> = {
  message: '0198a1b2-0000-7000-8000-00000000ffff',
  batch: '0198a1b2-0000-7000-8000-00000000ffff',
  apiKey: '0198a1b2-0000-7000-8000-00000000ffff',
  tenant: '0198a1b2-0000-7000-8000-00000000ffff',
  number: 999_999_999,
  phone: '+33687654321',
  tag: 'nobodys',
  idempotencyKey: 'nobodys-key',
  cursor: '',
  webhook: '0198a1b2-0000-7000-8000-00000000ffff',
  webhookDelivery: '0198a1b2-0000-7000-8000-00000000ffff',
};
/** What an id of another's may be answered with; the other kinds are also searched by, or sent to. */
const IDS: ReadonlySet<Kind> = new Set([
  'message',
  'batch',
  'apiKey',
  'tenant',
  'number',
  'webhook',
  'webhookDelivery',
]);

let database: TestDatabase;
let app: TestApp;
let a: TestTenant;
let b: TestTenant;
let schema: GraphQLSchema;
let calls: readonly NamingCall[];
const values = new Map<Kind, readonly (string | number)[]>();

beforeAll(async () => {
  database = await createDatabase();
  const unbounded = { GRAPHQL_MAX_ALIASES: '10000', GRAPHQL_MAX_COST: '100000000' };
  app = await appAt('2026-01-06T09:00:00Z', {
    databaseUrl: database.ownerUrl,
    env: { ...unbounded, WEBHOOK_ALLOW: '127.0.0.0/8' },
  });
  a = await app.tenant({ name: 'Anne et fils' });
  await furnish(a);
  b = await app.tenant({ name: 'Bernard' });
  const query = getIntrospectionQuery({ inputValueDeprecation: true });
  schema = buildClientSchema(await new GraphqlClient(app.url, null).run<IntrospectionQuery>(query));
  calls = namingCalls(schema);
  for (const kind of new Set(calls.map(({ by }) => NAMES[by]))) {
    if (kind !== undefined) values.set(kind, await valuesOf(kind));
  }
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

/** Something of every kind, in several states. */
async function furnish({ gql }: TestTenant): Promise<void> {
  const named = { tag: 'invoice-of-anne', idempotencyKey: 'key-of-anne', receiptUrl: 'http://127.0.0.1:9/dlr' };
  await gql.run('mutation { addOptOut(phoneNumber: "+33699999999") { source } }');
  await accepted(gql, { ...named, to: ['+33611111111'], text: 'Pour Anne' });
  await acceptedBatch(gql, { messages: [{ to: '+33611111112', text: 'Encore Anne' }] });
  await app.tick();
  app.clock.advance({ seconds: 2 });
  await app.tick();
  const answered = { type: 'response', phone_number: '+33611111111', text: 'Oui Anne', message_id: 1 };
  await post(app.simulator.accepted[0]?.sms.replyUrl ?? '', answered);
  await acceptedFor(gql, '2026-01-09T09:00:00Z', { to: ['+33611111113'], text: 'Anne demain' });
  await acceptedBatch(gql, { messages: [{ to: '+33611111114', text: 'Anne bientôt' }], at: '2026-01-09T09:00:00Z' });
  if ((await app.sql(`select 1 as found from pg_tables where tablename = 'webhooks'`)).length > 0)
    await gql.run(
      'mutation { createWebhook(input: { url: "https://example.com/anne", events: ["message.completed"] }) { secret } }',
    );
}

async function valuesOf(kind: Kind): Promise<readonly (string | number)[]> {
  if (kind === 'cursor') {
    const page = '{ messages(first: 2) { edges { cursor } } optOuts { edges { cursor } } }';
    const pages = await a.gql.run<Record<string, { edges: { cursor: string }[] }>>(page);
    return Object.values(pages).flatMap(({ edges }) => edges.map(({ cursor }) => cursor));
  }
  return (await app.sql<{ value: string | number }>(VALUES[kind], [a.id])).map(({ value }) => value);
}

/** All that is stored of A. */
async function rowsOfA(): Promise<string> {
  const tables = await app.sql<{ name: string }>(
    `select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'tenant_id' order by 1`,
  );
  const all = await app.sql<{ row: string }>('select t::text as row from tenants t where id = $1', [a.id]);
  for (const { name } of tables)
    all.push(
      ...(await app.sql<{ row: string }>(`select t::text as row from ${name} t where tenant_id = $1 order by 1`, [
        a.id,
      ])),
    );
  return all.map(({ row }) => row).join('\n');
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** An answer without what differs from call to call: the name itself, and the ids, numbers and secrets of what a call made. */
const shapeOf = (answer: unknown, value: string | number): string =>
  JSON.stringify(answer)
    .replaceAll(String(value), '<name>')
    .replaceAll(UUID, '<id>')
    .replaceAll(/"(\w*_)?number":\d+/g, '"number":<number>')
    .replaceAll(/"(cursor|endCursor)":"[^"]*"/g, '"$1":<cursor>')
    .replaceAll(/"(requestId|prefix|secret|token)":"[^"]*"/g, '"$1":<secret>');

interface Answered {
  readonly data: unknown;
  readonly errors: unknown;
  readonly codes: readonly string[];
}

/** By B; by a tenant of its own where the call leaves something behind, so that no call is answered by what an earlier one did. */
async function ask(call: NamingCall, kind: Kind, value: string | number): Promise<Answered> {
  const document = call.document(JSON.stringify(value));
  if (call.operation !== 'subscription') {
    const { gql } = call.operation === 'mutation' && !IDS.has(kind) ? await app.tenant({ name: 'Bernard' }) : b;
    const { data, errors } = await gql.ask(document);
    return { data, errors, codes: errors.map(({ extensions }) => extensions.code) };
  }
  const subscriber = new Subscriber(app.url, b.key).ask(document);
  await subscriber.until(() => subscriber.over);
  await subscriber.leave();
  const { seen: data, errors } = subscriber;
  return { data, errors, codes: errors.map(({ extensions }) => extensions.code) };
}

const isNothing = (data: unknown): boolean =>
  data === null || (typeof data === 'object' && Object.values(data).every(value => value === null));

const REFUSALS = new Set(['NOT_FOUND', 'FORBIDDEN']);

/** What is wrong with an answer to another's name. */
function wrongIn(
  theirs: Answered,
  of: {
    readonly kind: Kind;
    readonly value: string | number;
    readonly secrets: readonly string[];
    readonly nobodys: string;
  },
): string[] {
  const answer = JSON.stringify([theirs.data, theirs.errors]).replaceAll(String(of.value), '<name>');
  const refused = theirs.codes.length > 0 && theirs.codes.every(code => REFUSALS.has(code));
  const shape = shapeOf(theirs, of.value);
  return [
    ...of.secrets.filter(secret => answer.includes(secret)).map(secret => `shows ${secret}`),
    ...(theirs.codes.includes('INTERNAL_SERVER_ERROR') ? ['breaks'] : []),
    ...(IDS.has(of.kind) && !refused && !isNothing(theirs.data) ? [`finds ${answer}`] : []),
    ...(of.kind === 'cursor' || shape === of.nobodys
      ? []
      : [`is answered ${shape}, and what nobody has ${of.nobodys}`]),
  ];
}

// oxlint-disable-next-line typescript/unbound-method -- each is called with the transaction it was called on
const { rows, count } = Tx.prototype;
afterEach(() => void Object.assign(Tx.prototype, { rows, count }));

/** From now on no statement of any store asks whose the rows are; answers those that did. */
function loseEveryWhere(): ReadonlySet<string> {
  const unguarded = new Set<string>();
  const without = (sql: string): string => {
    const lost = sql
      .replaceAll(/(\w+\.)?tenant_id = (\$\d+)/g, '$2::uuid is not null')
      .replaceAll(/(\w+\.)?tenant_id = any\((\$\d+)\)/g, '$2::uuid[] is not null');
    if (lost !== sql) unguarded.add(sql);
    return lost;
  };
  Object.assign(Tx.prototype, {
    rows(this: Tx, sql: string, parameters?: readonly unknown[]) {
      return rows.call(this, without(sql), parameters);
    },
    count(this: Tx, sql: string, parameters?: readonly unknown[]) {
      return count.call(this, without(sql), parameters);
    },
  });
  return unguarded;
}

async function walk(): Promise<void> {
  const before = await rowsOfA();
  const named = await app.sql<{ id: string }>(
    `select id::text from messages where tenant_id = $1 union all select id::text from deliveries where tenant_id = $1
         union all select id::text from api_keys where tenant_id = $1 union all select id::text from batches where tenant_id = $1
         union all select id::text from replies where tenant_id = $1 union all select id::text from ledger_entries where tenant_id = $1
         union all select id::text from webhook_deliveries where tenant_id = $1`,
    [a.id],
  );
  const secrets = ['Anne', ...named.map(({ id }) => id)];
  expect(secrets.length).toBeGreaterThan(12);
  const told: string[] = [];
  for (const call of calls) {
    const kind = NAMES[call.by];
    if (kind === undefined) continue;
    const nobodys = shapeOf(await ask(call, kind, NOBODYS[kind]), NOBODYS[kind]);
    for (const value of values.get(kind) ?? []) {
      const theirs = await ask(call, kind, value);
      for (const wrong of wrongIn(theirs, { kind, value, secrets, nobodys }))
        told.push(`${call.field} by ${call.by} ${value} ${wrong}`);
    }
  }
  expect(told).toEqual([]);
  expect(await rowsOfA()).toBe(before);
}

describe('whatever a tenant may name', () => {
  test('is written down here with its kind, and of each kind the other tenant has something', () => {
    expect(calls.map(({ by }) => by).filter(by => NAMES[by] === undefined)).toEqual([]);
    expect([...values].filter(([, found]) => found.length === 0)).toEqual([]);
    // Fields that name nothing by an argument of these kinds show only what is the caller's own.
    expect(calls.length).toBeGreaterThan(40);
  });

  test("by another tenant's names nothing answers but as if there were no such thing, and nothing of the other changes", async () => {
    await walk();
  }, 120_000);

  test('nor does it when every store has lost its WHERE: row-level security alone stands then', async () => {
    const unguarded = loseEveryWhere();
    await walk();
    expect(unguarded.size).toBeGreaterThan(20);
    // It does see its own, so it is not for want of rows.
    expect(await b.gql.run('{ viewer { tenant { name } } }')).toEqual({ viewer: { tenant: { name: 'Bernard' } } });
  }, 120_000);
});
