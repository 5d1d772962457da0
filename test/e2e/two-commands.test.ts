import { randomBytes } from 'node:crypto';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  BuiltRelais,
  emptyFolder,
  eventually,
  paste,
  postgresPid,
  postgresRuns,
  processesOn,
} from '../support/built-relais.js';
import { freePort } from '../support/chaos/free-port.js';
import { GraphqlClient } from '../support/graphql-client.js';

let folder: string;
let remove: () => Promise<void>;
let started: BuiltRelais[];

beforeEach(async () => {
  ({ path: folder, remove } = await emptyFolder());
  started = [];
});

afterEach(async () => {
  await Promise.all(started.map(relais => relais.stop('SIGTERM')));
  await eventually(async () => (await processesOn(folder)).length === 0, 20);
  await remove();
});

function run(env: Readonly<Record<string, string>> = {}, args: readonly string[] = []): BuiltRelais {
  const relais = BuiltRelais.run(folder, env, args);
  started.push(relais);
  return relais;
}

interface Seen {
  readonly id: string;
  readonly status: string;
  readonly deliveries: { readonly nodes: readonly { readonly status: string }[] };
}

const LAST = '{ messages(first: 100) { nodes { id status deliveries { nodes { status } } } } }';

const lastOf = async (gql: GraphqlClient): Promise<readonly Seen[]> =>
  (await gql.run<{ messages: { nodes: Seen[] } }>(LAST)).messages.nodes;

async function send(gql: GraphqlClient, to: string, at: Date | null = null): Promise<string> {
  const [field, input] =
    at === null ? (['sendSms', 'SendSmsInput'] as const) : (['scheduleSms', 'ScheduleSmsInput'] as const);
  const answer = await gql.run<Record<string, { id?: string; message?: string }>>(
    `mutation ($input: ${input}!) { ${field}(input: $input) { ... on Message { id } ... on Refusal { message } } }`,
    { input: { to: [to], text: 'A secret text', category: 'TRANSACTIONAL', ...(at !== null && { at }) } },
  );
  const sent = answer[field];
  if (sent?.id === undefined) throw new Error(sent?.message);
  return sent.id;
}

const completed = (message: Seen | undefined): boolean =>
  message?.status === 'COMPLETED' && message.deliveries.nodes.every(({ status }) => status === 'DELIVERED');

test('the first run prints what to paste; pasted, it sends an SMS and shows it delivered', async () => {
  const relais = run();
  const address = await relais.up();
  expect(address).toMatch(/^http:\/\/localhost:\d+$/);
  expect(relais.key('Administrator key')).toMatch(/^rk_[A-Za-z0-9_-]{43}$/);
  expect(relais.key('Demo tenant key')).toMatch(/^rk_[A-Za-z0-9_-]{43}$/);
  // What a person sees first is the banner.
  expect(relais.stdout.trimStart()).toMatch(/^Relais is up/);
  expect(relais.commands).toHaveLength(2);
  const [sendIt = '', lookAtIt = ''] = relais.commands;
  expect(await paste(sendIt)).toMatchObject({ data: { sendSms: { status: 'QUEUED', parts: 1, cost: '0.0450' } } });
  const look = async (): Promise<Seen | undefined> =>
    (await paste<{ data: { messages: { nodes: Seen[] } } }>(lookAtIt)).data.messages.nodes[0];
  await eventually(async () => completed(await look()), 15);
  expect(await look()).toMatchObject({ status: 'COMPLETED', deliveries: { nodes: [{ status: 'DELIVERED' }] } });
  const admin = new GraphqlClient(address, relais.key('Administrator key'));
  expect(await admin.run('{ viewer { scopes } }')).toEqual({ viewer: { scopes: ['ADMIN'] } });
  // Nothing but the data folder, whose secrets only its owner reads.
  expect(await readdir(join(folder, 'home'))).toEqual([]);
  expect((await stat(join(folder, 'data', 'master.key'))).mode & 0o077).toBe(0);
  expect((await stat(join(folder, 'data', 'postgres.password'))).mode & 0o077).toBe(0);
});

