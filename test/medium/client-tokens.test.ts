import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GraphqlAnswer, GraphqlClient } from '../support/graphql-client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { accepted, type MessageView } from '../support/messages.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

const OPEN = '2026-01-06T09:00:00.000Z';
const MASTER_KEY = Buffer.alloc(32, 5).toString('base64');

let database: TestDatabase;
let app: TestApp;
let elsewhere: TestApp;
let tenant: TestTenant;
let message: MessageView;
beforeAll(async () => {
  database = await createDatabase();
  const options = { databaseUrl: database.ownerUrl, env: { MASTER_KEY } };
  app = await appAt(OPEN, options);
  elsewhere = await appAt(OPEN, options);
});
beforeEach(async () => {
  app.clock.set(OPEN);
  elsewhere.clock.set(OPEN);
  tenant = await app.tenant();
  message = await accepted(tenant.gql, { text: 'Code 4711', tag: 'order-1' });
});
afterAll(async () => {
  await app.close();
  await elsewhere.close();
  await database.drop();
});

interface Token {
  readonly token: string;
  readonly expiresAt: string;
}
const ask = (input: unknown, client = tenant.gql): Promise<GraphqlAnswer<{ issueClientToken: Token }>> =>
  client.ask('mutation ($input: IssueClientTokenInput!) { issueClientToken(input: $input) { token expiresAt } }', {
    input,
  });
async function issue(input: unknown, client = tenant.gql): Promise<Token> {
  const { data, errors } = await ask(input, client);
  if (data === null) throw new Error(JSON.stringify(errors));
  return data.issueClientToken;
}
const browser = ({ token }: Token, at = app): GraphqlClient => new GraphqlClient(at.url, token);
const codeOf = (answer: GraphqlAnswer<unknown>): string => answer.errors[0]?.extensions.code ?? 'answered';

const VIEW = `id number status tag counts { waiting } waiting { kind } timeline { kind }
  text sentText deliveries { totalCount nodes { id status phoneNumber } }`;
const LOOK = `query ($id: ID!, $number: SafeInt!) {
  message(id: $id) { ${VIEW} } messageByNumber(number: $number) { ${VIEW} } messages { nodes { ${VIEW} } } }`;
interface Seen {
  readonly id: string;
  readonly text: string | null;
  readonly sentText: string | null;
  readonly deliveries: {
    readonly totalCount: number;
    readonly nodes: readonly { readonly phoneNumber: string | null }[];
  };
}
interface Look {
  readonly message: Seen | null;
  readonly messageByNumber: Seen | null;
  readonly messages: { readonly nodes: readonly Seen[] };
}
const look = (client: GraphqlClient, at: MessageView): Promise<Look> =>
  client.run<Look>(LOOK, { id: at.id, number: at.number });
const NOTHING = { message: null, messageByNumber: null };

describe('a token of one message', () => {
  test('shows a browser that message and no other, by id, by number and in the list', async () => {
    const other = await accepted(tenant.gql, { tag: 'order-1' });
    const client = browser(await issue({ messageId: message.id }));
    const { message: byId, messageByNumber, messages } = await look(client, message);
    expect([byId?.id, messageByNumber?.id, messages.nodes.map(({ id }) => id)]).toEqual([
      message.id,
      message.id,
      [message.id],
    ]);
    expect(await look(client, other)).toMatchObject(NOTHING);
    const { messages: none } = await client.run<Look>('{ messages(filter: { tag: "order-2" }) { nodes { id } } }');
    expect(none.nodes).toEqual([]);
  });

  test('shows neither its text nor a number unless the back end says so', async () => {
    const hidden = (await look(browser(await issue({ messageId: message.id })), message)).message;
    expect(hidden).toMatchObject({
      text: null,
      sentText: null,
      deliveries: { totalCount: 1, nodes: [{ phoneNumber: null }] },
    });
    const shown = (await look(browser(await issue({ messageId: message.id, personalData: true })), message)).message;
    expect(shown).toMatchObject({
      text: 'Code 4711',
      sentText: expect.stringContaining('4711'),
      deliveries: { nodes: [{ phoneNumber: '+33612345678' }] },
    });
  });

  test('does not tell by the list’s filter whether a number is among the recipients', async () => {
    const filtered = '{ messages(filter: { phoneNumber: "+33612345678" }) { nodes { id } } }';
    expect(codeOf(await browser(await issue({ messageId: message.id })).ask(filtered))).toBe('BAD_USER_INPUT');
    const open = browser(await issue({ messageId: message.id, personalData: true }));
    expect((await open.run<Look>(filtered)).messages.nodes).toEqual([{ id: message.id }]);
  });

  test('is for a message that there is, of one’s own', async () => {
    const theirs = await accepted((await app.tenant()).gql);
    for (const messageId of [theirs.id, '0198a1b2-0000-7000-8000-000000000001', 'nonsense'])
      expect(codeOf(await ask({ messageId }))).toBe('NOT_FOUND');
  });
});

