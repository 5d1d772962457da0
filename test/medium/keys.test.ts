import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { IssueApiKey } from '../../src/accounts/index.js';
import { asTenantId, PLATFORM } from '../../src/kernel/index.js';
import { everythingStored } from '../support/everything-stored.js';
import { type GraphqlAnswer, GraphqlClient } from '../support/graphql-client.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

const OPEN = '2026-01-06T09:00:00Z';

interface IssuedView {
  readonly issueApiKey: {
    readonly secret: string;
    readonly apiKey: Readonly<Record<string, unknown>> & { id: string };
  };
}

let app: TestApp;
let tenant: TestTenant;
beforeAll(async () => {
  app = await appAt(OPEN);
});
beforeEach(async () => {
  app.clock.set(OPEN);
  tenant = await app.tenant();
});
afterAll(() => app.close());

const FIELDS = 'id name prefix scopes defaultCategory allowedIps createdAt expiresAt lastUsedAt revokedAt';
const ask = (client: GraphqlClient, input: Readonly<Record<string, unknown>>): Promise<GraphqlAnswer<IssuedView>> =>
  client.ask<IssuedView>(
    `mutation ($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret apiKey { ${FIELDS} } } }`,
    { input: { name: 'shop', scopes: ['SEND'], ...input } },
  );
async function issue(
  client: GraphqlClient,
  input: Readonly<Record<string, unknown>> = {},
): Promise<IssuedView['issueApiKey']> {
  const { data, errors } = await ask(client, input);
  if (data === null) throw new Error(JSON.stringify(errors));
  return data.issueApiKey;
}
const codeOf = (answer: GraphqlAnswer<unknown>): string | undefined => answer.errors[0]?.extensions.code;
const use = (secret: string) => new GraphqlClient(app.url, secret).ask('{ viewer { apiKey { id } scopes } }');
const revoke = (client: GraphqlClient, id: string) =>
  client.ask<{ revokeApiKey: { revokedAt: string } }>('mutation ($id: ID!) { revokeApiKey(id: $id) { revokedAt } }', {
    id,
  });
const list = async (client: GraphqlClient, tenantId?: string) =>
  client.ask<{ apiKeys: { id: string }[] }>('query ($id: ID) { apiKeys(tenantId: $id) { id } }', { id: tenantId });

