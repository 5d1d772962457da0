import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { AuditTrail } from '../../src/accounts/index.js';
import { Transactions } from '../../src/kernel/index.js';
import { type GraphqlAnswer, GraphqlClient } from '../support/graphql-client.js';
import { accepted } from '../support/messages.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

const OPEN = '2026-01-06T09:00:00.000Z';

interface Entry {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly tenantId: string | null;
  readonly keyId: string | null;
  readonly keyName: string | null;
  readonly keyPrefix: string | null;
  readonly detail: string;
}
interface Trail {
  readonly nodes: readonly Entry[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

let app: TestApp;
let tenant: TestTenant;
beforeAll(async () => {
  app = await appAt(OPEN);
  tenant = await app.tenant();
});
afterAll(() => app.close());

const askTrail = (
  variables: Readonly<Record<string, unknown>> = {},
  client = app.admin,
): Promise<GraphqlAnswer<{ auditTrail: Trail }>> =>
  client.ask(
    `query ($tenantId: ID, $first: Int, $after: String) { auditTrail(tenantId: $tenantId, first: $first, after: $after) {
       nodes { id at action tenantId keyId keyName keyPrefix detail } pageInfo { hasNextPage endCursor } } }`,
    variables,
  );
async function trail(variables: Readonly<Record<string, unknown>> = {}): Promise<Trail> {
  const { data, errors } = await askTrail(variables);
  if (data === null) throw new Error(JSON.stringify(errors));
  return data.auditTrail;
}

/** What this test makes along the way, for the acts after it. */
interface Made {
  tenantId: string;
  keyId: string;
  webhookId: string;
}

/** What of an answer the acts after it need. */
interface Done {
  readonly id?: string;
  readonly secret?: string;
  readonly apiKey?: { readonly id: string };
  readonly webhook?: { readonly id: string };
}

/** Every mutation, who may do it apart from senders, and what of it is written down. */
const ACTS: Readonly<Record<string, readonly [action: string, document: (made: Made) => string, by?: 'tenant']>> = {
  createTenant: ['tenant.created', () => 'createTenant(input: { name: "New" }) { id }'],
  updateTenant: ['tenant.updated', ({ tenantId }) => `updateTenant(id: "${tenantId}", input: { name: "N" }) { id }`],
  suspendTenant: ['tenant.suspended', ({ tenantId }) => `suspendTenant(id: "${tenantId}", reason: "unpaid") { id }`],
  reactivateTenant: ['tenant.reactivated', ({ tenantId }) => `reactivateTenant(id: "${tenantId}") { id }`],
  setProviderCredential: [
    'provider-credential.set',
    ({ tenantId }) => `setProviderCredential(tenantId: "${tenantId}", apiKey: "geheim") { id }`,
  ],
  creditTenant: [
    'tenant.credited',
    ({ tenantId }) => `creditTenant(id: "${tenantId}", amount: "5", reason: "r", idempotencyKey: "k") { id }`,
  ],
  setPrice: ['price.set', () => 'setPrice(input: { route: PREMIUM, prefix: "49", amount: "0.1" }) { amount }'],
  issueApiKey: [
    'api-key.issued',
    ({ tenantId }) =>
      `issueApiKey(input: { tenantId: "${tenantId}", name: "n", scopes: [READ] }) { apiKey { id } secret }`,
  ],
  updateApiKey: ['api-key.updated', ({ keyId }) => `updateApiKey(id: "${keyId}", input: { name: "m" }) { id }`],
  rotateApiKey: ['api-key.rotated', ({ keyId }) => `rotateApiKey(id: "${keyId}") { apiKey { id } secret }`],
  revokeApiKey: ['api-key.revoked', ({ keyId }) => `revokeApiKey(id: "${keyId}") { id }`],
  resolveUnconfirmed: ['message.resolved', () => ''],
  addOptOut: ['opt-out.added', () => 'addOptOut(phoneNumber: "+33611111111") { source }', 'tenant'],
  removeOptOut: ['opt-out.removed', () => 'removeOptOut(phoneNumber: "+33611111111")', 'tenant'],
  createWebhook: [
    'webhook.created',
    () =>
      'createWebhook(input: { url: "https://shop.example/hooks", events: ["message.held"] }) { webhook { id } secret }',
    'tenant',
  ],
  rotateWebhookSecret: [
    'webhook.secret-rotated',
    ({ webhookId }) => `rotateWebhookSecret(id: "${webhookId}") { webhook { id } secret }`,
    'tenant',
  ],
  enableWebhook: ['webhook.switched-on', () => ''],
  replayWebhookDelivery: ['webhook-delivery.replayed', () => ''],
  deleteWebhook: ['webhook.deleted', ({ webhookId }) => `deleteWebhook(id: "${webhookId}")`, 'tenant'],
};
/** Acts that have tests of their own: something must be in doubt, switched off or undelivered first. */
const ELSEWHERE = new Set(['resolveUnconfirmed', 'enableWebhook', 'replayWebhookDelivery']);
/** What senders and readers do all day: told by messages, deliveries and the ledger themselves. */
const NO_ADMINISTRATION = [
  'sendSms',
  'scheduleSms',
  'sendBatch',
  'cancelBatch',
  'cancelMessage',
  'rescheduleMessage',
  'issueClientToken',
];

describe('every administrative act', () => {
  test('there is stands here: a new mutation is written down or is none', async () => {
    const schema = buildClientSchema(await app.admin.run<IntrospectionQuery>(getIntrospectionQuery()));
    const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});
    expect(mutations.toSorted()).toEqual([...Object.keys(ACTS), ...NO_ADMINISTRATION].toSorted());
  });

  test('is written down with the key that did it and on whom, and never with a secret', async () => {
    const made: Made = { tenantId: '', keyId: '', webhookId: '' };
    const secrets: string[] = ['geheim'];
    const { viewer } = await app.admin.run<{ viewer: { apiKey: { id: string; name: string; prefix: string } } }>(
      '{ viewer { apiKey { id name prefix } } }',
    );
    for (const [name, [action, document, by]] of Object.entries(ACTS)) {
      if (ELSEWHERE.has(name)) continue;
      app.clock.advance({ seconds: 1 });
      const client = by === 'tenant' ? tenant.gql : app.admin;
      const answer = await client.run<Record<string, Done>>(`mutation { ${document(made)} }`);
      const done = answer[name];
      if (name === 'createTenant') made.tenantId = done?.id ?? '';
      if (name === 'issueApiKey') made.keyId = done?.apiKey?.id ?? '';
      if (name === 'createWebhook') made.webhookId = done?.webhook?.id ?? '';
      if (done?.secret !== undefined) secrets.push(done.secret);
      const [entry] = (await trail({ first: 1 })).nodes;
      const onPlatform = name === 'setPrice';
      expect(entry).toMatchObject({ action, at: app.clock.now().toISOString() });
      expect([name, entry?.tenantId]).toEqual([name, onPlatform ? null : by === 'tenant' ? tenant.id : made.tenantId]);
      if (by !== 'tenant')
        expect(entry).toMatchObject({
          keyId: viewer.apiKey.id,
          keyName: viewer.apiKey.name,
          keyPrefix: viewer.apiKey.prefix,
        });
    }
    const told = JSON.stringify((await trail({ first: 500 })).nodes);
    expect(secrets).toHaveLength(5);
    for (const secret of secrets) expect(told).not.toContain(secret.slice(0, 20));
    expect(told).not.toContain('611111111');
  });

  test('that is refused or changes nothing leaves no entry', async () => {
    const before = await trail({ first: 1 });
    await app.admin.ask('mutation { createTenant(input: { name: "" }) { id } }');
    await app.admin.ask(`mutation { setPrice(input: { route: PREMIUM, prefix: "33", amount: "101" }) { amount } }`);
    await tenant.gql.ask('mutation { removeOptOut(phoneNumber: "+33699999998") }');
    await tenant.gql.ask('mutation { createTenant(input: { name: "x" }) { id } }');
    expect(await trail({ first: 1 })).toEqual(before);
  });

  test('of a look at a tenant’s messages, ledger and provider account leaves one too', async () => {
    const message = await accepted(tenant.gql);
    const variables = { t: tenant.id, id: message.id, number: message.number };
    app.clock.advance({ seconds: 1 });
    await app.admin.run('query ($t: ID!, $id: ID!) { message(id: $id, tenantId: $t) { text } }', variables);
    await app.admin.run(
      'query ($t: ID!, $number: SafeInt!) { messageByNumber(number: $number, tenantId: $t) { id } }',
      variables,
    );
    await app.admin.run('query ($t: ID!) { messages(tenantId: $t) { nodes { id } } }', variables);
    await app.admin.run('query ($t: ID!) { ledger(tenantId: $t) { nodes { id } } }', variables);
    await app.admin.run('query ($t: ID!) { providerAccount(tenantId: $t) { provider } }', variables);
    await app.admin.run('{ providerAccount { provider } }');
    const { nodes } = await trail({ first: 6 });
    expect(nodes.map(({ action, tenantId }) => [action, tenantId])).toEqual([
      ['provider-account.read', null],
      ['provider-account.read', tenant.id],
      ['ledger.read', tenant.id],
      ['messages.read', tenant.id],
      ['messages.read', tenant.id],
      ['messages.read', tenant.id],
    ]);
  });

  test('one’s own reading leaves none', async () => {
    const before = await trail({ first: 1 });
    await tenant.gql.run('{ messages { nodes { id } } ledger { nodes { id } } }');
    expect(await trail({ first: 1 })).toEqual(before);
  });
});

