import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type OwnCredential, ProviderCredentials } from '../../src/accounts/index.js';
import { Seal } from '../../src/accounts/seal.js';
import { asTenantId, type TenantId, Transactions } from '../../src/kernel/index.js';
import { everythingStored } from '../support/everything-stored.js';
import { accepted, acceptedFor, look, refused, schedule } from '../support/messages.js';
import type { GraphqlAnswer } from '../support/graphql-client.js';
import { appAt, configOf, type TestApp } from '../support/test-app.js';

const OPEN = '2026-01-06T09:00:00Z';
/** 23:00 in Paris. */
const NIGHT = '2026-01-06T22:00:00Z';
const TOMORROW = '2026-01-07T09:00:00Z';

let app: TestApp;
beforeAll(async () => {
  app = await appAt(OPEN);
});
beforeEach(() => app.clock.set(OPEN));
afterAll(() => app.close());

const FIELDS = `id name status defaultCategory transactionalAllowed unicodeAllowed quietHoursEnforced defaultSender allowedSenders
  resendWhenAbsent balance currency provider hasProviderCredential createdAt`;
type View = Readonly<Record<string, unknown>> & { readonly id: string };

async function one(answer: Promise<GraphqlAnswer<Record<string, View>>>): Promise<View> {
  const { data, errors } = await answer;
  const [view] = Object.values(data ?? {});
  if (view === undefined) throw new Error(JSON.stringify(errors));
  return view;
}
const codeOf = (answer: GraphqlAnswer<unknown>): string | undefined => answer.errors[0]?.extensions.code;

type Input = Readonly<Record<string, unknown>>;
const create = (input: Input): Promise<GraphqlAnswer<Record<string, View>>> =>
  app.admin.ask(`mutation ($input: CreateTenantInput!) { createTenant(input: $input) { ${FIELDS} } }`, { input });
const update = (id: string, input: Input): Promise<GraphqlAnswer<Record<string, View>>> =>
  app.admin.ask(
    `mutation ($id: ID!, $input: UpdateTenantInput!) { updateTenant(id: $id, input: $input) { ${FIELDS} } }`,
    { id, input },
  );
const suspend = (id: string, reason = 'unpaid'): Promise<GraphqlAnswer<Record<string, View>>> =>
  app.admin.ask(`mutation ($id: ID!, $reason: String!) { suspendTenant(id: $id, reason: $reason) { ${FIELDS} } }`, {
    id,
    reason,
  });
const reactivate = (id: string): Promise<GraphqlAnswer<Record<string, View>>> =>
  app.admin.ask(`mutation ($id: ID!) { reactivateTenant(id: $id) { ${FIELDS} } }`, { id });
const setCredential = (
  id: string,
  apiKey: string,
  provider = 'smspartner',
): Promise<GraphqlAnswer<Record<string, View>>> =>
  app.admin.ask(
    `mutation ($id: ID!, $provider: String!, $apiKey: String!) { setProviderCredential(tenantId: $id, provider: $provider, apiKey: $apiKey) { ${FIELDS} } }`,
    { id, provider, apiKey },
  );

describe('a new tenant', () => {
  test('has no credit, commercial SMS in EUR, quiet hours, and whatever else was not said by default', async () => {
    expect(await one(create({ name: '  Boulangerie  ' }))).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'Boulangerie',
      status: 'ACTIVE',
      defaultCategory: 'COMMERCIAL',
      transactionalAllowed: false,
      unicodeAllowed: false,
      quietHoursEnforced: true,
      defaultSender: null,
      allowedSenders: null,
      resendWhenAbsent: true,
      balance: '0.0000',
      currency: 'EUR',
      provider: 'simulator',
      hasProviderCredential: false,
      createdAt: '2026-01-06T09:00:00.000Z',
    });
  });

  test('exempt from quiet hours sends transactional SMS only, and a commercial one of it is refused', async () => {
    const { id, defaultCategory } = await one(create({ name: 'Mairie', quietHoursEnforced: false }));
    expect(defaultCategory).toBe('TRANSACTIONAL');
    const client = await app.key(asTenantId(id), ['SEND', 'READ']);
    const refusal = await refused(client, { category: 'COMMERCIAL' });
    expect(refusal.problems?.map(problem => problem.code)).toEqual(['CATEGORY_NOT_ALLOWED']);
  });

  test.for([
    ['no name', { name: '' }],
    ['a blank name', { name: ' ' }],
    ['an endless name', { name: 'x'.repeat(101) }],
    ['a currency that is none', { currency: 'euros' }],
    ['a sender that is too short', { defaultSender: 'AB' }],
    ['a sender of digits', { defaultSender: '12345' }],
    ['a sender with an accent', { defaultSender: 'CAFÉ' }],
    ['an allowed sender that cannot be', { allowedSenders: ['BOUTIQUE', '!'] }],
    ['a default sender that is not allowed', { defaultSender: 'AUTRE', allowedSenders: ['BOUTIQUE'] }],
    ['TRANSACTIONAL by default without the permission', { defaultCategory: 'TRANSACTIONAL' }],
  ] as const)('with %s is refused', async ([, input]) => {
    const before = (await app.sql('select id from tenants')).length;
    expect(codeOf(await create({ name: 'Boulangerie', ...input }))).toBe('BAD_USER_INPUT');
    expect(await app.sql('select id from tenants')).toHaveLength(before);
  });
});