describe('an API key', () => {
  test('is rk_ and 256 random bits, each time others', async () => {
    const secrets = await Promise.all(Array.from({ length: 20 }, async () => (await issue(tenant.gql)).secret));
    for (const secret of secrets) {
      expect(secret).toMatch(/^rk_[A-Za-z0-9_-]{43}$/);
      expect(Buffer.from(secret.slice(3), 'base64url')).toHaveLength(32);
    }
    expect(new Set(secrets).size).toBe(20);
  });

  test('is shown once: nothing that is stored contains it, and no query tells it again', async () => {
    const { secret, apiKey } = await issue(tenant.gql);
    expect(apiKey).toMatchObject({ name: 'shop', prefix: secret.slice(0, 9), scopes: ['SEND'], revokedAt: null });
    const stored = await everythingStored(app);
    expect(stored).toContain(apiKey.id);
    for (const form of [
      secret.slice(3),
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret.slice(3), 'base64url').toString('hex'),
    ])
      expect(stored).not.toContain(form);
    const { data } = await tenant.gql.ask(`{ apiKeys { ${FIELDS} } viewer { apiKey { ${FIELDS} } } }`);
    expect(JSON.stringify(data)).not.toContain(secret.slice(9));
  });

  test('works at once, with its scopes and no others', async () => {
    const { secret, apiKey } = await issue(tenant.gql, { scopes: ['SEND', 'READ', 'SEND'] });
    expect((await use(secret)).data).toEqual({ viewer: { apiKey: { id: apiKey.id }, scopes: ['SEND', 'READ'] } });
  });

  test('stops at the instant at which it expires', async () => {
    const { secret } = await issue(tenant.gql, { expiresAt: '2026-01-06T10:00:00Z' });
    app.clock.set('2026-01-06T09:59:59.999Z');
    expect((await use(secret)).errors).toEqual([]);
    app.clock.set('2026-01-06T10:00:00Z');
    expect(codeOf(await use(secret))).toBe('UNAUTHENTICATED');
  });

  test('stops at once when it is revoked, and stays revoked since the first time', async () => {
    const { secret, apiKey } = await issue(tenant.gql);
    const first = await revoke(tenant.gql, apiKey.id);
    expect(codeOf(await use(secret))).toBe('UNAUTHENTICATED');
    app.clock.advance({ hours: 1 });
    expect((await revoke(tenant.gql, apiKey.id)).data).toEqual(first.data);
  });

  test('of an expired and of a revoked key the caller learns no more than of a wrong one', async () => {
    const { secret, apiKey } = await issue(tenant.gql);
    await revoke(tenant.gql, apiKey.id);
    const [revoked, wrong] = [await use(secret), await use(`rk_${'x'.repeat(43)}`)];
    expect(revoked.errors[0]?.message).toBe(wrong.errors[0]?.message);
  });

  test('is found neither by a part of it nor by a longer one', async () => {
    const { secret } = await issue(tenant.gql);
    for (const other of [
      secret.slice(0, -1),
      `${secret}A`,
      secret.toLowerCase(),
      secret.slice(3),
      `${secret.slice(0, 9)}%`,
    ])
      expect(codeOf(await use(other))).toBe('UNAUTHENTICATED');
  });

  test('tells when it was last used', async () => {
    const { secret, apiKey } = await issue(tenant.gql);
    app.clock.advance({ hours: 1 });
    await use(secret);
    const { data } = await tenant.gql.ask<{ apiKeys: { id: string; lastUsedAt: string | null }[] }>(
      '{ apiKeys { id lastUsedAt } }',
    );
    expect(data?.apiKeys.find(key => key.id === apiKey.id)?.lastUsedAt).toBe('2026-01-06T10:00:00.000Z');
  });
});

describe('what cannot be issued', () => {
  test.for([
    ['ADMIN on a key of a tenant', { scopes: ['ADMIN'] }],
    ['ADMIN among others', { scopes: ['SEND', 'ADMIN'] }],
    ['no scope', { scopes: [] }],
    ['no name', { name: '' }],
    ['a blank name', { name: '  ' }],
    ['an endless name', { name: 'x'.repeat(101) }],
    ['half a character (a lone surrogate) in its name', { name: 'shop \uD83D' }],
    ['the other half', { name: '\uDE00 shop' }],
    ['a NUL in its name', { name: 'shop\u0000' }],
    ['an expiry in the past', { expiresAt: OPEN }],
  ] as const)('%s is refused', async ([, input]) => {
    expect(codeOf(await ask(tenant.gql, input))).toBe('BAD_USER_INPUT');
    expect(codeOf(await ask(app.admin, { ...input, tenantId: tenant.id }))).toBe('BAD_USER_INPUT');
  });

  test('a whole emoji in its name is issued', async () => {
    expect((await issue(tenant.gql, { name: 'shop 😀' })).apiKey['name']).toBe('shop 😀');
  });

  test('a category that the tenant may not send', async () => {
    const strict = await app.tenant({ transactionalAllowed: false });
    expect(codeOf(await ask(strict.gql, { defaultCategory: 'TRANSACTIONAL' }))).toBe('BAD_USER_INPUT');
    expect((await issue(strict.gql, { defaultCategory: 'COMMERCIAL' })).apiKey['defaultCategory']).toBe('COMMERCIAL');
  });

  test("a platform's key with anything but ADMIN", async () => {
    expect(codeOf(await ask(app.admin, { scopes: ['SEND'] }))).toBe('BAD_USER_INPUT');
    expect(codeOf(await ask(app.admin, { scopes: ['ADMIN', 'READ'] }))).toBe('BAD_USER_INPUT');
    expect((await use((await issue(app.admin, { scopes: ['ADMIN'] })).secret)).errors).toEqual([]);
  });

  test('a key of a tenant that is not there, or of the platform by its id', async () => {
    for (const tenantId of ['0198a1b2-0000-7000-8000-000000000001', PLATFORM, 'nonsense'])
      expect(codeOf(await ask(app.admin, { tenantId }))).toBe('NOT_FOUND');
  });
});