describe('the audit trail', () => {
  test('is for administrators', async () => {
    const clients = [tenant.gql, new GraphqlClient(app.url, null)];
    const codes = await Promise.all(
      clients.map(async client => (await askTrail({}, client)).errors[0]?.extensions.code),
    );
    expect(codes).toEqual(['FORBIDDEN', 'UNAUTHENTICATED']);
  });

  test('of one tenant shows that tenant’s acts alone, and names the tenant’s own keys', async () => {
    const [mine, other] = [await app.tenant(), await app.tenant()];
    await mine.gql.run('mutation { issueApiKey(input: { name: "till", scopes: [READ] }) { secret } }');
    await other.gql.run('mutation { issueApiKey(input: { name: "other", scopes: [READ] }) { secret } }');
    const { nodes } = await trail({ tenantId: mine.id });
    expect(new Set(nodes.map(entry => entry.tenantId))).toEqual(new Set([mine.id]));
    expect(nodes[0]).toMatchObject({ action: 'api-key.issued', keyName: 'test', keyPrefix: mine.key.slice(0, 9) });
    expect(JSON.parse(nodes[0]?.detail ?? '')).toMatchObject({ name: 'till', scopes: ['READ'] });
    expect((await askTrail({ tenantId: 'nonsense' })).errors[0]?.extensions.code).toBe('NOT_FOUND');
  });

  test('is read page by page, newest first, without a gap or a doubled entry while new ones come', async () => {
    const all = (await trail({ first: 500 })).nodes.map(({ id }) => id);
    const paged: string[] = [];
    let after: string | null = null;
    for (let more = true; more;) {
      const page: Trail = await trail({ first: 7, after });
      paged.push(...page.nodes.map(({ id }) => id));
      ({ endCursor: after, hasNextPage: more } = page.pageInfo);
      app.clock.advance({ seconds: 1 });
      await app.admin.run('mutation { setPrice(input: { route: ECO, prefix: "49", amount: "0.1" }) { amount } }');
    }
    expect(paged).toEqual(all);
    const times = (await trail({ first: 500 })).nodes.map(({ at }) => at);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  test('shows the acts of a key that is not there any more without a name', async () => {
    const gone = '0198a1b2-0000-7000-8000-00000000000a';
    await app.nest
      .get(Transactions)
      .run(tenant.id, tx => app.nest.get(AuditTrail).record(tx, tenant.id, { actorKeyId: gone, action: 'test.done' }));
    expect((await trail({ tenantId: tenant.id, first: 1 })).nodes[0]).toMatchObject({
      action: 'test.done',
      keyId: gone,
      keyName: null,
      keyPrefix: null,
    });
  });
});