describe('changing a tenant', () => {
  test('changes what is given and leaves the rest', async () => {
    const { id } = await one(create({ name: 'A', defaultSender: 'BOUTIQUE', allowedSenders: ['BOUTIQUE', 'PROMO'] }));
    const changed = await one(update(id, { name: 'B', unicodeAllowed: true }));
    expect(changed).toMatchObject({
      name: 'B',
      unicodeAllowed: true,
      defaultSender: 'BOUTIQUE',
      allowedSenders: ['BOUTIQUE', 'PROMO'],
    });
    expect(await one(update(id, { defaultSender: null, allowedSenders: null }))).toMatchObject({
      defaultSender: null,
      allowedSenders: null,
      name: 'B',
    });
  });

  test('is judged as a whole, and refused whole', async () => {
    const { id } = await one(create({ name: 'A', allowedSenders: ['BOUTIQUE'] }));
    for (const input of [
      { name: '', unicodeAllowed: true },
      { defaultSender: 'PROMO', unicodeAllowed: true },
      { defaultCategory: 'TRANSACTIONAL', unicodeAllowed: true },
    ])
      expect(codeOf(await update(id, input))).toBe('BAD_USER_INPUT');
    expect(await one(update(id, {}))).toMatchObject({ name: 'A', unicodeAllowed: false, defaultSender: null });
  });

  test('by two administrators at once loses neither change', async () => {
    const { id } = await one(create({ name: 'A' }));
    await Promise.all([
      update(id, { unicodeAllowed: true }),
      update(id, { resendWhenAbsent: false }),
      update(id, { name: 'B' }),
    ]);
    expect(await one(update(id, {}))).toMatchObject({ name: 'B', unicodeAllowed: true, resendWhenAbsent: false });
  });

  test('takes effect on the next SMS', async () => {
    const { id, gql } = await app.tenant();
    await update(id, { allowedSenders: ['BOUTIQUE'], transactionalAllowed: false });
    const refusal = await refused(gql, { sender: 'AUTRE', category: 'TRANSACTIONAL' });
    expect(refusal.problems?.map(problem => problem.code).toSorted()).toEqual([
      'CATEGORY_NOT_ALLOWED',
      'SENDER_NOT_ALLOWED',
    ]);
  });

  test('that takes its exemption away makes it COMMERCIAL by default: what it plainly sends at night is held', async () => {
    const { id } = await one(create({ name: 'Mairie', quietHoursEnforced: false }));
    await app.admin.run(
      'mutation ($id: ID!) { creditTenant(id: $id, amount: "10.0000", reason: "test", idempotencyKey: "test") { id } }',
      { id },
    );
    const client = await app.key(asTenantId(id), ['SEND', 'READ']);
    app.clock.set(NIGHT);
    const exempt = await accepted(client);
    expect(exempt).toMatchObject({ category: 'TRANSACTIONAL', status: 'QUEUED' });
    expect(await one(update(id, { quietHoursEnforced: true }))).toMatchObject({
      quietHoursEnforced: true,
      defaultCategory: 'COMMERCIAL',
      transactionalAllowed: false,
    });
    const held = await accepted(client);
    expect(held).toMatchObject({
      category: 'COMMERCIAL',
      status: 'HELD',
      releaseAt: '2026-01-07T07:00:00.000Z',
    });
    const refusal = await refused(client, { category: 'TRANSACTIONAL' });
    expect(refusal.problems?.map(problem => problem.code)).toEqual(['CATEGORY_NOT_ALLOWED']);
    // What was accepted before keeps its category.
    await app.tick();
    expect(await look(client, exempt.id)).toMatchObject({ category: 'TRANSACTIONAL', status: 'SENT' });
    expect((await look(client, held.id)).status).toBe('HELD');
    app.clock.set(TOMORROW);
    await app.tick();
    expect((await look(client, held.id)).status).toBe('SENT');
  });

  test('that takes its exemption away may keep TRANSACTIONAL by default, where it says so and it is allowed', async () => {
    const settings = { quietHoursEnforced: true, defaultCategory: 'TRANSACTIONAL' };
    const { id } = await one(create({ name: 'Mairie', quietHoursEnforced: false }));
    expect(codeOf(await update(id, settings))).toBe('BAD_USER_INPUT');
    expect(await one(update(id, { ...settings, transactionalAllowed: true }))).toMatchObject({
      quietHoursEnforced: true,
      defaultCategory: 'TRANSACTIONAL',
    });
  });

  test('that is not there is NOT_FOUND', async () => {
    for (const id of ['0198a1b2-0000-7000-8000-000000000001', '00000000-0000-0000-0000-000000000000', 'x'])
      for (const answer of [
        await update(id, { name: 'B' }),
        await suspend(id),
        await reactivate(id),
        await setCredential(id, 'k'),
      ])
        expect(codeOf(answer)).toBe('NOT_FOUND');
  });
});

