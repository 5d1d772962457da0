import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { GraphqlClient } from '../support/graphql-client.js';
import { accepted, cancel, reschedule } from '../support/messages.js';
import { socketUrl, Subscriber, WATCH_ALL } from '../support/subscriber.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

let app: TestApp;
let tenant: TestTenant;
const subscribers: Subscriber[] = [];

beforeAll(async () => {
  app = await appAt('2026-01-18T10:00:00.000Z');
  tenant = await app.tenant();
});
afterAll(async () => {
  for (const subscriber of subscribers) await subscriber.leave();
  await app.close();
});

function subscriberWith(key: string | null, name?: string): Subscriber {
  const subscriber = new Subscriber(app.url, key, name === undefined ? {} : { name });
  subscribers.push(subscriber);
  return subscriber;
}

const issueKey = async (input: object = {}): Promise<{ id: string; secret: string }> => {
  const document = `mutation ($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret apiKey { id } } }`;
  const { issueApiKey } = await tenant.gql.run<{ issueApiKey: { secret: string; apiKey: { id: string } } }>(document, {
    input: { name: 'front end', scopes: ['READ'], ...input },
  });
  return { id: issueApiKey.apiKey.id, secret: issueApiKey.secret };
};

describe('the door of the sockets', () => {
  test.for([null, 'rk_nobody', `rk_${'a'.repeat(43)}`])('is closed (4401) to the key %s', async key => {
    const watching = subscriberWith(key).watchAll();
    await watching.until(() => watching.closed.length > 0);
    expect(watching.closed).toEqual([{ code: 4401, reason: 'UNAUTHENTICATED' }]);
    expect(watching.connections).toBe(0);
  });

  test('opens to a key under any spelling of the parameter, as GraphiQL passes it on', async () => {
    const message = await accepted(tenant.gql);
    const watching = subscriberWith(tenant.key, 'Authorization').watchOne(message.id);
    await watching.untilStatus('HELD');
    expect(watching.closed).toEqual([]);
  });

  test('closes behind a key that is revoked, and no other', async () => {
    const { id, secret } = await issueKey();
    const message = await accepted(tenant.gql);
    const watching = subscriberWith(secret).watchOne(message.id);
    const staying = subscriberWith(tenant.key).watchOne(message.id);
    await watching.untilStatus('HELD');
    await staying.untilStatus('HELD');
    await tenant.gql.run('mutation ($id: ID!) { revokeApiKey(id: $id) { id } }', { id });
    await watching.until(() => watching.closed.length > 0);
    expect(watching.closed).toEqual([{ code: 4401, reason: 'UNAUTHENTICATED' }]);
    expect(staying.closed).toEqual([]);
  });

  test('closes behind a key that expires', async () => {
    const { secret } = await issueKey({ expiresAt: '2026-01-18T11:00:00.000Z' });
    const message = await accepted(tenant.gql);
    const watching = subscriberWith(secret).watchOne(message.id);
    await watching.untilStatus('HELD');
    app.clock.set('2026-01-18T11:00:00.000Z');
    await watching.until(() => watching.closed.length > 0);
    expect(watching.closed).toEqual([{ code: 4401, reason: 'UNAUTHENTICATED' }]);
  });

  test('opens to a key that may not READ, but shows it nothing', async () => {
    const { secret } = await issueKey({ scopes: ['SEND'] });
    const watching = subscriberWith(secret).watchAll();
    await watching.until(() => watching.over);
    expect(watching.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  test('opens to a browser’s token, which sees its message alone, without text or numbers, and leaves with its key', async () => {
    const { id, secret } = await issueKey();
    const [own, foreign] = [await accepted(tenant.gql), await accepted(tenant.gql)];
    const { issueClientToken } = await new GraphqlClient(app.url, secret).run<{ issueClientToken: { token: string } }>(
      'mutation ($id: ID!) { issueClientToken(input: { messageId: $id }) { token } }',
      { id: own.id },
    );
    const { token } = issueClientToken;
    const [watching, all, other] = [subscriberWith(token), subscriberWith(token), subscriberWith(token)];
    const held = await watching.watchOne(own.id).untilStatus('HELD');
    expect(held).toMatchObject({ id: own.id, text: null, sentText: null });
    await other.watchOne(foreign.id).until(() => other.over);
    expect(other.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    all.watchAll();
    // It stands once it sees something: from then on it would see the other message too.
    for (let minute = 1; all.seen.length === 0; minute += 1)
      await reschedule(
        tenant.gql,
        own.id,
        new Date(app.clock.now().getTime() + 86_400_000 + minute * 60_000).toISOString(),
      );
    await cancel(tenant.gql, foreign.id);
    await cancel(tenant.gql, own.id);
    await watching.untilStatus('CANCELLED');
    await all.untilStatus('CANCELLED');
    expect(new Set(all.seen.map(message => message.id))).toEqual(new Set([own.id]));
    await tenant.gql.run('mutation ($id: ID!) { revokeApiKey(id: $id) { id } }', { id });
    await watching.until(() => watching.closed.length > 0);
    expect(watching.closed).toEqual([{ code: 4401, reason: 'UNAUTHENTICATED' }]);
  });

  test('shows nothing to an administrator of the platform, who has no messages', async () => {
    const watching = subscriberWith(app.admin.key).watchAll();
    await watching.until(() => watching.over);
    expect(watching.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});

describe('what is asked for over a socket', () => {
  test.for([
    ['a query', '{ viewer { scopes } }', 'BAD_USER_INPUT', 'send a query by HTTP POST'],
    ['a mutation', 'mutation { addOptOut(phoneNumber: "0612345678") { source } }', 'BAD_USER_INPUT', 'HTTP POST'],
    ['no GraphQL', 'subscription {', 'BAD_USER_INPUT', 'Syntax Error'],
    ['an unknown field', 'subscription { messageChanged { nonsense } }', 'BAD_USER_INPUT', 'Cannot query field'],
    ['two root fields', 'subscription { a: messageChanged { id } b: messageChanged { id } }', 'BAD_USER_INPUT', 'one'],
  ] as const)('is refused where it is %s', async ([, query, code, why]) => {
    const watching = subscriberWith(tenant.key).ask(query);
    await watching.until(() => watching.over);
    expect(watching.errors).toMatchObject([{ message: expect.stringContaining(why), extensions: { code } }]);
    expect(watching.errors[0]?.extensions.requestId).toMatch(/^[\da-f-]{36}$/);
  });

  test('is bound by the limits of HTTP', async () => {
    const nodes = 'deliveries(first: 500) { nodes { id status phoneNumber errorCode errorMessage cost updatedAt } }';
    const query = `subscription { messageChanged { ${Array.from({ length: 30 }, (_, index) => `a${index}: ${nodes}`).join(' ')} } }`;
    const watching = subscriberWith(tenant.key).ask(query);
    await watching.until(() => watching.over);
    expect(watching.errors).toMatchObject([
      {
        message: expect.stringContaining('too large'),
        extensions: { code: 'BAD_USER_INPUT', reason: 'OPERATION_TOO_LARGE' },
      },
    ]);
  });

  test('is refused where a variable is none', async () => {
    const query = 'subscription ($id: ID!) { messageChanged(id: $id) { id } }';
    const watching = subscriberWith(tenant.key).ask(query, { id: { not: 'an id' } });
    await watching.until(() => watching.over);
    expect(watching.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test('is a hundred subscriptions at most', async () => {
    const watching = subscriberWith(tenant.key);
    for (let index = 0; index < 101; index += 1) watching.ask(WATCH_ALL);
    await watching.until(() => watching.errors.length > 0);
    expect(watching.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
    expect(watching.closed).toEqual([]);
  });
});

/** With what code a socket is closed that says this. */
async function spoken(message: string): Promise<unknown> {
  const socket = new WebSocket(socketUrl(app.url), 'graphql-transport-ws');
  await once(socket, 'open');
  const closed = once(socket, 'close');
  socket.send(message);
  return (await closed)[0];
}

describe('what speaks to the sockets’ port', () => {
  test('on another path is answered 404 and let go', async () => {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/elsewhere`, 'graphql-transport-ws');
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('404');
  });

  test('and asks for an upgrade by hand is let go as well', async () => {
    const { port } = new URL(app.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
    let answer = '';
    socket.on('data', (data: Buffer) => (answer += data.toString()));
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  });

  test('without graphql-transport-ws is closed (4406)', async () => {
    const socket = new WebSocket(socketUrl(app.url));
    const [code] = await once(socket, 'close');
    expect(code).toBe(4406);
  });

  test('with nonsense is closed (4400), with a message of megabytes too (1009)', async () => {
    expect(await spoken('nonsense')).toBe(4400);
    expect(await spoken('x'.repeat(1_000_000))).toBe(1009);
    expect(await spoken(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: WATCH_ALL } }))).toBe(4401);
  });

  test('and says nothing is closed after three seconds (4408)', async () => {
    const socket = new WebSocket(socketUrl(app.url), 'graphql-transport-ws');
    const [code] = await once(socket, 'close');
    expect(code).toBe(4408);
  });
});
