import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GraphqlAnswer, GraphqlClient } from '../support/graphql-client.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

interface IssuedView {
  readonly issueApiKey: {
    readonly secret: string;
    readonly apiKey: { readonly id: string; readonly allowedIps: readonly string[] | null };
  };
}

let app: TestApp;
let tenant: TestTenant;
beforeAll(async () => {
  app = await appAt('2026-01-06T09:00:00Z');
});
beforeEach(async () => {
  tenant = await app.tenant();
});
afterAll(() => app.close());

const ask = (client: GraphqlClient, input: Readonly<Record<string, unknown>>): Promise<GraphqlAnswer<IssuedView>> =>
  client.ask<IssuedView>(
    'mutation ($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret apiKey { id allowedIps } } }',
    { input: { name: 'shop', scopes: ['READ'], ...input } },
  );
async function issue(allowedIps?: readonly string[] | null, client = tenant.gql): Promise<IssuedView['issueApiKey']> {
  const { data, errors } = await ask(client, { allowedIps });
  if (data === null) throw new Error(JSON.stringify(errors));
  return data.issueApiKey;
}
const use = (secret: string) =>
  new GraphqlClient(app.url, secret).ask<{ viewer: unknown }>('{ viewer { apiKey { allowedIps } } }');
const seenBy = async (client: GraphqlClient) =>
  (await client.run<{ apiKeys: { id: string }[] }>('{ apiKeys { id allowedIps } }')).apiKeys;
const loopbackRefused = ['10.0.0.0/8'];

describe('a key with addresses', () => {
  test.for([
    ['the address itself', ['127.0.0.1']],
    ['its range', ['127.0.0.0/8']],
    ['one range of several', ['10.0.0.0/8', '2001:db8::/32', '127.0.0.1/32']],
    ['the address as IPv6', ['::ffff:127.0.0.1']],
  ] as const)('works from there: %s', async ([, allowedIps]) => {
    const { secret } = await issue(allowedIps);
    expect(await use(secret)).toMatchObject({ data: { viewer: { apiKey: { allowedIps } } }, errors: [] });
  });

  test('is refused from elsewhere, with what to ask for and without the list', async () => {
    const { secret, apiKey } = await issue([...loopbackRefused, '2001:db8::/32']);
    const { data, errors } = await use(secret);
    expect(data).toBeNull();
    expect(errors).toHaveLength(1);
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'ADDRESS_NOT_ALLOWED' });
    expect(errors[0]?.message).toMatch(/address .* added/);
    expect(errors[0]?.message).not.toMatch(/10\.|2001/);
    const [row] = await app.sql('select last_used_at from api_keys where id = $1', [apiKey.id]);
    expect(row).toEqual({ last_used_at: null });
  });

  test('is refused by where the caller is, not by where it says it is', async () => {
    const { secret } = await issue(loopbackRefused);
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${secret}`,
        'x-forwarded-for': '10.0.0.1',
        forwarded: 'for=10.0.0.1',
      },
      body: JSON.stringify({ query: '{ viewer { scopes } }' }),
    });
    expect(JSON.stringify(await response.json())).toContain('ADDRESS_NOT_ALLOWED');
  });

  test('says nothing of addresses once it is revoked', async () => {
    const { secret, apiKey } = await issue(loopbackRefused);
    await tenant.gql.ask('mutation ($id: ID!) { revokeApiKey(id: $id) { id } }', { id: apiKey.id });
    const [error] = (await use(secret)).errors;
    expect(error?.extensions.code).toBe('UNAUTHENTICATED');
    expect(error?.message).not.toMatch(/address/i);
  });

  test("binds itself alone: the tenant's other keys and other tenants' work as before", async () => {
    await issue(loopbackRefused);
    const other = await app.tenant();
    for (const client of [tenant.gql, other.gql, app.admin])
      expect(await client.ask('{ viewer { apiKey { allowedIps } } }')).toMatchObject({
        data: { viewer: { apiKey: { allowedIps: null } } },
        errors: [],
      });
  });

  test('may be an administrator’s', async () => {
    const { data } = await ask(app.admin, { scopes: ['ADMIN'], allowedIps: loopbackRefused });
    const refused = await use(data?.issueApiKey.secret ?? '');
    expect(refused.errors[0]?.extensions).toMatchObject({ reason: 'ADDRESS_NOT_ALLOWED' });
  });

  test.for([['null', null] as const, ['nothing', undefined] as const])(
    'given %s, it works from anywhere',
    async ([, allowedIps]) => {
      const { secret, apiKey } = await issue(allowedIps);
      expect(apiKey.allowedIps).toBeNull();
      expect((await use(secret)).errors).toEqual([]);
    },
  );
});

describe('the addresses of a key', () => {
  test('are shown among the keys, as they were given, to its own tenant alone', async () => {
    const given = ['192.0.2.7', '2001:DB8::/32'];
    const { apiKey } = await issue(given);
    expect(await seenBy(tenant.gql)).toContainEqual({ id: apiKey.id, allowedIps: given });
    expect(JSON.stringify(await seenBy((await app.tenant()).gql))).not.toContain('192.0.2.7');
  });

  test('are audited with the key', async () => {
    const listed = await issue(['192.0.2.7', '10.0.0.0/8']);
    const anywhere = await issue();
    const acts = await app.sql<{ detail: unknown }>(
      `select detail from audit_entries where tenant_id = $1 and detail ->> 'apiKeyId' = any($2) order by id`,
      [tenant.id, [listed.apiKey.id, anywhere.apiKey.id]],
    );
    expect(acts.map(act => act.detail)).toEqual([
      expect.objectContaining({ apiKeyId: listed.apiKey.id, allowedIps: ['192.0.2.7', '10.0.0.0/8'] }),
      expect.objectContaining({ apiKeyId: anywhere.apiKey.id, allowedIps: null }),
    ]);
  });

  test.for([
    ['a name', ['sms.example'], 'allowedIps[0] must be an address or a CIDR'],
    ['a third that is none', ['192.0.2.7', '10.0.0.0/8', '10.0.0.0/33'], 'allowedIps[2] must be an address or a CIDR'],
    ['an empty one', ['192.0.2.7', ''], 'allowedIps[1] must be an address or a CIDR'],
    ['two in one', ['192.0.2.7, 192.0.2.8'], 'allowedIps[0] must be an address or a CIDR'],
    ['no entry', [], 'allowedIps must not be empty, which would lock the key out'],
    ['more than fifty', many(51), 'allowedIps must have at most 50 entries'],
  ] as const)('are refused with %s', async ([, allowedIps, message]) => {
    const { errors } = await ask(tenant.gql, { allowedIps });
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(errors[0]?.message).toContain(message);
  });

  test('may be fifty', async () => {
    expect((await issue(many(50))).apiKey.allowedIps).toEqual(many(50));
  });
});

function many(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `192.0.2.${index}`);
}