describe('a suspended tenant', () => {
  test('gets nothing new accepted, its messages wait and say so, and they go when it is active again', async () => {
    const { id, gql } = await app.tenant();
    const queued = await accepted(gql, { idempotencyKey: 'k' });
    const held = await acceptedFor(gql, TOMORROW);
    expect(await one(suspend(id))).toMatchObject({ status: 'SUSPENDED' });

    const { errors } = await gql.ask('mutation { sendSms(input: { to: ["+33612345678"], text: "x" }) { __typename } }');
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'TENANT_SUSPENDED' });
    await expect(schedule(gql, TOMORROW)).rejects.toThrow('TENANT_SUSPENDED');
    expect((await accepted(gql, { idempotencyKey: 'k' })).id).toBe(queued.id);

    const already = app.simulator.accepted.length;
    app.clock.set(TOMORROW);
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(already);
    for (const { id: messageId } of [queued, held])
      expect((await look(gql, messageId)).waiting.map(reason => reason.kind)).toEqual(['TENANT_SUSPENDED']);

    expect(await one(reactivate(id))).toMatchObject({ status: 'ACTIVE' });
    await app.tick();
    for (const { id: messageId } of [queued, held]) expect((await look(gql, messageId)).status).toBe('SENT');
  });

  test('needs a reason', async () => {
    const { id } = await app.tenant();
    for (const reason of ['', '   ', 'x'.repeat(501)]) expect(codeOf(await suspend(id, reason))).toBe('BAD_USER_INPUT');
  });
});

const open = (tenantId: TenantId): Promise<OwnCredential> =>
  app.nest.get(Transactions).run(tenantId, tx => app.nest.get(ProviderCredentials).open(tx, tenantId, 'smspartner'));

const sealUnder = (byte: number): Seal =>
  new Seal(configOf({ DATABASE_URL: 'postgresql://x', MASTER_KEY: Buffer.alloc(32, byte).toString('base64') }));