describe('whose keys', () => {
  test("MANAGE sees, issues and revokes its own tenant's keys and no others", async () => {
    const other = await app.tenant();
    const theirs = await issue(other.gql);
    const mine = await issue(tenant.gql);
    const ids = (await list(tenant.gql)).data?.apiKeys.map(key => key.id);
    expect(ids).toContain(mine.apiKey.id);
    expect(ids).not.toContain(theirs.apiKey.id);
    expect(codeOf(await list(tenant.gql, other.id))).toBe('FORBIDDEN');
    expect(codeOf(await ask(tenant.gql, { tenantId: other.id }))).toBe('FORBIDDEN');
    expect(codeOf(await revoke(tenant.gql, theirs.apiKey.id))).toBe('NOT_FOUND');
    expect((await use(theirs.secret)).errors).toEqual([]);
  });

  test("MANAGE does not see, issue or revoke the platform's keys", async () => {
    const { apiKey, secret } = await issue(app.admin, { scopes: ['ADMIN'] });
    expect(codeOf(await list(tenant.gql, PLATFORM))).toBe('NOT_FOUND');
    expect(codeOf(await ask(tenant.gql, { tenantId: PLATFORM, scopes: ['ADMIN'] }))).toBe('NOT_FOUND');
    expect(codeOf(await revoke(tenant.gql, apiKey.id))).toBe('NOT_FOUND');
    expect((await use(secret)).errors).toEqual([]);
  });

  test("an administrator sees and revokes any tenant's, and without a name the platform's", async () => {
    const { apiKey, secret } = await issue(tenant.gql);
    const own = await issue(app.admin, { scopes: ['ADMIN'] });
    expect((await list(app.admin, tenant.id)).data?.apiKeys.map(key => key.id)).toContain(apiKey.id);
    const platforms = (await list(app.admin)).data?.apiKeys.map(key => key.id);
    expect(platforms).toContain(own.apiKey.id);
    expect(platforms).not.toContain(apiKey.id);
    expect(codeOf(await revoke(app.admin, apiKey.id))).toBeUndefined();
    expect(codeOf(await use(secret))).toBe('UNAUTHENTICATED');
  });

  test('issuing and revoking are audited with who did it, without the secret', async () => {
    const { apiKey, secret } = await issue(app.admin, { tenantId: tenant.id });
    await revoke(tenant.gql, apiKey.id);
    const acts = await app.sql<{ action: string; actor_key_id: string; detail: Record<string, unknown> }>(
      `select action, actor_key_id, detail from audit_entries where tenant_id = $1 and detail ->> 'apiKeyId' = $2 order by id`,
      [tenant.id, apiKey.id],
    );
    expect(acts.map(act => act.action)).toEqual(['api-key.issued', 'api-key.revoked']);
    expect(new Set(acts.map(act => act.actor_key_id)).size).toBe(2);
    expect(JSON.stringify(acts)).not.toContain(secret.slice(3));
  });

  test('a key of a tenant that vanished opens nothing of another', async () => {
    const lone = await app.nest.get(IssueApiKey).execute(
      {
        tenantId: asTenantId(tenant.id),
        name: 'x',
        scopes: ['READ'],
        defaultCategory: null,
        allowedIps: null,
        expiresAt: null,
      },
      null,
    );
    await app.sql('update api_keys set tenant_id = $1 where id = $2', [
      '0198a1b2-0000-7000-8000-00000000000f',
      lone.apiKey.id,
    ]);
    const { data } = await new GraphqlClient(app.url, lone.secret).ask(
      '{ messages { nodes { id } } viewer { tenant { id } } }',
    );
    expect(data).toEqual({ messages: { nodes: [] }, viewer: { tenant: null } });
  });
});