test('GraphiQL and all it loads come from Relais itself', async () => {
  const address = await run().up();
  const page = await request(`${address}/graphql`, { headers: { accept: 'text/html' } });
  const html = await page.body.text();
  expect(page.headers['content-type']).toContain('text/html');
  expect(html).not.toMatch(/(https?:)?\/\/[a-z]/i);
  const assets = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);
  expect(assets.toSorted()).toEqual(
    ['graphiql.css', 'graphiql.js', 'react-dom.js', 'react.js', 'start.js'].map(name => `/graphiql/${name}`),
  );
  for (const path of assets) {
    const asset = await request(`${address}${path}`);
    expect([path, asset.statusCode, (await asset.body.text()).length > 300]).toEqual([path, 200, true]);
  }
  // A browser refuses to send a header beyond Latin-1, and GraphiQL sends its example header at once.
  const start = await (await request(`${address}/graphiql/start.js`)).body.text();
  expect(/defaultHeaders: (.*)/.exec(start)?.[1]).toMatch(/^[ -~]+$/);
  expect((await request(`${address}/graphiql/package.json`)).statusCode).toBe(404);
});

test('a restart keeps messages and keys, and prints no key again', async () => {
  const first = run();
  const demoKey = await first.up().then(() => first.key('Demo tenant key'));
  const id = await send(new GraphqlClient(await first.up(), demoKey), '+33612345678');
  expect(await first.stop('SIGINT')).toEqual({ code: 0, signal: null });
  const second = run();
  const gql = new GraphqlClient(await second.up(), demoKey);
  expect((await lastOf(gql)).map(message => message.id)).toEqual([id]);
  expect(second.stdout).not.toMatch(/rk_[\w-]{43}/);
  expect(second.commands).toHaveLength(2);
  for (const command of second.commands) expect(command).toContain('Bearer rk_YOUR_KEY');
  // Its port is another one, and the simulator calls back at that.
  const later = await send(gql, '+33612345679');
  await eventually(async () => completed((await lastOf(gql)).find(message => message.id === later)), 15);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s, even twice, stops Relais and PostgreSQL cleanly', async signal => {
  const relais = run();
  await relais.up();
  expect(postgresRuns(folder)).toBe(true);
  // npm passes on the Ctrl-C that the terminal has sent already.
  relais.signal(signal);
  expect(await relais.stop(signal)).toEqual({ code: 0, signal: null });
  expect(relais.stderr).toBe('');
  expect(postgresRuns(folder)).toBe(false);
  expect(await processesOn(folder)).toEqual([]);
});

test('Ctrl-C during the start ends it cleanly, and what it made is whole', async () => {
  const relais = run();
  await eventually(() => postgresRuns(folder), 30);
  expect(await relais.stop('SIGINT')).toEqual({ code: 0, signal: null });
  expect(postgresRuns(folder)).toBe(false);
  // The keys are told once, so a run that made them tells them even when it is already asked to stop.
  const key = relais.key('Demo tenant key');
  const address = await run().up();
  expect(await new GraphqlClient(address, key).run('{ viewer { tenant { balance } } }')).toEqual({
    viewer: { tenant: { balance: '100.0000' } },
  });
});