describe("a tenant's own account with the provider", () => {
  const API_KEY = 'cle-du-client-0123456789';
  test('is sealed: nothing that is stored or told contains the key, and Relais can open it', async () => {
    const { id } = await app.tenant();
    const view = await one(setCredential(id, API_KEY));
    expect(view).toMatchObject({ provider: 'simulator', hasProviderCredential: true });
    expect(JSON.stringify(view)).not.toContain(API_KEY);
    const stored = await everythingStored(app);
    expect(stored).toContain('provider-credential.set');
    for (const form of [API_KEY, Buffer.from(API_KEY).toString('hex'), Buffer.from(API_KEY).toString('base64')])
      expect(stored).not.toContain(form);
    expect(await open(id)).toEqual({ kind: 'opened', apiKey: API_KEY });
  });

  test('is sealed anew each time, and the new key counts', async () => {
    const { id } = await app.tenant();
    const sealed = () =>
      app.sql<{ sealed: Buffer }>('select sealed from provider_credentials where tenant_id = $1', [id]);
    await setCredential(id, API_KEY);
    const [first] = await sealed();
    await setCredential(id, API_KEY);
    const [second] = await sealed();
    expect(first?.sealed.equals(second?.sealed ?? Buffer.alloc(0))).toBe(false);
    await setCredential(id, 'autre');
    expect(await open(id)).toEqual({ kind: 'opened', apiKey: 'autre' });
  });

  test('opens for its tenant only: moved to another, altered or under another master key it does not', async () => {
    const [mine, theirs] = [await app.tenant(), await app.tenant()];
    await setCredential(mine.id, API_KEY);
    expect(await open(theirs.id)).toEqual({ kind: 'none' });
    await app.sql(
      'insert into provider_credentials select $2, provider, sealed, master_key_id, created_at from provider_credentials where tenant_id = $1',
      [mine.id, theirs.id],
    );
    expect(await open(theirs.id)).toEqual({ kind: 'sealed-otherwise' });
    await app.sql(
      `update provider_credentials set sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1) where tenant_id = $1`,
      [mine.id],
    );
    expect(await open(mine.id)).toEqual({ kind: 'sealed-otherwise' });
    const seal = sealUnder(1);
    const other = sealUnder(2);
    const sealed = seal.close(API_KEY, 'x');
    expect(seal.open(sealed, 'x')).toBe(API_KEY);
    expect(() => other.open(sealed, 'x')).toThrow();
    expect(seal.keyId).not.toBe(other.keyId);
  });

  test('is with a provider that there is, and has a key', async () => {
    const { id } = await app.tenant();
    const answers = [
      await setCredential(id, API_KEY, 'autre'),
      await setCredential(id, ' '),
      await setCredential(id, 'x'.repeat(201)),
    ];
    expect(answers.map(codeOf)).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT', 'BAD_USER_INPUT']);
  });
});

const page = (after: string | null) =>
  app.admin.run<{
    tenants: { nodes: { id: string; balance: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  }>(
    'query ($after: String) { tenants(first: 2, after: $after) { nodes { id balance } pageInfo { hasNextPage endCursor } } }',
    { after },
  );

describe('administrators', () => {
  test('are audited with every act on a tenant, without a secret', async () => {
    const { id } = await one(create({ name: 'A' }));
    await update(id, { name: 'B' });
    await suspend(id);
    await reactivate(id);
    await setCredential(id, 'geheim-0123456789');
    await app.admin.ask('query ($id: ID!) { messages(tenantId: $id) { nodes { id } } }', { id });
    const acts = await app.sql<{ action: string; actor_key_id: string; detail: unknown }>(
      'select action, actor_key_id, detail from audit_entries where tenant_id = $1 order by id',
      [id],
    );
    expect(acts.map(act => act.action)).toEqual([
      'tenant.created',
      'tenant.updated',
      'tenant.suspended',
      'tenant.reactivated',
      'provider-credential.set',
      'messages.read',
    ]);
    const { viewer } = await app.admin.run<{ viewer: { apiKey: { id: string } } }>('{ viewer { apiKey { id } } }');
    expect(new Set(acts.map(act => act.actor_key_id))).toEqual(new Set([viewer.apiKey.id]));
    expect(JSON.stringify(acts)).not.toContain('geheim');
  });

  test('see all tenants page by page, newest first', async () => {
    // Later than whatever the other tests made: ids order by time.
    app.clock.advance({ days: 365 });
    const made: string[] = [];
    for (const name of ['A', 'B', 'C']) made.unshift((await one(create({ name }))).id);
    const first = (await page(null)).tenants;
    await create({ name: 'D' });
    const second = (await page(first.pageInfo.endCursor)).tenants;
    expect([...first.nodes, ...second.nodes].slice(0, 3).map(node => node.id)).toEqual(made);
    expect(first.pageInfo.hasNextPage).toBe(true);
  });
});