describe('a token of one tag', () => {
  test('shows the messages of that tag, those to come included, and no others', async () => {
    const client = browser(await issue({ tag: 'order-1' }));
    const untagged = await accepted(tenant.gql);
    const other = await accepted(tenant.gql, { tag: 'order-10' });
    const later = await accepted(tenant.gql, { tag: 'order-1' });
    const listed = (await look(client, message)).messages.nodes.map(({ id }) => id);
    expect(listed).toEqual([later.id, message.id]);
    expect((await look(client, later)).message?.id).toBe(later.id);
    for (const hidden of [untagged, other]) expect(await look(client, hidden)).toMatchObject(NOTHING);
  });

  test('is nothing at another tenant with the same tag', async () => {
    const other = await app.tenant();
    const theirs = await accepted(other.gql, { tag: 'order-1' });
    const client = browser(await issue({ tag: 'order-1' }));
    expect(await look(client, theirs)).toMatchObject({ ...NOTHING, messages: { nodes: [{ id: message.id }] } });
    const named = 'query ($t: ID!) { messages(tenantId: $t) { nodes { id } } }';
    expect(codeOf(await client.ask(named, { t: other.id }))).toBe('FORBIDDEN');
  });

  test('may have accents and letters beyond Latin', async () => {
    const tagged = await accepted(tenant.gql, { tag: 'été-заказ' });
    expect((await look(browser(await issue({ tag: 'été-заказ' })), tagged)).message?.id).toBe(tagged.id);
  });
});

describe('what a token never opens', () => {
  test.for([
    '{ viewer { scopes } }',
    '{ prices { amount } }',
    '{ ledger { nodes { id } } }',
    '{ optOuts { nodes { phoneNumber } } }',
    '{ batchByNumber(number: 1) { id } }',
    '{ sendWindow { open } }',
    '{ apiKeys { id } }',
    '{ previewSms(input: { to: ["+33612345678"], text: "x" }) { __typename } }',
    'mutation { sendSms(input: { to: ["+33612345678"], text: "x" }) { __typename } }',
    'mutation { issueApiKey(input: { name: "x", scopes: [READ] }) { secret } }',
    'mutation { issueClientToken(input: { tag: "order-1" }) { token } }',
  ])('%s', async document => {
    expect(codeOf(await browser(await issue({ tag: 'order-1' })).ask(document))).toBe('FORBIDDEN');
  });

  test('SMS Partner’s API', async () => {
    const { token } = await issue({ messageId: message.id, personalData: true });
    for (const path of [
      'me?',
      `message-status?messageId=${message.number}&phoneNumber=0612345678&`,
      'stop-sms/list?',
    ]) {
      const answer = await request(`${app.url}/v1/${path}apiKey=${token}`);
      expect([answer.statusCode, await answer.body.json()]).toMatchObject([400, { success: false, code: 40 }]);
    }
  });
});

