import { serverAudits } from 'graphql-http';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

let app: TestApp;
let tenant: TestTenant;
beforeAll(async () => {
  app = await appAt('2026-01-06T09:00:00Z');
  tenant = await app.tenant();
});
afterAll(() => app.close());

/**
 * GET that any page of any site can cause, without a header that makes the browser ask first: what MAY be allowed and is
 * not, because it would let a foreign page ask (CSRF). With such a header GET works; see below.
 */
const REFUSED_ON_PURPOSE = new Set(['5A70', 'D6D5', '6A70']);

describe('the audits of graphql-http', () => {
  const audits = serverAudits({ url: () => `${app.url}/graphql` });

  test('are all there', () => {
    expect(audits.length).toBeGreaterThanOrEqual(60);
  });

  test.for(audits.map(audit => [audit.id, audit.name, audit] as const))('%s %s', async ([id, , audit]) => {
    const { status, ...rest } = await audit.fn();
    const reason = 'reason' in rest ? rest.reason : '';
    expect({ status, reason }).toEqual(
      REFUSED_ON_PURPOSE.has(id) ? { status: 'notice', reason: expect.any(String) } : { status: 'ok', reason: '' },
    );
  });
});

interface Told {
  readonly status: number;
  readonly type: string;
  readonly allow: string | undefined;
  readonly body: string;
}

async function ask(options: {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}): Promise<Told> {
  const { method = 'POST', path = '/graphql', headers = {}, body } = options;
  const answer = await request(`${app.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${tenant.key}`, ...headers },
    ...(body !== undefined && { body }),
  });
  const allow = answer.headers['allow'];
  return {
    status: answer.statusCode,
    type: String(answer.headers['content-type']),
    allow: typeof allow === 'string' ? allow : undefined,
    body: await answer.body.text(),
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const MODERN = { ...JSON_TYPE, accept: 'application/graphql-response+json' };
const posted = (query: string, variables = {}): string => JSON.stringify({ query, variables });
const SEND = 'mutation { sendSms(input: { to: ["+33612345678"], text: "x" }) { __typename } }';
const oneError = (reason: string) => ({
  errors: [
    { message: expect.any(String), extensions: { code: 'BAD_USER_INPUT', reason, requestId: expect.any(String) } },
  ],
});

describe('statuses', () => {
  const TOO_MANY = `{ ${Array.from({ length: 51 }, (_, i) => `a${i}: viewer { scopes }`).join(' ')} }`;

  test.for([
    ['a document that cannot be parsed', posted('{'), 200, 400],
    ['a document that is not valid', posted('{ nonsense }'), 200, 400],
    [
      'an operation that is not there',
      JSON.stringify({ query: 'query A { viewer { scopes } }', operationName: 'B' }),
      200,
      400,
    ],
    [
      'a variable of the wrong type',
      posted('query ($n: Int) { messages(first: $n) { nodes { id } } }', { n: 'x' }),
      200,
      400,
    ],
    ['a refusal by a resolver', posted('{ messages(first: 0) { nodes { id } } }'), 200, 200],
    ['an operation that is too large', posted(TOO_MANY), 400, 400],
    ['no query at all', '{"variables":{}}', 400, 400],
    ['no JSON', '{', 400, 400],
    ['nothing', '', 400, 400],
    ['a list of operations', `[${posted('{ viewer { scopes } }')}]`, 400, 400],
  ] as const)('%s', async ([, body, classic, modern]) => {
    const old = await ask({ headers: JSON_TYPE, body });
    expect([old.status, old.type.split(';')[0]]).toEqual([classic, 'application/json']);
    const young = await ask({ headers: MODERN, body });
    expect([young.status, young.type.split(';')[0]]).toEqual([modern, 'application/graphql-response+json']);
    for (const answer of [old, young]) expect(JSON.parse(answer.body).errors).toHaveLength(1);
  });

  test('a media type that is not served is 406', async () => {
    const answer = await ask({ headers: { ...JSON_TYPE, accept: 'text/csv' }, body: posted('{ viewer { scopes } }') });
    expect(answer.status).toBe(406);
  });

  test.for(['PUT', 'DELETE'] as const)('%s is 405 and says what is allowed', async method => {
    const answer = await ask({ method, headers: JSON_TYPE, body: posted('{ viewer { scopes } }') });
    expect(answer).toMatchObject({ status: 405, allow: 'GET, POST' });
    expect(JSON.parse(answer.body)).toEqual(oneError('METHOD_NOT_ALLOWED'));
  });
});

describe('what another site’s page could cause is refused', () => {
  const query = `/graphql?query=${encodeURIComponent('{ viewer { scopes } }')}`;

  test.for([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['text/plain; application/json'],
    ['application/graphql'],
    [''],
  ])('a POST as "%s", even with a header that asks for it', async ([type]) => {
    const headers = { ...(type !== '' && { 'content-type': type }), 'apollo-require-preflight': 'yes' };
    const answer = await ask({ headers, body: posted(SEND) });
    expect(answer.status).toBe(415);
    expect(JSON.parse(answer.body)).toEqual(oneError('UNSUPPORTED_MEDIA_TYPE'));
    expect(answer.body).toContain('Content-Type: application/json');
  });

  test('a GET without a header that makes the browser ask first, and how to give one is told', async () => {
    const answer = await ask({ method: 'GET', path: query });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('apollo-require-preflight');
    expect(await ask({ method: 'GET', path: query, headers: JSON_TYPE })).toMatchObject({ status: 200 });
  });

  test('a mutation by GET, whatever its headers', async () => {
    const path = `/graphql?query=${encodeURIComponent(SEND)}`;
    for (const headers of [JSON_TYPE, { 'apollo-require-preflight': 'yes' }]) {
      expect(await ask({ method: 'GET', path, headers })).toMatchObject({ status: 405, allow: 'POST' });
    }
    expect(await app.sql('select id from messages')).toEqual([]);
  });
});

test('a list of operations is refused with how to do it instead, and none of them runs', async () => {
  const answer = await ask({ headers: JSON_TYPE, body: `[${posted(SEND)},${posted(SEND)}]` });
  expect(JSON.parse(answer.body)).toEqual(oneError('BATCHING'));
  expect(answer.body).toContain('Send each by itself');
  expect(await app.sql('select id from messages')).toEqual([]);
});

test('introspection is on by default, and off where it is configured so, suggestions included', async () => {
  expect(await tenant.gql.run('{ __schema { queryType { name } } }')).toMatchObject({ __schema: {} });
  const closed = await appAt('2026-01-06T09:00:00Z', { env: { GRAPHQL_INTROSPECTION: 'false' } });
  try {
    const { gql } = await closed.tenant();
    for (const document of ['{ __schema { queryType { name } } }', '{ __type(name: "Query") { name } }']) {
      const { data, errors } = await gql.ask(document);
      expect(data).toBeNull();
      expect(errors[0]?.message).toContain('introspection has been disabled');
    }
    expect((await gql.ask('{ viewr { scopes } }')).errors[0]?.message).not.toContain('viewer');
    expect(await gql.run('{ viewer { __typename } }')).toEqual({ viewer: { __typename: 'Viewer' } });
  } finally {
    await closed.close();
  }
});
