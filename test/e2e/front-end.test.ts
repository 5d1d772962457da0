import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accepted, type MessageView } from '../support/messages.js';
import { listenOnLoopback } from '../support/smspartner-stub.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** The site of the page in README's section "Front ends", on an origin of its own; its back end has the key. */
let site: Server;
let origin: string;
let app: TestApp;
let tenant: TestTenant;
let message: MessageView;
let page: string;

beforeAll(async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  page = /```html\n(<!doctype html>[\s\S]*?)```/.exec(readme)?.[1] ?? '';
  site = createServer((request, response) => {
    const served = request.url === '/sms-token' ? tokenForPage() : Promise.resolve(page);
    void served.then(body => response.end(body));
  });
  origin = `http://127.0.0.1:${await listenOnLoopback(site)}`;
  app = await appAt('2026-01-06T09:00:00Z', { env: { FRONTEND_ORIGINS: `https://other.example, ${origin}` } });
  page = page.replace('http://localhost:3000', app.url);
  tenant = await app.tenant();
  message = await accepted(tenant.gql, { text: 'Code 4711' });
  await app.tick();
});
afterAll(async () => {
  site.close();
  await app.close();
});

async function tokenForPage(): Promise<string> {
  const { issueClientToken } = await tenant.gql.run<{ issueClientToken: { token: string } }>(
    'mutation ($id: ID!) { issueClientToken(input: { messageId: $id }) { token } }',
    { id: message.id },
  );
  return JSON.stringify({ token: issueClientToken.token, messageId: message.id });
}

/** A server of live status as far as the page is concerned: what it says, and what is said to it. */
class Socket {
  static readonly all: Socket[] = [];
  readonly said: { readonly type: string; readonly [field: string]: unknown }[] = [];
  onopen: () => void = () => undefined;
  onmessage: (event: { readonly data: string }) => void = () => undefined;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    Socket.all.push(this);
  }

  send(text: string): void {
    this.said.push(JSON.parse(text));
  }

  hear(said: unknown): void {
    this.onmessage({ data: JSON.stringify(said) });
  }
}

/** What a browser does before it lets a page of another origin ask: the CORS protocol of the Fetch standard. */
async function asBrowser(url: string, options: RequestInit = {}): Promise<Response> {
  const target = new URL(url, origin);
  if (target.origin === origin) return fetch(target, options);
  const wanted = Object.keys(options.headers ?? {}).join(',');
  const asked = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': wanted };
  const preflight = await fetch(target, { method: 'OPTIONS', headers: asked });
  const allowed = preflight.headers.get('access-control-allow-headers')?.split(', ') ?? [];
  const lets = preflight.ok && preflight.headers.get('access-control-allow-origin') === origin;
  if (!lets || !wanted.split(',').every(header => allowed.includes(header))) throw new TypeError('Failed to fetch');
  const answer = await fetch(target, { ...options, headers: { ...headersIn(options), origin } });
  if (answer.headers.get('access-control-allow-origin') !== origin) throw new TypeError('Failed to fetch');
  return answer;
}

const headersIn = ({ headers }: RequestInit): Record<string, string> => Object.fromEntries(new Headers(headers));

/** Runs the page's script with what a browser gives it; answers its element as it changes. */
async function open(html: string): Promise<{ textContent: string }> {
  const script = /<script type="module">([\s\S]*)<\/script>/.exec(html)?.[1] ?? '';
  const element = { textContent: '…' };
  const names = ['document', 'fetch', 'WebSocket'];
  // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-type-assertion -- the script is our README's, which is what is tested
  const run = new Function(...names, `return (async () => {${script}})();`) as (...given: unknown[]) => Promise<void>;
  await run({ querySelector: () => element }, asBrowser, Socket);
  return element;
}

describe('the page in the README', () => {
  test('is served, holds no key, and shows what the message is now', async () => {
    const html = await (await fetch(origin)).text();
    expect(html).toContain('<!doctype html>');
    expect(html).not.toContain('rk_');
    expect((await open(html)).textContent).toBe('SENT: 0 delivered, 0 waiting');
  });

  test('follows it live: connects with the token, subscribes to the message, answers pings, shows what comes', async () => {
    const element = await open(page);
    const socket = Socket.all.at(-1);
    expect([socket?.url, socket?.protocol]).toEqual([
      `${app.url.replace('http', 'ws')}/graphql`,
      'graphql-transport-ws',
    ]);
    socket?.onopen();
    expect(socket?.said).toEqual([
      { type: 'connection_init', payload: { authorization: expect.stringMatching(/^Bearer rct_/) } },
    ]);
    socket?.hear({ type: 'connection_ack' });
    expect(socket?.said[1]).toMatchObject({ type: 'subscribe', payload: { variables: { id: message.id } } });
    socket?.hear({ type: 'ping' });
    expect(socket?.said[2]).toEqual({ type: 'pong' });
    const changed = { status: 'COMPLETED', counts: { delivered: 1, waiting: 0 } };
    socket?.hear({ type: 'next', id: '1', payload: { data: { messageChanged: changed } } });
    expect(element.textContent).toBe('COMPLETED: 1 delivered, 0 waiting');
  });

  test('of an origin that is not named reads nothing', async () => {
    for (const foreign of ['https://evil.example', 'null']) {
      for (const method of ['OPTIONS', 'POST']) {
        const answer = await fetch(`${app.url}/graphql`, {
          method,
          headers: { origin: foreign, 'content-type': 'application/json' },
          ...(method === 'POST' && { body: '{"query":"{ __typename }"}' }),
        });
        expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      }
    }
  });

  test('reads refusals too, and how long to wait', async () => {
    const answer = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json', authorization: 'Bearer rct_x' },
      body: '{"query":"{ messages { nodes { id } } }"}',
    });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-expose-headers')).toContain('retry-after');
    expect(answer.headers.get('vary')).toContain('Origin');
  });
});