test('after kill -9 PostgreSQL stops by itself, and no accepted message is lost or left behind', async () => {
  const first = run({ SIMULATOR_RECEIPT_DELAY_MS: '0' });
  const address = await first.up();
  const key = first.key('Demo tenant key');
  const numbers = Array.from({ length: 30 }, (_, index) => `+336123456${String(index).padStart(2, '0')}`);
  const gql = new GraphqlClient(address, key);
  const scheduled = await send(gql, '+33612345699', new Date(Date.now() + 20_000));
  const accepted = await Promise.all(numbers.map(to => send(gql, to)));
  expect(await first.stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  await eventually(() => !postgresRuns(folder), 15);

  const second = run();
  const again = new GraphqlClient(await second.up(), key);
  const ids = (await lastOf(again)).map(message => message.id);
  expect(ids.toSorted()).toEqual([...accepted, scheduled].toSorted());
  // SENT: the simulator took it, and its receipt died with the process that was to post it.
  const settled = new Set(['COMPLETED', 'UNCONFIRMED', 'SENT']);
  await eventually(async () => (await lastOf(again)).every(message => settled.has(message.status)), 75);
  await eventually(async () => completed((await lastOf(again)).find(message => message.id === scheduled)), 30);
});

test('a start right after kill -9 waits for the server that is still stopping', async () => {
  const first = run();
  await first.up();
  const key = first.key('Demo tenant key');
  await first.stop('SIGKILL');
  const second = run();
  expect(await new GraphqlClient(await second.up(), key).run('{ viewer { scopes } }')).toMatchObject({ viewer: {} });
  expect(await processesOn(folder)).not.toEqual([]);
  expect(await second.stop()).toEqual({ code: 0, signal: null });
  expect(await processesOn(folder)).toEqual([]);
});

test.each([
  ['a dead process', () => 2 ** 22 + 1],
  ['a living process that is no PostgreSQL', () => process.pid],
])('a postmaster.pid left behind by a crash, which names %s, is no obstacle', async (_, pid) => {
  const first = run();
  await first.up();
  await first.stop();
  const file = join(folder, 'data', 'postgres', 'postmaster.pid');
  const lines = [
    pid(),
    join(folder, 'data', 'postgres'),
    1_700_000_000,
    1,
    '',
    '127.0.0.1',
    '  9999999   9',
    'ready   ',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const second = run();
  await second.up();
  expect(await postgresPid(folder)).not.toBe(pid());
});

test('a worker on the same data folder joins the running server and leaves it running when it ends', async () => {
  const api = run({ ROLE: 'api' });
  const address = await api.up();
  const gql = new GraphqlClient(address, api.key('Demo tenant key'));
  const pid = await postgresPid(folder);
  const port = await freePort();
  const worker = run({ ROLE: 'worker', PUBLIC_URL: address, METRICS_PORT: String(port) });
  await worker.up();
  expect(worker.stdout).not.toContain('rk_');
  const id = await send(gql, '+33612345678');
  await eventually(async () => completed((await lastOf(gql)).find(message => message.id === id)), 15);
  const inside = `http://127.0.0.1:${port}`;
  for (const path of ['/healthz', '/readyz']) expect((await request(`${inside}${path}`)).statusCode).toBe(200);
  expect(await (await request(`${inside}/metrics`)).body.text()).toContain(
    'relais_attempts_total{outcome="accepted"} 1',
  );
  expect(await worker.stop()).toEqual({ code: 0, signal: null });
  expect(await postgresPid(folder)).toBe(pid);
  expect(await lastOf(gql)).toHaveLength(1);
});

test('two processes that start at the same moment on an empty folder share one server', async () => {
  const both = [run({ ROLE: 'api' }), run({ ROLE: 'api' })];
  const addresses = await Promise.all(both.map(relais => relais.up()));
  const keys = both.map(relais => relais.key('Demo tenant key')).filter(key => key !== '');
  expect(keys).toHaveLength(1);
  for (const address of addresses) {
    const viewer = await new GraphqlClient(address, keys[0] ?? '').run('{ viewer { tenant { name } } }');
    expect(viewer).toEqual({ viewer: { tenant: { name: 'Demo' } } });
  }
});

test('ADMIN_API_KEY is used and not printed', async () => {
  const ADMIN_API_KEY = `rk_${randomBytes(32).toString('base64url')}`;
  const relais = run({ ADMIN_API_KEY });
  const address = await relais.up();
  expect(relais.stdout).not.toContain(ADMIN_API_KEY);
  expect(relais.stdout).not.toContain('Administrator key');
  expect(await new GraphqlClient(address, ADMIN_API_KEY).run('{ viewer { scopes } }')).toEqual({
    viewer: { scopes: ['ADMIN'] },
  });
});

test('the log holds JSON lines, and never a key, a phone number or a text', async () => {
  const relais = run({ LOG_LEVEL: 'trace' });
  const address = await relais.up();
  const key = relais.key('Demo tenant key');
  const gql = new GraphqlClient(address, key);
  await send(gql, '+33612345678');
  await gql.ask(`{ message(id: "06 12 34 56 78") { id } }`);
  await new GraphqlClient(address, `${key}x`).ask('{ viewer { scopes } }');
  await request(`${address}/callbacks/receipts/${key}`, { method: 'POST', body: '+33612345678 A secret text' });
  await request(`${address}/nowhere/0612345678`);
  await eventually(async () => (await lastOf(gql)).every(completed), 15);
  await relais.stop();
  expect(relais.log.length).toBeGreaterThan(10);
  const log = relais.log.join('\n');
  for (const secret of [/rk_/, /6[ .]?12[ .]?34[ .]?56[ .]?78/, /secret text/]) expect(log).not.toMatch(secret);
  for (const line of relais.log) expect(JSON.parse(line)).toHaveProperty('level');
});

test('the migrate command migrates the embedded database and ends', async () => {
  const first = run({}, ['migrate']);
  expect(await first.ended).toEqual({ code: 0, signal: null });
  expect(first.stdout).toMatch(/^The database is up to date: \d+ migrated\.\n$/);
  const second = run({}, ['migrate']);
  expect(await second.ended).toEqual({ code: 0, signal: null });
  expect(second.stdout).toBe('The database is up to date.\n');
  expect(postgresRuns(folder)).toBe(false);
});
