import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BuiltRelais, emptyFolder } from '../support/built-relais.js';
import { createDatabase, query, type TestDatabase } from '../support/database.js';
import { GraphqlClient } from '../support/graphql-client.js';

// Letters and digits alone, as a GraphQL name may have them.
const ADMIN_API_KEY = `rk_${randomBytes(40).toString('hex').slice(0, 43)}`;

let database: TestDatabase;
let folder: Awaited<ReturnType<typeof emptyFolder>>;
let relais: BuiltRelais;
let url: string;
let admin: GraphqlClient;
let key: string;
let token: string;
beforeAll(async () => {
  database = await createDatabase();
  folder = await emptyFolder();
  relais = BuiltRelais.run(folder.path, {
    DATABASE_URL: database.ownerUrl,
    MASTER_KEY: randomBytes(32).toString('base64'),
    ADMIN_API_KEY,
    LOG_LEVEL: 'trace',
    AUTH_FAILURES_PER_SECOND: '0',
  });
  url = await relais.up();
  admin = new GraphqlClient(url, ADMIN_API_KEY);
  const { tenants } = await admin.run<{ tenants: { nodes: { id: string }[] } }>('{ tenants { nodes { id } } }');
  const issued = await admin.run<{ issueApiKey: { secret: string } }>(
    'mutation ($id: ID!) { issueApiKey(input: { tenantId: $id, name: "x", scopes: [SEND, READ, MANAGE] }) { secret } }',
    { id: tenants.nodes[0]?.id },
  );
  key = issued.issueApiKey.secret;
  const client = new GraphqlClient(url, key);
  token = (
    await client.run<{ issueClientToken: { token: string } }>(
      'mutation { issueClientToken(input: { tag: "x" }) { token } }',
    )
  ).issueClientToken.token;
});
afterAll(async () => {
  await relais.stop();
  await folder.remove();
  await database.drop();
});

interface Try {
  readonly what: string;
  readonly answer: string;
}

type Asking = Parameters<typeof request>[1] & { readonly headers?: Readonly<Record<string, string>> };

async function ask(path: string, options: Asking = {}): Promise<Try> {
  const what = `${options.method ?? 'GET'} ${path} ${typeof options.body === 'string' ? options.body : ''}`;
  const response = await request(`${url}${path}`, options);
  return { what, answer: `${JSON.stringify(response.headers)}${await response.body.text()}` };
}

