import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../support/built-relais.js';
import { accepted, type MessageView } from '../support/messages.js';
import { listenOnLoopback } from '../support/smspartner-stub.js';
import { socketUrl } from '../support/subscriber.js';
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
  app = await appAt('2026-01-06T09:00:00Z', { env: { CORS_ORIGINS: `https://other.example, ${origin}` } });
  page = page.replace('http://localhost:3000', app.url);
  tenant = await app.tenant();
  message = await accepted(tenant.gql, { text: 'Code 4711' });
  await app.tick();
});
afterAll(async () => {
  for (const socket of sockets) socket.terminate();
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

/** A browser's WebSocket, which tells the server from which page it comes; all that this page opens. */
const sockets: PageSocket[] = [];
class PageSocket extends WebSocket {
  constructor(url: string, protocol: string) {
    super(url, protocol, { origin });
    sockets.push(this);
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
  await run({ querySelector: () => element }, asBrowser, PageSocket);
  return element;
}

describe('the page in the README', () => {
  test('is served, holds no key, and shows what the message is now', async () => {
    const html = await (await fetch(origin)).text();
    expect(html).toContain('<!doctype html>');
    expect(html).not.toContain('rk_');
    expect((await open(html)).textContent).toBe('SENT: 0 delivered, 0 waiting');
  });

  test('follows it live', async () => {
    const element = await open(page);
    const socket = sockets.at(-1);
    await eventually(() => socket?.readyState === WebSocket.OPEN, 10);
    expect(element.textContent).toBe('SENT: 0 delivered, 0 waiting');
    app.clock.advance({ seconds: 5 });
    await app.tick();
    await eventually(() => element.textContent === 'COMPLETED: 1 delivered, 0 waiting', 10);
  });

  test('is closed to where its token is over', async () => {
    await open(page);
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error('no socket');
    await eventually(() => socket.readyState === WebSocket.OPEN, 10);
    const closed = once(socket, 'close');
    app.clock.advance({ seconds: 901 });
    expect((await closed)[0]).toBe(4401);
  });

  test('of an origin that is not named opens no socket', async () => {
    const socket = new WebSocket(socketUrl(app.url), 'graphql-transport-ws', { origin: 'https://evil.example' });
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('403');
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
