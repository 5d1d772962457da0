import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GraphqlAnswer, GraphqlClient } from '../support/graphql-client.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

const OPEN = '2026-01-06T09:00:00.000Z';

interface KeyView {
  readonly id: string;
  readonly prefix: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly [field: string]: unknown;
}
interface Issued {
  readonly secret: string;
  readonly apiKey: KeyView;
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

async function issue(input: Readonly<Record<string, unknown>> = {}, client = tenant.gql): Promise<Issued> {
  const document = `mutation ($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret apiKey { ${FIELDS} } } }`;
  return (await client.run<{ issueApiKey: Issued }>(document, { input: { name: 'shop', scopes: ['READ'], ...input } }))
    .issueApiKey;
}
const askToRotate = (
  id: string,
  overlapSeconds?: number,
  client = tenant.gql,
): Promise<GraphqlAnswer<{ rotateApiKey: Issued }>> =>
  client.ask(
    `mutation ($id: ID!, $overlapSeconds: Int = 86400) { rotateApiKey(id: $id, overlapSeconds: $overlapSeconds) { secret apiKey { ${FIELDS} } } }`,
    { id, overlapSeconds },
  );
async function rotate(id: string, overlapSeconds?: number, client = tenant.gql): Promise<Issued> {
  const { data, errors } = await askToRotate(id, overlapSeconds, client);
  if (data === null) throw new Error(JSON.stringify(errors));
  return data.rotateApiKey;
}
const codeOf = (answer: GraphqlAnswer<unknown>): string => answer.errors[0]?.extensions.code ?? 'let in';
const use = async (secret: string): Promise<string> =>
  codeOf(await new GraphqlClient(app.url, secret).ask('{ prices { amount } }'));
const seen = async (id: string): Promise<KeyView | undefined> =>
  (await tenant.gql.run<{ apiKeys: KeyView[] }>(`{ apiKeys { ${FIELDS} } }`)).apiKeys.find(key => key.id === id);

describe('rotating a key', () => {
  test('answers a new one with all that the old one had, and both work for a day', async () => {
    const old = await issue({
      scopes: ['SEND', 'READ'],
      defaultCategory: 'TRANSACTIONAL',
      allowedIps: ['127.0.0.0/8'],
    });
    app.clock.set('2026-01-07T09:00:00.000Z');
    const { secret, apiKey } = await rotate(old.apiKey.id);
    expect(secret).toMatch(/^rk_[A-Za-z0-9_-]{43}$/);
    const { id, prefix, createdAt, ...same } = old.apiKey;
    expect(apiKey).toMatchObject(same);
    expect(apiKey).toMatchObject({ prefix: secret.slice(0, 9), createdAt: '2026-01-07T09:00:00.000Z' });
    expect([apiKey.id, prefix, createdAt]).not.toContain(id);
    expect([await use(old.secret), await use(secret)]).toEqual(['let in', 'let in']);
    app.clock.set('2026-01-08T08:59:59.999Z');
    expect(await use(old.secret)).toBe('let in');
    app.clock.set('2026-01-08T09:00:00.000Z');
    expect([await use(old.secret), await use(secret)]).toEqual(['UNAUTHENTICATED', 'let in']);
    expect(await seen(old.apiKey.id)).toMatchObject({ expiresAt: '2026-01-08T09:00:00.000Z', revokedAt: null });
  });

  test('without overlap stops the old one at once', async () => {
    const old = await issue();
    const { secret } = await rotate(old.apiKey.id, 0);
    expect([await use(old.secret), await use(secret)]).toEqual(['UNAUTHENTICATED', 'let in']);
    expect((await seen(old.apiKey.id))?.revokedAt).toBe(OPEN);
  });

  test('never lets the old one live longer than it was to', async () => {
    const old = await issue({ expiresAt: '2026-01-06T10:00:00.000Z' });
    await rotate(old.apiKey.id, 86_400);
    expect((await seen(old.apiKey.id))?.expiresAt).toBe('2026-01-06T10:00:00.000Z');
    app.clock.set('2026-01-06T10:00:00.000Z');
    expect(await use(old.secret)).toBe('UNAUTHENTICATED');
  });

  test('again within the overlap shortens it or leaves it, and gives the new one the time that the first was issued for', async () => {
    const old = await issue({ expiresAt: '2026-04-06T09:00:00.000Z' });
    const first = await rotate(old.apiKey.id, 3_600);
    app.clock.set('2026-01-06T09:30:00.000Z');
    const second = await rotate(old.apiKey.id, 86_400);
    expect((await seen(old.apiKey.id))?.expiresAt).toBe('2026-01-06T10:00:00.000Z');
    expect([first.apiKey.expiresAt, second.apiKey.expiresAt]).toEqual([
      '2026-04-06T09:00:00.000Z',
      '2026-04-06T09:30:00.000Z',
    ]);
    await rotate(old.apiKey.id, 60);
    expect((await seen(old.apiKey.id))?.expiresAt).toBe('2026-01-06T09:31:00.000Z');
  });

  test('of a key that is issued for good answers one for good', async () => {
    const old = await issue();
    const { apiKey } = await rotate((await rotate(old.apiKey.id, 60)).apiKey.id, 60);
    expect(apiKey.expiresAt).toBeNull();
  });

  test.for([-1, 2_592_001])('with an overlap of %i s is refused, and changes nothing', async overlap => {
    const old = await issue();
    const answer = await askToRotate(old.apiKey.id, overlap);
    expect(codeOf(answer)).toBe('BAD_USER_INPUT');
    expect(answer.errors[0]?.message).toContain('overlapSeconds must be from 0 (at once) to 2592000');
    expect(await seen(old.apiKey.id)).toEqual(old.apiKey);
  });

  test('of a key that is revoked or over is refused with what to do', async () => {
    const revoked = await issue();
    await tenant.gql.run('mutation ($id: ID!) { revokeApiKey(id: $id) { id } }', { id: revoked.apiKey.id });
    const over = await issue({ expiresAt: '2026-01-06T09:00:01.000Z' });
    app.clock.set('2026-01-06T09:00:01.000Z');
    for (const { apiKey } of [revoked, over]) {
      const { errors } = await askToRotate(apiKey.id);
      expect(errors[0]).toMatchObject({
        message: 'id names a key that is revoked or over; issue a new one',
        extensions: { code: 'BAD_USER_INPUT' },
      });
    }
  });

  test('twice at once without overlap answers one new key: the other finds the old one revoked', async () => {
    const old = await issue();
    const answers = await Promise.all([0, 0, 0].map(overlap => askToRotate(old.apiKey.id, overlap)));
    expect(answers.map(codeOf).toSorted()).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT', 'let in']);
  });

  test('is for the own tenant with MANAGE, and for any key with ADMIN, the platform’s included', async () => {
    const other = await app.tenant();
    const theirs = await issue({}, other.gql);
    const platforms = await issue({ scopes: ['ADMIN'] }, app.admin);
    for (const { apiKey } of [theirs, platforms]) expect(codeOf(await askToRotate(apiKey.id))).toBe('NOT_FOUND');
    expect(codeOf(await askToRotate('nonsense'))).toBe('NOT_FOUND');
    expect(codeOf(await askToRotate(theirs.apiKey.id, 0, await app.key(tenant.id, ['READ', 'SEND'])))).toBe(
      'FORBIDDEN',
    );
    expect(await use((await rotate(theirs.apiKey.id, 0, app.admin)).secret)).toBe('let in');
    const renewed = await rotate(platforms.apiKey.id, 0, app.admin);
    expect(codeOf(await new GraphqlClient(app.url, renewed.secret).ask('{ tenants { nodes { id } } }'))).toBe('let in');
    expect([await use(theirs.secret), await use(platforms.secret)]).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
  });
});

const update = (id: string, input: unknown, client = tenant.gql) =>
  client.ask<{ updateApiKey: KeyView }>(
    `mutation ($id: ID!, $input: UpdateApiKeyInput!) { updateApiKey(id: $id, input: $input) { ${FIELDS} } }`,
    { id, input },
  );

describe('editing a key', () => {
  test('changes what is given and leaves the rest', async () => {
    const { apiKey } = await issue({ allowedIps: ['10.0.0.0/8'] });
    expect((await update(apiKey.id, { name: ' till ' })).data?.updateApiKey).toEqual({ ...apiKey, name: 'till' });
    expect((await update(apiKey.id, { allowedIps: ['192.0.2.7'] })).data?.updateApiKey).toEqual({
      ...apiKey,
      name: 'till',
      allowedIps: ['192.0.2.7'],
    });
    await update(apiKey.id, { allowedIps: null });
    expect(await seen(apiKey.id)).toEqual({ ...apiKey, name: 'till', allowedIps: null });
  });

  test('refuses what could not be issued, keys that are over, and those of others', async () => {
    const { apiKey } = await issue();
    for (const input of [{ allowedIps: [] }, { allowedIps: ['x'] }, { name: '' }, { name: '  ' }])
      expect(codeOf(await update(apiKey.id, input))).toBe('BAD_USER_INPUT');
    expect(codeOf(await update(apiKey.id, { name: 'x' }, (await app.tenant()).gql))).toBe('NOT_FOUND');
    await rotate(apiKey.id, 0);
    expect(codeOf(await update(apiKey.id, { name: 'x' }))).toBe('BAD_USER_INPUT');
  });
});