const json = { 'content-type': 'application/json' };
const graphql = (body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Try> =>
  ask('/graphql', { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });
const authorized = (body: unknown): Promise<Try> => graphql(body, { authorization: `Bearer ${key}` });

const SEND =
  'mutation ($input: SendSmsInput!) { sendSms(input: $input) { __typename ... on Refusal { code message } ... on InvalidSms { problems { path code message } } } }';
const SMS = { to: ['+33612345678'], text: 'x' };

/** A secret where a GraphQL client could put it by mistake. */
function graphqlEdges(secret: string): Promise<Try>[] {
  const inputs = [
    'to',
    'text',
    'sender',
    'category',
    'route',
    'tag',
    'unicode',
    'territory',
    'receiptUrl',
    'replyUrl',
    'validitySeconds',
    'idempotencyKey',
    secret,
  ];
  const literals = [
    `{ message(id: "${secret}") { id } }`,
    `{ message(id: ${secret}) { id } }`,
    `{ messageByNumber(number: "${secret}") { id } }`,
    `{ messages(filter: { tag: "${secret}", phoneNumber: "${secret}" }) { nodes { id } } }`,
    `{ messages(after: "${secret}") { nodes { id } } }`,
    `{ messages(filter: { createdAfter: "${secret}" }) { nodes { id } } }`,
    `{ ${secret} }`,
    `query ${secret} { viewer { ${secret} } }`,
    `query ${secret} { ${secret}: messages(after: "x") { nodes { id } } }`,
    `{ viewer(${secret}: 1) { scopes } }`,
    `query ($x: ${secret}) { viewer { scopes } }`,
    `{ viewer { scopes } # ${secret}\n "${secret}`,
    `{ sendWindow(territory: ${secret}) { open } }`,
    `{ tenant(id: "${secret}") { id } }`,
    `{ auditTrail(tenantId: "${secret}") { nodes { id } } }`,
    `mutation { revokeApiKey(id: "${secret}") { id } }`,
    `mutation { rotateApiKey(id: "${secret}", overlapSeconds: "${secret}") { secret } }`,
    `mutation { addOptOut(phoneNumber: "${secret}") { source } }`,
    `mutation { issueApiKey(input: { name: "x", scopes: [READ], allowedIps: ["${secret}"] }) { apiKey { id } } }`,
    `mutation { issueApiKey(input: { name: "x", scopes: [${secret}] }) { apiKey { id } } }`,
    `mutation { issueClientToken(input: { messageId: "${secret}" }) { expiresAt } }`,
    `mutation { issueClientToken(input: { tag: "${secret}" }) { expiresAt } }`,
    `mutation { creditTenant(id: "${secret}", amount: "${secret}", reason: "x", idempotencyKey: "${secret}") { id } }`,
  ];
  return [
    ...inputs.flatMap(field => [
      authorized({ query: SEND, variables: { input: { ...SMS, [field]: secret } } }),
      authorized({ query: SEND, variables: { input: { ...SMS, [field]: [secret] } } }),
    ]),
    ...literals.map(document => authorized({ query: document })),
    ...literals.map(document => graphql({ query: document }, { authorization: `Bearer ${ADMIN_API_KEY}` })),
    authorized({ query: '{ viewer { scopes } }', operationName: secret }),
    authorized({ query: '{ viewer { scopes } }', variables: secret }),
    authorized({ query: secret }),
    authorized({ [secret]: secret }),
    authorized([{ query: `{ ${secret} }` }]),
    ...[`Bearer ${secret} ${secret}`, `Basic ${secret}`, secret, `bearer x${secret}`, `Bearer ${secret}x`].map(
      authorization => graphql({ query: '{ viewer { scopes } }' }, { authorization }),
    ),
    graphql(
      { query: '{ viewer { scopes } }' },
      { 'x-api-key': secret, cookie: `key=${secret}`, origin: secret, referer: secret },
    ),
    ask('/graphql', { method: 'POST', headers: json, body: `{"query": ${secret}` }),
    ask('/graphql', { method: 'POST', headers: { 'content-type': secret }, body: secret }),
    ask('/graphql', { method: 'PUT', headers: { authorization: secret }, body: secret }),
    ask(`/graphql?query=${encodeURIComponent(`{ ${secret} }`)}&apiKey=${secret}`, {
      headers: { 'apollo-require-preflight': '1' },
    }),
    ask(`/graphql/${secret}?token=${secret}`),
  ];
}

const CALLS = [
  'send',
  'bulk-send',
  'message-cancel',
  'message-status',
  'multi-status',
  'bulk-status',
  'bulk-status-by-tag',
  'me',
  'stop-sms/list',
  'stop-sms/add',
  'stop-sms/delete',
];
const FIELDS = [
  'apiKey',
  'phoneNumbers',
  'phoneNumber',
  'message',
  'gamme',
  'sender',
  'tag',
  'scheduledDeliveryDate',
  'time',
  'minute',
  'urlDlr',
  'urlResponse',
  'isStopSms',
  'isUnicode',
  'sandbox',
  'messageId',
  'id',
  'page',
];

/** The same for clients of SMS Partner, JSON and XML. */
function dropInEdges(secret: string): Promise<Try>[] {
  const told = { apiKey: key, phoneNumbers: '0612345678', phoneNumber: '0612345678', message: 'x', sandbox: 1 };
  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    ask(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
  return [
    ...CALLS.flatMap(call =>
      FIELDS.flatMap((field, index) => [
        ask(
          `/v1/${call}?${new URLSearchParams({ apiKey: key, [field]: secret, ...(index % 2 === 0 && { _format: 'xml' }) }).toString()}`,
        ),
        post(`/v1/${call}`, { ...told, [field]: secret }),
      ]),
    ),
    post('/v1/bulk-send', { ...told, SMSList: [{ phoneNumber: secret, message: secret }, { [secret]: secret }] }),
    post('/v1/multi-status', { ...told, SMSStatut_List: [{ phoneNumber: secret, messageId: secret }] }),
    post('/v1/send', told, { 'idempotency-key': secret }),
    post('/v1/send', told, { 'idempotency-key': `${secret}é`.repeat(9) }),
    post('/v1/send', `{"apiKey":"${secret}"`),
    post('/v1/send', `apiKey=${secret}`),
    post(`/v1/send/${secret}?_format=xml`, told),
    ask(`/v1/${secret}`),
    ask(`/v1/me??apiKey=${secret}x`),
    ask(`/v1/%zz${secret}`),
    ask(`/v1/me?apiKey=${secret}`, { method: 'DELETE' }),
  ];
}

const otherEdges = (secret: string): Promise<Try>[] => [
  ask(`/${secret}`),
  ask(`/%zz${secret}`),
  ask(`/graphiql/${secret}`),
  ask(`/metrics?key=${secret}`),
  ask(`/metrics/${secret}`, { method: 'POST', body: secret }),
  ...['receipts', 'replies', secret].flatMap(kind => [
    ask(`/callbacks/${kind}/${secret}`, { method: 'POST', body: secret }),
    ask(`/callbacks/${kind}/x`, { method: 'POST', headers: { 'content-type': secret }, body: `{"x":"${secret}"}` }),
    ask(`/callbacks/${kind}/${secret}`),
  ]),
  raw(`GET /${secret} HTTP/9.9\r\n\r\n`),
  raw(`${secret} / HTTP/1.1\r\nhost: x\r\n\r\n`),
  raw(`GET /v1/me?apiKey=${secret} HTTP/1.1\r\nhost: x\r\n${secret} \r\n\r\n`),
];

/** Bytes that are no HTTP. */
function raw(bytes: string): Promise<Try> {
  return new Promise(resolve => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('utf8').on('data', text => (answer += text));
    socket.on('error', () => undefined).on('close', () => resolve({ what: bytes, answer }));
    socket.end(bytes);
  });
}

describe('a key in a wrong place', () => {
  test.for(['a key', 'an administrator’s key', 'a client token', 'a key that is none'])(
    '%s is repeated by no answer of any edge',
    async which => {
      const secret =
        new Map([
          ['a key', key],
          ['an administrator’s key', ADMIN_API_KEY],
          ['a client token', token],
        ]).get(which) ?? `rk_${randomBytes(32).toString('base64url')}`;
      const tries: Try[] = [];
      for (const edges of [graphqlEdges, dropInEdges, otherEdges]) tries.push(...(await Promise.all(edges(secret))));
      expect(tries.length).toBeGreaterThan(450);
      expect(tries.filter(({ answer }) => answer.includes(secret.slice(4)))).toEqual([]);
    },
  );

  test('is in no log either: of all that, and of a fault of ours with the key among what was being written', async () => {
    await query(database.ownerUrl, 'alter table idempotency_records rename to idempotency_records_gone');
    const named = SEND.replace('mutation', `mutation ${ADMIN_API_KEY}`).replace('sendSms', `${ADMIN_API_KEY}: sendSms`);
    const faults = await Promise.all([
      authorized({ query: named, variables: { input: { ...SMS, idempotencyKey: key } } }),
      authorized({ query: SEND, variables: { input: { ...SMS, idempotencyKey: key } } }),
      ask('/v1/send', {
        method: 'POST',
        headers: { 'idempotency-key': key },
        body: JSON.stringify({ apiKey: key, phoneNumbers: '0612345678', message: key }),
      }),
    ]);
    await query(database.ownerUrl, 'alter table idempotency_records_gone rename to idempotency_records');
    expect(faults.map(({ answer }) => /INTERNAL_SERVER_ERROR|"code":500/.test(answer))).toEqual([true, true, true]);
    for (const secret of [key, ADMIN_API_KEY])
      expect(faults.filter(({ answer }) => answer.includes(secret.slice(4)))).toEqual([]);
    await relais.stop();
    const logged = [...relais.log, relais.stderr].join('\n');
    expect(logged).toMatch(/an unexpected error was answered opaquely/);
    for (const secret of [key, token, ADMIN_API_KEY]) expect(logged).not.toContain(secret.slice(4, 24));
  });
});
