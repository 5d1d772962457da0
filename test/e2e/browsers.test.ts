import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appAt, type TestApp } from '../support/test-app.js';

const FRONT_END = 'https://app.example.com';
const ENV = { CORS_ORIGINS: `${FRONT_END}, http://localhost:5173`, PUBLIC_URL: 'https://sms.example.com' };

let open: TestApp;
let closed: TestApp;
beforeAll(async () => {
  open = await appAt('2026-01-06T09:00:00Z', { env: ENV });
  closed = await appAt('2026-01-06T09:00:00Z');
});
afterAll(async () => {
  await open.close();
  await closed.close();
});

type Headers = Readonly<Record<string, string | string[] | undefined>>;

async function headersOf(
  app: TestApp,
  path: string,
  options: { readonly method?: 'GET' | 'POST' | 'OPTIONS'; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly status: number; readonly headers: Headers }> {
  const { statusCode, headers, body } = await request(`${app.url}${path}`, { method: 'GET', ...options });
  await body.dump();
  return { status: statusCode, headers };
}

const preflight = (app: TestApp, path: string, origin: string) =>
  headersOf(app, path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });

const corsIn = (headers: Headers): readonly string[] =>
  Object.keys(headers).filter(name => name.startsWith('access-control-allow-origin'));

describe('front ends of other origins', () => {
  test('those listed may ask at /graphql, with a key and no cookie; the browser asks for leave every two hours', async () => {
    for (const origin of [FRONT_END, 'http://localhost:5173']) {
      const { status, headers } = await preflight(open, '/graphql', origin);
      expect(status).toBe(204);
      expect(headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': expect.stringContaining('authorization'),
        'access-control-max-age': '7200',
      });
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
      const answer = await headersOf(open, '/graphql?query={__typename}', {
        headers: { origin, 'apollo-require-preflight': 'yes' },
      });
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'x-request-id, retry-after',
        vary: expect.stringMatching(/origin/i),
      });
    }
  });

  test.for([
    'https://evil.example',
    'null',
    'https://app.example.com.evil.example',
    'https://APP.example.com',
    'http://app.example.com',
    'https://app.example.com:8443',
    '*',
  ])('%s may not', async origin => {
    expect(corsIn((await preflight(open, '/graphql', origin)).headers)).toEqual([]);
    const { headers } = await headersOf(open, '/graphql?query={__typename}', { headers: { origin } });
    expect(corsIn(headers)).toEqual([]);
  });

  test.for(['/v1/send', '/v1/me', '/metrics', '/callbacks/receipts/x', '/graphiql/start.js', '/graphqlx', '/nowhere'])(
    'nowhere but at /graphql: %s',
    async path => {
      expect(corsIn((await preflight(open, path, FRONT_END)).headers)).toEqual([]);
      expect(corsIn((await headersOf(open, path, { headers: { origin: FRONT_END } })).headers)).toEqual([]);
    },
  );

  test('none is allowed where none is configured', async () => {
    expect(corsIn((await preflight(closed, '/graphql', FRONT_END)).headers)).toEqual([]);
  });

  test('a refusal at the door carries them too, so that a front end can read it', async () => {
    const { status, headers } = await headersOf(open, '/graphql', { method: 'POST', headers: { origin: FRONT_END } });
    expect(status).toBe(415);
    expect(headers['access-control-allow-origin']).toBe(FRONT_END);
  });
});

describe('security headers', () => {
  const PATHS = ['/graphql', '/v1/me', '/metrics', '/callbacks/receipts/x', '/nowhere', '/graphiql/start.js'];

  test.for(PATHS)('stand on every answer, and forbid everything where nothing is a page: %s', async path => {
    const { headers } = await headersOf(closed, path);
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  });

  test('browsers are told to come by https only where the public address is https', async () => {
    expect((await headersOf(open, '/nowhere')).headers['strict-transport-security']).toBe('max-age=31536000');
    expect((await headersOf(closed, '/nowhere')).headers).not.toHaveProperty('strict-transport-security');
  });

  test('no answer of GraphQL is kept by a cache on the way', async () => {
    const { headers } = await headersOf(closed, '/graphql?query={__typename}', {
      headers: { 'apollo-require-preflight': 'yes' },
    });
    expect(headers['cache-control']).toBe('no-store');
  });

  test('GraphiQL has a policy under which its page works: scripts of its own and none written into it', async () => {
    const page = await request(`${closed.url}/graphql`, { headers: { accept: 'text/html' } });
    const html = await page.body.text();
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self' 'unsafe-inline'");
    expect(policy).toContain("connect-src 'self'");
    expect(html).not.toMatch(/<script(?![^>]* src="\/)/);
    expect(html).not.toMatch(/\son[a-z]+=/);
    const scripts = [...html.matchAll(/<script src="([^"]+)"/g)].map(([, path = '']) => path);
    expect(scripts).toHaveLength(4);
    for (const path of scripts) {
      const script = await request(`${closed.url}${path}`);
      expect(script.headers['content-type']).toContain('text/javascript');
      // What evaluates would be blocked.
      expect(await script.body.text()).not.toMatch(/\beval\(|new Function\(/);
    }
  });
});