describe('how long a token lasts', () => {
  test('a quarter of an hour unless told otherwise, to the instant, on every process', async () => {
    const token = await issue({ tag: 'order-1' });
    expect(token.expiresAt).toBe('2026-01-06T09:15:00.000Z');
    for (const at of [app, elsewhere]) {
      at.clock.set('2026-01-06T09:14:59.999Z');
      expect(codeOf(await browser(token, at).ask('{ messages { nodes { id } } }'))).toBe('answered');
      at.clock.set('2026-01-06T09:15:00.000Z');
      expect(codeOf(await browser(token, at).ask('{ messages { nodes { id } } }'))).toBe('UNAUTHENTICATED');
    }
  });

  test.for([0, -1, 3_601])('is refused with %i s', async ttlSeconds => {
    const answer = await ask({ tag: 'order-1', ttlSeconds });
    expect(answer.errors[0]).toMatchObject({
      message: 'ttlSeconds must be from 1 to 3600',
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  test('may be an hour, and is no longer than its key', async () => {
    expect((await issue({ tag: 'order-1', ttlSeconds: 3_600 })).expiresAt).toBe('2026-01-06T10:00:00.000Z');
    const input = { name: 'short', scopes: ['READ'], expiresAt: '2026-01-06T09:05:00.000Z' };
    const short = await tenant.gql.run<{ issueApiKey: { secret: string } }>(
      'mutation ($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret } }',
      { input },
    );
    const client = new GraphqlClient(app.url, short.issueApiKey.secret);
    expect((await issue({ tag: 'order-1' }, client)).expiresAt).toBe('2026-01-06T09:05:00.000Z');
  });

  test('ends with its key: revoked on one process, refused on another within a second, though just used there', async () => {
    const key = await tenant.gql.run<{ issueApiKey: { secret: string; apiKey: { id: string } } }>(
      'mutation { issueApiKey(input: { name: "web", scopes: [READ] }) { secret apiKey { id } } }',
    );
    const token = await issue({ messageId: message.id }, new GraphqlClient(app.url, key.issueApiKey.secret));
    const ping = (at: TestApp) => browser(token, at).ask('{ messages { nodes { id } } }');
    expect([codeOf(await ping(app)), codeOf(await ping(elsewhere))]).toEqual(['answered', 'answered']);
    await tenant.gql.run('mutation ($id: ID!) { revokeApiKey(id: $id) { id } }', { id: key.issueApiKey.apiKey.id });
    expect(codeOf(await ping(app))).toBe('UNAUTHENTICATED');
    elsewhere.clock.advance({ seconds: 1 });
    expect(codeOf(await ping(elsewhere))).toBe('UNAUTHENTICATED');
  });
});

const rowsWritten = (): Promise<unknown> =>
  app.sql('select (select count(*) from audit_entries) + (select count(*) from timeline_events) as c');

describe('issuing a token', () => {
  test('needs exactly one of messageId and tag, and a tag that can be one', async () => {
    for (const input of [
      {},
      { messageId: null, tag: null },
      { messageId: message.id, tag: 'order-1' },
      { tag: 'A B' },
      { tag: '' },
    ])
      expect(codeOf(await ask(input))).toBe('BAD_USER_INPUT');
  });

  test('needs READ of a tenant', async () => {
    expect(codeOf(await ask({ tag: 'x' }, await app.key(tenant.id, ['SEND', 'MANAGE'])))).toBe('FORBIDDEN');
    expect(codeOf(await ask({ tag: 'x' }, app.admin))).toBe('FORBIDDEN');
    expect(codeOf(await ask({ tag: 'x' }, await app.key(tenant.id, ['READ'])))).toBe('answered');
  });

  test('leaves nothing in the database', async () => {
    const before = await rowsWritten();
    await issue({ tag: 'order-1' });
    expect(await rowsWritten()).toEqual(before);
  });
});

describe('a token that is none of ours', () => {
  test('is refused: altered anywhere, shortened, lengthened, or signed under another master key', async () => {
    const { token } = await issue({ messageId: message.id });
    const bytes = Buffer.from(token.slice(4), 'base64url');
    const altered = Array.from(bytes.keys(), place => {
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(place) ^ 4, place);
      return `rct_${copy.toString('base64url')}`;
    });
    const stranger = await appAt(OPEN, { databaseUrl: database.ownerUrl });
    const codes = new Set<string>();
    for (const wrong of [...altered, token.slice(0, -4), `${token}AAAA`, 'rct_', `rct_${'A'.repeat(95)}`])
      codes.add(codeOf(await new GraphqlClient(app.url, wrong).ask('{ messages { nodes { id } } }')));
    codes.add(codeOf(await new GraphqlClient(stranger.url, token).ask('{ messages { nodes { id } } }')));
    await stranger.close();
    expect([...codes]).toEqual(['UNAUTHENTICATED']);
  });

  test('counts as a failure of its address', async () => {
    const limited = await appAt(OPEN, {
      databaseUrl: database.ownerUrl,
      env: { MASTER_KEY, AUTH_FAILURES_PER_SECOND: '1' },
    });
    const codes = [];
    for (let time = 0; time < 6; time += 1)
      codes.push(
        codeOf(await new GraphqlClient(limited.url, `rct_${'A'.repeat(95)}`).ask('{ messages { nodes { id } } }')),
      );
    await limited.close();
    expect(codes).toEqual([...Array.from({ length: 5 }, () => 'UNAUTHENTICATED'), 'RATE_LIMITED']);
  });

  test('still works under the master key before, while that is given', async () => {
    const { token } = await issue({ messageId: message.id });
    const env = { MASTER_KEY: Buffer.alloc(32, 6).toString('base64'), MASTER_KEY_PREVIOUS: MASTER_KEY };
    const changed = await appAt(OPEN, { databaseUrl: database.ownerUrl, env });
    expect(codeOf(await new GraphqlClient(changed.url, token).ask('{ messages { nodes { id } } }'))).toBe('answered');
    await changed.close();
  });
});
